"""The project of a run: examples, people, an audit epoch, open batches."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Engine, insert, select, update
from sqlalchemy.orm import Session

from app.accounts.membership import Member, join
from app.accounts.people import Newcomer, create_person
from app.accounts.sessions import open_login
from app.actions import batches
from app.audit.epochs import open_epoch
from app.datasets.projects import ProjectPlan, create_project
from app.db.engine import database_now, writing
from app.db.log import lock_project
from app.db.tables.datasets import DataImport, Example, Label, Source
from app.db.words import DataType, ImportState, Role
from app.review.batches.plan import BatchPlan
from bench.acting import caller

LABELS = 4
OWN_SHARE = 0.1  # of the labels, given by the last of the reviewers


@dataclass(frozen=True)
class Person:
    """Somebody who works in the project, with a session to sign requests with."""

    id: int
    pseudonym: str
    name: str
    cookie: str
    csrf: str


@dataclass(frozen=True)
class World:
    project_id: int
    slug: str
    batches: list[int]
    labels: list[int]
    given: dict[int, int | None]  # given labels, as a reviewer sees them in the content
    reviewers: list[Person] = field(default_factory=list)
    lead: Person | None = None


def lead_of(world: World) -> Member:
    lead = world.lead
    assert lead is not None
    return Member(lead.id, lead.pseudonym, lead.name, False, world.project_id, Role.LEAD)


def make_world(engine: Engine, *, examples: int, reviewers: int, seed: int) -> World:
    """Two confirmations, one batch by priority with an audit share, one by label with seconds."""
    rng = random.Random(seed)
    with writing(engine) as session:
        now = database_now(session)
        project = create_project(
            session, ProjectPlan("Chaos", DataType.TEXT, confirmations=2), now=now
        )
        labels = add_labels(session, project.id)
        lead = join_person(session, "Lead", project.id, Role.LEAD, now=now)
        people = join_reviewers(session, project.id, reviewers, now=now)
        given = _labelled(session, project.id, labels, examples, by=people[-1], now=now)
        lock = lock_project(session, project.id)
        open_epoch(lock, reason="import", now=now, rng=rng)
        lock.save()
    with writing(engine) as session:
        who = caller(session, lead.id, now=now)
        by_label = BatchPlan(by="label", size=examples // 8 or 1, given_label_id=labels[0])
        second = BatchPlan(size=examples, audit_share=20, second_share=10)
        made = [batches.make(who, project.id, plan).id for plan in (by_label, second)]
    return World(project.id, project.slug, made, labels, given, people, lead)


def join_reviewers(session: Session, project_id: int, count: int, *, now: Any) -> list[Person]:
    """The first of them is an expert: somebody who may answer what was not handed out."""
    return [
        join_person(
            session, f"Reviewer {n}", project_id, Role.REVIEWER if n else Role.EXPERT, now=now
        )
        for n in range(count)
    ]


def _labelled(
    session: Session, project_id: int, labels: list[int], count: int, *, by: Person, now: Any
) -> dict[int, int | None]:
    """Examples with their given labels; one in ten was labelled by a person of the project."""
    ids = add_examples(session, project_id, labels, count, now=now)
    own = source_of(session, project_id, by.id)
    theirs = Example.id.in_(ids[:: round(1 / OWN_SHARE)])
    session.execute(update(Example).where(theirs).values(source_id=own))
    return given_labels(session, project_id)


def given_labels(session: Session, project_id: int) -> dict[int, int | None]:
    rows = session.execute(
        select(Example.id, Example.given_label_id).where(Example.project_id == project_id)
    )
    return {row.id: row.given_label_id for row in rows}


def source_of(session: Session, project_id: int, person_id: int) -> int:
    """A source that is this person."""
    source = Source(
        project_id=project_id, origin=f"person-{person_id}", name="own", person_id=person_id
    )
    session.add(source)
    session.flush()
    return source.id


def add_labels(session: Session, project_id: int) -> list[int]:
    rows = [
        Label(project_id=project_id, name=f"label {n}", position=n, synonyms=[])
        for n in range(LABELS)
    ]
    session.add_all(rows)
    session.flush()
    return [row.id for row in rows]


def join_person(session: Session, name: str, project_id: int, role: Role, *, now: Any) -> Person:
    email = f"{name.replace(' ', '.').lower()}@chaos.test"
    person = create_person(session, Newcomer(name, email), now=now)
    join(session, project_id, person.id, role, now=now)
    opened, raw = open_login(session, person.id, now=now)
    return Person(person.id, person.pseudonym, name, raw, opened.csrf)


def add_examples(
    session: Session, project_id: int, labels: list[int], count: int, *, now: Any
) -> list[int]:
    made = DataImport(
        project_id=project_id,
        state=ImportState.DONE,
        file_name="chaos.csv",
        sha256="0" * 64,
        size=0,
        mapping={},
        mapping_hash="chaos",
        report={},
        rows_read=count,
        rows_good=count,
        created_at=now,
    )
    session.add(made)
    session.flush()
    rows = [
        {
            "project_id": project_id,
            "import_id": made.id,
            "row": row,
            "key": f"ex_{row}",
            "content": {"text": f"example {row}"},
            "columns": {"text": f"example {row}"},
            "salt": f"{row:032x}",
            "content_hash": f"{row:064x}",
            "given_label_id": labels[row % len(labels)],
        }
        for row in range(count)
    ]
    for start in range(0, count, 2_000):
        session.execute(insert(Example), rows[start : start + 2_000])
    return list(
        session.scalars(
            select(Example.id).where(Example.import_id == made.id).order_by(Example.row)
        )
    )
