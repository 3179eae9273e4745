"""How far a batch and its reviewers are: counts, each of which can be listed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypedDict, TypeVar

from sqlalchemy import (
    Select,
    bindparam,
    case,
    func,
    literal,
    select,
    type_coerce,
)
from sqlalchemy.orm import Session

from app.audit.accuracy import says_the_given_label
from app.audit.stands import is_look, stands_in
from app.db.tables.accounts import Person
from app.db.tables.datasets import Example, Project
from app.db.tables.review import Batch, BatchMember, Decision, Lease
from app.db.words import BatchState, Mode, Verdict
from app.review.books.may import is_asked

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
    copies: int  # identical examples that were answered with them
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


class Done(NamedTuple):
    """First reads of a batch: so many, and so many of them that relabeled or removed."""

    reads: int = 0
    changed: int = 0


NONE_DONE = Done()


def done_of(session: Session, batch_ids: Sequence[int]) -> dict[int, Done]:
    """First reads that stand, by the batch an example was served in, wherever it was answered.

    Who puts an example aside may have it answered at the desk of another batch, or in none.
    """
    rows = session.execute(_DONE, {"batches": batch_ids})
    return {batch_id: Done(reads, changed) for batch_id, reads, changed in rows}


def _done_statement() -> Any:
    """By one index, on which an answer stands under the batch that it counts in."""
    batches: Any = bindparam("batches", expanding=True)
    relabeled = case((Decision.verdict == Verdict.RELABEL, Decision.example_id))
    projects = select(Batch.project_id).where(Batch.id.in_(batches))
    count = func.count
    return (
        select(
            Decision.counted_batch_id,
            count(func.distinct(Decision.example_id)),
            count(func.distinct(case((~says_the_given_label(), Decision.example_id)))),
        )
        .outerjoin(Example, Example.id == relabeled)  # no other says a label of its own
        .where(Decision.counted_batch_id.in_(batches), stands_in(projects))
        .group_by(Decision.counted_batch_id)
    )


_DONE = _done_statement()


def progress(session: Session, batch: Batch, person_id: int) -> Progress:
    """First reads done of those asked for; counts by verdict are this reviewer's own."""
    done = done_of(session, [batch.id]).get(batch.id, NONE_DONE).reads
    verdict = case((says_the_given_label(), Verdict.CONFIRM), else_=Decision.verdict)
    mine = session.execute(
        select(
            type_coerce(verdict, Decision.verdict.type).label("said"),
            func.count().filter(is_look()),
            func.count().filter(~is_look()),
        )
        .join(Example, Example.id == Decision.example_id)
        .where(Decision.batch_id == batch.id, Decision.person_id == person_id)
        .where(stands_in([batch.project_id]))
        .group_by("said")
    )
    counts, copies = dict[Verdict, int](), 0
    for said, looks, with_them in mine:
        counts[said] = looks
        copies += with_them
    pace = _median(session, batch.id, person_id)
    return Progress(
        done=min(done, batch.size),
        size=batch.size,
        confirmed=counts.get(Verdict.CONFIRM, 0),
        relabeled=counts.get(Verdict.RELABEL, 0),
        removed=counts.get(Verdict.REMOVE, 0),
        copies=copies,
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
    copies: int
    seconds_left: int | None


def batch_numbers(session: Session, batch: Batch, person_id: int) -> BatchNumbers:
    """How far a batch is; a blind one does not tell how often an answer agreed."""
    mine = progress(session, batch, person_id)
    numbers: BatchNumbers = {
        "done": mine.done,
        "size": mine.size,
        "removed": mine.removed,
        "copies": mine.copies,
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
                is_look(),
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


def asked_to_read(query: _Query, person_id: int, project_ids: Sequence[int]) -> _Query:
    """Of batches: the open ones this person is asked to read, by due date."""
    return (
        query.join(Project, Project.id == Batch.project_id)
        .where(
            Batch.project_id.in_(project_ids),
            Batch.state == BatchState.OPEN,
            Project.archived_at.is_(None),
            is_asked(literal(person_id)),
        )
        .order_by(Batch.due_at.is_(None), Batch.due_at, Batch.id)
    )


def queue_of(session: Session, person_id: int, project_ids: list[int]) -> list[QueuedBatch]:
    """The open batches this person is asked to read, by due date."""
    columns = select(Batch, Project.slug, Project.name, _waiting())
    rows = session.execute(asked_to_read(columns, person_id, project_ids)).all()
    done = done_of(session, [row.Batch.id for row in rows])
    return [
        QueuedBatch(batch, slug, name, done.get(batch.id, NONE_DONE).reads, waiting)
        for batch, slug, name, waiting in rows
    ]


def _waiting() -> Any:
    return (
        select(func.count())
        .select_from(BatchMember)
        .where(BatchMember.batch_id == Batch.id, BatchMember.waiting)
        .correlate(Batch)
        .scalar_subquery()
    )


@dataclass(frozen=True)
class PersonInBatch:
    """One reviewer's part of a batch, for its lead."""

    person_id: int
    name: str
    answers: int
    changes: int
    median_seconds: float | None
    holds: int
    copies: int  # identical examples that were answered with theirs


def people_in_batch(session: Session, batch: Batch) -> list[PersonInBatch]:
    """Who answered how much, sorted by name; no verdict on anyone."""
    rows = session.execute(
        select(
            Person.id,
            Person.name,
            func.count(Decision.id).filter(is_look()),
            func.count().filter(~says_the_given_label(), is_look()),
            func.count(Decision.id).filter(~is_look()),
        )
        .join(Decision, Decision.person_id == Person.id)
        .join(Example, Example.id == Decision.example_id)
        .where(Decision.batch_id == batch.id, stands_in([batch.project_id]))
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
            changes,
            _median(session, batch.id, person_id),
            holds.get(person_id, 0),
            copies,
        )
        for person_id, name, answers, changes, copies in rows
    ]
