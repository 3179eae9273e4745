"""Projects keep every address they had; labels are retired, never deleted; the log says so."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.datasets.labels import NewLabel, add_label, labels_of, retire_label
from app.datasets.projects import (
    ProjectPlan,
    archive_project,
    create_project,
    project_by_slug,
    project_named,
    rename_project,
    set_confirmations,
)
from app.db.log import lock_project
from app.db.tables.datasets import Project
from app.db.tables.review import Event
from app.db.words import DataType
from app.errors import Conflict, Invalid, LabelRetired, NotFound
from tests.conftest import NOON


def made(session: Session, name: str = "Support intents") -> Project:
    return create_project(session, ProjectPlan(name, DataType.TEXT, confirmations=1), now=NOON)


def told(session: Session, project: Project) -> list[tuple[str, Any]]:
    events = session.scalars(
        select(Event).where(Event.project_id == project.id).order_by(Event.seq)
    )
    return [(event.kind.value, orjson.loads(event.body)["data"]) for event in events]


def test_slugs_come_from_names_and_are_numbered_on_a_clash(session: Session) -> None:
    slugs = [made(session, name).slug for name in ("Größe & Café", "grosse cafe", "???", "???")]
    assert slugs == ["groe-cafe", "grosse-cafe", "project", "project-2"]
    assert [made(session, "Größe & Café").slug for _ in range(2)] == ["groe-cafe-2", "groe-cafe-3"]


def test_an_old_address_leads_to_the_project_for_ever(session: Session) -> None:
    project = made(session)
    rename_project(lock_project(session, project.id), "Card questions")
    assert project_by_slug(session, "support-intents").slug == "card-questions"
    assert made(session).slug == "support-intents-2"
    rename_project(lock_project(session, project.id), "Support intents")
    assert project_by_slug(session, "support-intents").id == project.id
    assert project_by_slug(session, "card-questions").id == project.id
    with pytest.raises(NotFound):
        project_by_slug(session, "nothing")


def test_a_project_is_found_by_its_name_however_it_is_written(session: Session) -> None:
    project = made(session, "my_set")
    assert project.slug == "my-set"
    for named in ("my-set", "my_set", "my set", "My Set", "MY_SET", " my_set "):
        assert project_named(session, named).id == project.id, named
    cafe = made(session, "Größe & Café")
    assert project_named(session, "größe & cafe").id == cafe.id
    for named in ("my_set_2", "my", "", "_", "myset"):
        with pytest.raises(NotFound):
            project_named(session, named)


def test_two_projects_that_both_fit_are_named(session: Session) -> None:
    first, second = made(session, "Reviews"), made(session, "reviews")
    assert project_named(session, "Reviews").id == first.id, "as it is written"
    assert project_named(session, "reviews-2").id == second.id
    assert project_named(session, "reviews").id == first.id, "an address is one project's alone"
    with pytest.raises(Invalid) as refused:
        project_named(session, "REVIEWS")
    assert "reviews (Reviews), reviews-2 (reviews)" in refused.value.detail
    assert project_named(session, "REVIEWS", among=lambda: {second.id}).id == second.id


def test_names_in_other_scripts_are_not_taken_for_each_other(session: Session) -> None:
    data, voices = made(session, "数据集"), made(session, "音声")
    assert (data.slug, voices.slug) == ("project", "project-2")
    assert project_named(session, "音声").id == voices.id
    with pytest.raises(NotFound):
        project_named(session, "文本")


def test_an_archived_project_keeps_everything(session: Session) -> None:
    project = made(session)
    archive_project(lock_project(session, project.id), archived=True, now=NOON)
    assert project.archived_at == NOON
    archive_project(lock_project(session, project.id), archived=False, now=NOON)
    assert project.archived_at is None


def test_a_policy_is_an_event(session: Session) -> None:
    project = made(session)
    lock = lock_project(session, project.id)
    assert set_confirmations(lock, 2, actor="p1", now=NOON)
    assert not set_confirmations(lock, 2, actor="p1", now=NOON)
    with pytest.raises(Invalid):
        set_confirmations(lock, 3, actor="p1", now=NOON)
    lock.save()
    expected = [("policy", {"confirmations": 1}), ("policy", {"confirmations": 2})]
    assert told(session, project) == expected


def test_labels_are_added_and_retired_in_the_log(session: Session) -> None:
    project = made(session)
    lock = lock_project(session, project.id)
    first = add_label(lock, NewLabel("cat"), actor=None, now=NOON)
    second = add_label(lock, NewLabel("dog", "d"), actor=None, now=NOON)
    with pytest.raises(Conflict):
        add_label(lock, NewLabel("Cat"), actor=None, now=NOON)
    retire_label(lock, first.id, replaced_by=second.id, actor=None, now=NOON)
    with pytest.raises(LabelRetired):
        retire_label(lock, first.id, replaced_by=second.id, actor=None, now=NOON)
    lock.save()
    assert [label.name for label in labels_of(session, project.id)] == ["dog"]
    last = told(session, project)[-1]
    assert last[0] == "schema" and last[1]["revision"] == 3
    assert last[1]["labels"] == [
        {"id": first.id, "name": "cat", "code": "", "replaced_by": second.id},
        {"id": second.id, "name": "dog", "code": "d", "replaced_by": None},
    ]
