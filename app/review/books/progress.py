"""How far a batch and its reviewers are: counts, each of which can be listed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypedDict, TypeVar

from sqlalchemy import Select, case, exists, func, or_, select, type_coerce
from sqlalchemy.orm import Session

from app.audit.accuracy import says_the_given_label
from app.audit.stands import stands
from app.db.tables.accounts import Person
from app.db.tables.datasets import Example, Project
from app.db.tables.review import Batch, BatchMember, BatchPerson, Decision, Lease
from app.db.words import BatchState, Mode, ReadReason, Verdict

if TYPE_CHECKING:
    pass

_Query = TypeVar("_Query", bound="Select[*tuple[Any, ...]]")

FEW = 5  # answers needed before a pace is worth saying


@dataclass(frozen=True)
class Progress:
    """A batch in numbers, and this reviewer's own part of it."""

    done: int
    size: int
    confirmed: int
    relabeled: int
    removed: int
    own: int
    median_seconds: float | None

    @property
    def left(self) -> int:
        return max(0, self.size - self.done)

    @property
    def seconds_left(self) -> int | None:
        if self.median_seconds is None:
            return None
        return int(self.left * self.median_seconds)


def progress(session: Session, batch: Batch, person_id: int) -> Progress:
    """First reads done of those asked for; counts by verdict are this reviewer's own."""
    done = session.scalar(
        select(func.count(func.distinct(Decision.example_id))).where(
            Decision.batch_id == batch.id, Decision.read_reason == ReadReason.FIRST, stands()
        )
    )
    verdict = case((says_the_given_label(), Verdict.CONFIRM), else_=Decision.verdict)
    mine = session.execute(
        select(type_coerce(verdict, Decision.verdict.type).label("said"), func.count())
        .join(Example, Example.id == Decision.example_id)
        .where(Decision.batch_id == batch.id, Decision.person_id == person_id, stands())
        .group_by("said")
    )
    counts: dict[Verdict, int] = dict(mine.all())
    pace = _median(session, batch.id, person_id)
    return Progress(
        done=min(done or 0, batch.size),
        size=batch.size,
        confirmed=counts.get(Verdict.CONFIRM, 0),
        relabeled=counts.get(Verdict.RELABEL, 0),
        removed=counts.get(Verdict.REMOVE, 0),
        own=sum(counts.values()),
        median_seconds=pace,
    )


class BatchNumbers(TypedDict, total=False):
    """What is sent of a batch's progress."""

    done: int
    size: int
    confirmed: int
    relabeled: int
    removed: int
    seconds_left: int | None


def batch_numbers(session: Session, batch: Batch, person_id: int) -> BatchNumbers:
    """How far a batch is; a blind one does not tell how often an answer agreed."""
    mine = progress(session, batch, person_id)
    numbers: BatchNumbers = {
        "done": mine.done,
        "size": mine.size,
        "removed": mine.removed,
        "seconds_left": mine.seconds_left,
    }
    if batch.mode is not Mode.BLIND:
        numbers |= {"confirmed": mine.confirmed, "relabeled": mine.relabeled}
    return numbers


def _median(session: Session, batch_id: int, person_id: int) -> float | None:
    seconds = sorted(
        session.scalars(
            select(Decision.seconds)
            .where(
                Decision.batch_id == batch_id,
                Decision.person_id == person_id,
                Decision.seconds > 0,
            )
            .order_by(Decision.id.desc())
            .limit(50)
        )
    )
    if len(seconds) < FEW:
        return None
    return float(seconds[len(seconds) // 2])


@dataclass(frozen=True)
class QueuedBatch:
    """One batch in a reviewer's queue."""

    batch: Batch
    project_slug: str
    project_name: str
    done: int
    waiting: int
    owed: int


def asked_to_read(query: _Query, person_id: int, project_ids: Sequence[int]) -> _Query:
    """Of batches: the open ones this person is asked to read, by due date."""
    asked = exists().where(BatchPerson.batch_id == Batch.id, BatchPerson.person_id == person_id)
    return (
        query.join(Project, Project.id == Batch.project_id)
        .where(
            Batch.project_id.in_(project_ids),
            Batch.state == BatchState.OPEN,
            Project.archived_at.is_(None),
            or_(Batch.everyone, asked),
        )
        .order_by(Batch.due_at.is_(None), Batch.due_at, Batch.id)
    )


def queue_of(session: Session, person_id: int, project_ids: list[int]) -> list[QueuedBatch]:
    """The open batches this person is asked to read, by due date."""
    columns = select(Batch, Project.slug, Project.name, *_counts())
    rows = session.execute(asked_to_read(columns, person_id, project_ids))
    return [
        QueuedBatch(batch, slug, name, done, waiting, 0)
        for batch, slug, name, done, waiting in rows
    ]


def _counts() -> tuple[Any, Any]:
    done = (
        select(func.count(func.distinct(Decision.example_id)))
        .where(Decision.batch_id == Batch.id, Decision.read_reason == ReadReason.FIRST, stands())
        .correlate(Batch)
        .scalar_subquery()
    )
    waiting = (
        select(func.count())
        .select_from(BatchMember)
        .where(BatchMember.batch_id == Batch.id, BatchMember.waiting)
        .correlate(Batch)
        .scalar_subquery()
    )
    return done, waiting


@dataclass(frozen=True)
class PersonInBatch:
    """One reviewer's part of a batch, for its lead."""

    person_id: int
    name: str
    answers: int
    changes: int
    median_seconds: float | None
    holds: int


def people_in_batch(session: Session, batch: Batch) -> list[PersonInBatch]:
    """Who answered how much, sorted by name; no verdict on anyone."""
    rows = session.execute(
        select(
            Person.id,
            Person.name,
            func.count(Decision.id),
            func.sum(case((says_the_given_label(), 0), else_=1)),
        )
        .join(Decision, Decision.person_id == Person.id)
        .join(Example, Example.id == Decision.example_id)
        .where(Decision.batch_id == batch.id, stands())
        .group_by(Person.id, Person.name)
        .order_by(Person.name)
    ).all()
    holds: dict[int, int] = dict(
        session.execute(
            select(Lease.person_id, func.count())
            .where(Lease.batch_id == batch.id, Lease.ended_at.is_(None))
            .group_by(Lease.person_id)
        ).all()
    )
    return [
        PersonInBatch(
            person_id,
            name,
            answers,
            int(changes or 0),
            _median(session, batch.id, person_id),
            holds.get(person_id, 0),
        )
        for person_id, name, answers, changes in rows
    ]
