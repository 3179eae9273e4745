"""What counts as a wrong label, case by case, on both databases."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from sqlalchemy import Engine, select

from app.audit.wrong import is_wrong, judges_its_label
from app.datasets.labels import retire_label
from app.db.engine import reading, writing
from app.db.log import lock_project
from app.db.tables.audit import AuditKey
from app.db.tables.datasets import Example
from app.db.words import FINAL, Reason, Role, Status, Verdict
from tests.releases.worlds import logged_world
from tests.review.conftest import World


@dataclass(frozen=True)
class Judged:
    wrong: bool
    tells: bool


def judged(world: World) -> dict[int, Judged]:
    """Of every final example, by its place: against the label when the epoch opened."""
    query = (
        select(Example.id, is_wrong(), judges_its_label())
        .join(AuditKey, AuditKey.example_id == Example.id)
        .where(Example.status.in_(FINAL))
    )
    with reading(world.engine) as session:
        rows = session.execute(query).all()
    return {world.examples.index(example): Judged(bool(w), bool(t)) for example, w, t in rows}


def wrong_ones(world: World) -> set[int]:
    return {place for place, one in judged(world).items() if one.wrong}


def retired(world: World, label: int, into: int) -> None:
    with writing(world.engine) as session:
        lock = lock_project(session, world.project_id)
        retire_label(lock, label, replaced_by=into, actor=None, now=world.now)
        lock.save()


def test_confirmed_is_right_and_relabeled_is_wrong(engine: Engine) -> None:
    world = logged_world(engine, examples=6)
    ann = world.person("ann", Role.LEAD)
    world.answer(ann, None, Verdict.CONFIRM, example_id=world.examples[0])
    world.answer(ann, None, Verdict.RELABEL, world.labels[2], example_id=world.examples[1])
    assert judged(world) == {0: Judged(False, True), 1: Judged(True, True)}


@pytest.mark.parametrize("reason", list(Reason), ids=str)
def test_removed_is_wrong_only_where_the_label_was_the_reason(
    engine: Engine, reason: Reason
) -> None:
    world = logged_world(engine, examples=3)
    ann = world.person("ann", Role.LEAD)
    world.answer(ann, None, Verdict.REMOVE, example_id=world.examples[0], reason=reason, note="see")
    wrong = reason in (Reason.NO_LABEL, Reason.SEVERAL_LABELS)
    assert judged(world) == {0: Judged(wrong, wrong)}


def test_labels_are_compared_after_they_were_merged(engine: Engine) -> None:
    """alpha became beta, beta became gamma: only a label beside that line is another one."""
    world = logged_world(engine, examples=6)
    alpha, beta, gamma = world.labels
    ann = world.person("ann", Role.LEAD)
    world.answer(ann, None, Verdict.RELABEL, gamma, example_id=world.examples[0])
    world.answer(ann, None, Verdict.CONFIRM, example_id=world.examples[1])
    world.answer(ann, None, Verdict.RELABEL, alpha, example_id=world.examples[2])
    assert wrong_ones(world) == {0, 2}
    retired(world, alpha, beta)
    assert wrong_ones(world) == {0, 2}
    retired(world, beta, gamma)
    assert wrong_ones(world) == set()


def test_the_given_label_can_be_asked_about_instead(engine: Engine) -> None:
    world = logged_world(engine, examples=3)
    ann = world.person("ann", Role.LEAD)
    world.answer(ann, None, Verdict.RELABEL, world.labels[1], example_id=world.examples[0])
    with reading(engine) as session:
        wrong = select(Example.id).where(
            Example.status == Status.RELABELED, is_wrong(Example.given_label_id)
        )
        assert session.scalars(wrong).all() == [world.examples[0]]
