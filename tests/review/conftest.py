"""A small project with people, examples and labels, driven through the domain functions."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, bindparam, insert, select
from sqlalchemy.orm import Session

from app.accounts.membership import Member
from app.db.engine import reading, writing
from app.db.prepared import run
from app.db.tables.accounts import Membership, Person
from app.db.tables.datasets import DataImport, Example, Label, Project, Source
from app.db.tables.review import Batch, Lease
from app.db.words import DataType, ImportState, Mode, Reason, Role, Verdict
from app.review.answering.answers import Recorded, Submission
from app.review.batches.plan import BatchPlan
from app.review.serving.hand_out import HandedOut
from tests.conftest import NOON
from tests.steps import claim, create_batch, open_epoch, submit


@dataclass
class World:
    """One project; `now` moves only when a test says so."""

    engine: Engine
    project_id: int = 0
    labels: list[int] = field(default_factory=list)
    examples: list[int] = field(default_factory=list)
    now: datetime = NOON
    rng: random.Random = field(default_factory=lambda: random.Random(7))
    keys: int = 0

    def later(self, **more: float) -> None:
        self.now += timedelta(**more)

    def person(self, name: str, role: Role = Role.REVIEWER) -> Member:
        with writing(self.engine) as session:
            who = Person(
                pseudonym=f"p{name}"[:16],
                name=name,
                email=f"{name}@example.test",
                email_key=f"{name}@example.test",
                is_admin=False,
                preferences={},
                created_at=self.now,
            )
            session.add(who)
            session.flush()
            session.add(
                Membership(
                    project_id=self.project_id, person_id=who.id, role=role, joined_at=self.now
                )
            )
            return Member(who.id, who.pseudonym, name, False, self.project_id, role)

    def batch(self, lead: Member, **plan: Any) -> Batch:
        with writing(self.engine) as session:
            return create_batch(session, lead, BatchPlan(**plan), now=self.now)

    def claim(
        self, who: Member, batch: Batch, want: int = 8, held: tuple[str, ...] = ()
    ) -> HandedOut:
        with writing(self.engine) as session:
            return claim(session, who, batch.id, want=want, held=held, now=self.now, rng=self.rng)

    def answer(
        self,
        who: Member,
        lease: str | None = None,
        verdict: Verdict = Verdict.CONFIRM,
        label: int | None = None,
        **more: Any,
    ) -> Recorded:
        self.keys += 1
        key = more.pop("key", f"key-{self.keys}")
        if verdict is Verdict.REMOVE:
            more.setdefault("reason", Reason.NO_LABEL)
        with writing(self.engine) as session:
            if lease is not None and verdict is Verdict.CONFIRM and label is None:
                verdict, label = as_the_desk_says_it(session, lease)
            return submit(
                session,
                who,
                Submission(key=key, verdict=verdict, lease=lease, label_id=label, **more),
                now=self.now,
                rng=self.rng,
            )

    def example(self, example_id: int) -> Example:
        with reading(self.engine) as session:
            return session.get_one(Example, example_id)

    def all(self, table: Any, *conditions: Any) -> list[Any]:
        with reading(self.engine) as session:
            return list(session.scalars(select(table).where(*conditions).order_by(*_key(table))))


_SHOWN = (
    select(Lease.mode, Example.given_label_id)
    .join(Example, Example.id == Lease.example_id)
    .where(Lease.token == bindparam("token"))
)


def as_the_desk_says_it(session: Session, token: str) -> tuple[Verdict, int | None]:
    """A confirm: who is shown no label cannot but name it."""
    mode, given = run(session, _SHOWN, {"token": token}).one()
    return (Verdict.RELABEL, given) if mode is Mode.BLIND else (Verdict.CONFIRM, None)


def _key(table: Any) -> list[Any]:
    return list(table.__table__.primary_key.columns)


def make_world(
    engine: Engine, *, examples: int = 20, confirmations: int = 1, unlabelled: int = 0
) -> World:
    world = World(engine)
    with writing(engine) as session:
        world.project_id, world.labels = _project(session, confirmations)
        world.examples = add_examples(
            session, world.project_id, world.labels, count=examples, unlabelled=unlabelled
        )
        open_epoch(session, world.project_id, reason="import", now=NOON, rng=random.Random(1))
    return world


def _project(session: Session, confirmations: int) -> tuple[int, list[int]]:
    project = Project(
        slug="letters",
        name="Letters",
        data_type=DataType.TEXT,
        confirmations=confirmations,
        created_at=NOON,
        log_hash=bytes(32),
    )
    session.add(project)
    session.flush()
    labels = [
        Label(project_id=project.id, name=name, position=place, synonyms=[])
        for place, name in enumerate(["alpha", "beta", "gamma"])
    ]
    session.add_all(labels)
    session.flush()
    return project.id, [label.id for label in labels]


def add_examples(
    session: Session,
    project_id: int,
    labels: list[int],
    *,
    count: int,
    unlabelled: int = 0,
    source_id: int | None = None,
) -> list[int]:
    made = DataImport(
        project_id=project_id,
        state=ImportState.DONE,
        file_name="letters.csv",
        sha256="0" * 64,
        size=1,
        mapping={},
        mapping_hash=f"{count}-{source_id}",
        report={},
        created_at=NOON,
    )
    session.add(made)
    session.flush()
    first = session.scalar(select(Example.id).order_by(Example.id.desc()).limit(1)) or 0
    session.execute(
        insert(Example),
        [
            {
                "project_id": project_id,
                "import_id": made.id,
                "row": row,
                "key": f"{made.id}-{row}",
                "content": {"text": f"example {row}"},
                "columns": {"text": f"example {row}"},
                "salt": f"{row:032x}",
                "content_hash": f"{made.id:032x}{row:032x}",
                "given_label_id": labels[row % len(labels)] if row < count - unlabelled else None,
                "source_id": source_id,
            }
            for row in range(count)
        ],
    )
    return list(session.scalars(select(Example.id).where(Example.id > first).order_by(Example.id)))


def source_of(session: Session, project_id: int, person_id: int) -> int:
    source = Source(
        project_id=project_id, origin=f"person-{person_id}", name="own", person_id=person_id
    )
    session.add(source)
    session.flush()
    return source.id


@pytest.fixture
def world(engine: Engine) -> World:
    """One confirmation, twenty labelled examples, nobody in it yet."""
    return make_world(engine)


@pytest.fixture
def team(engine: Engine) -> World:
    """Two confirmations: a change waits for a second reader."""
    return make_world(engine, confirmations=2)
