"""Batches for their lead: how far each is, who reads it, what became of its size."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import and_, bindparam, exists, func, or_, select, union
from sqlalchemy.orm import Session

from app.datasets.display_names import shown_names
from app.db.tables.accounts import Person
from app.db.tables.audit import Serve
from app.db.tables.datasets import Example, Label
from app.db.tables.json_columns import StoredRule
from app.db.tables.review import Batch, BatchMember, BatchPerson, Lease, ReadDue
from app.db.words import BatchState, Due, Status
from app.review.batches.batch import about_words
from app.review.batches.rules.registry import rule_of
from app.review.books.progress import NONE_DONE, done_of

PAGE = 50


@dataclass(frozen=True, slots=True)
class BatchRow:
    """One line of the list. `changed` counts first reads that relabeled or removed."""

    batch: Batch
    rule: str
    done: int  # never more than its size
    reads: int  # first reads that stand, the random ones that took a place among them
    changed: int
    people: tuple[tuple[int, str], ...]

    @property
    def complete(self) -> bool:
        return self.done >= self.batch.size


@dataclass(frozen=True, slots=True)
class BatchDetail:
    """What the page of one batch says beside its line."""

    row: BatchRow
    began_with: int  # members when it was made; more than its size if some were lost
    waiting: int
    held: int
    put_aside: int  # skipped, given back or opened anew: somebody is to read it first
    referred: int  # sent to the experts or the leads


def batch_rows(
    session: Session,
    project_id: int,
    states: Sequence[BatchState],
    *,
    before: int | None = None,
    limit: int = PAGE,
) -> list[BatchRow]:
    """Batches in these states, newest first; three more statements, however many there are."""
    query = select(Batch).where(Batch.project_id == project_id, Batch.state.in_(states))
    if before is not None:
        query = query.where(Batch.number < before)
    batches = list(session.scalars(query.order_by(Batch.number.desc()).limit(limit)))
    return rows_of(session, batches)


def rows_of(session: Session, batches: Sequence[Batch]) -> list[BatchRow]:
    ids = [batch.id for batch in batches]
    done = done_of(session, ids)
    people: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for batch_id, person_id, name in session.execute(
        select(BatchPerson.batch_id, Person.id, Person.name)
        .join(Person, Person.id == BatchPerson.person_id)
        .where(BatchPerson.batch_id.in_(ids))
        .order_by(Person.name, Person.id)
    ):
        people[batch_id].append((person_id, name))
    rules = [batch.rule for batch in batches]
    wanted = {
        label for rule in rules for label in (rule.get("label"), rule.get("suggested")) if label
    }
    names = shown_names(session.scalars(select(Label).where(Label.id.in_(wanted))))
    return [
        BatchRow(
            batch,
            rule_words(batch.rule, names),
            min(done.get(batch.id, NONE_DONE).reads, batch.size),
            done.get(batch.id, NONE_DONE).reads,
            done.get(batch.id, NONE_DONE).changed,
            tuple(people[batch.id]),
        )
        for batch in batches
    ]


def rule_words(rule: StoredRule, names: dict[int, str]) -> str:
    """How the examples of a batch were picked, for its lead."""
    words = rule_of(rule).for_lead(about_words(rule, names))
    most = rule.get("most_each")
    return words if most is None else f"{words}, at most {most:,} of each given label"


def batch_detail(session: Session, batch: Batch) -> BatchDetail:
    """One batch, with where its examples are."""
    began, waiting = session.execute(
        select(
            func.count().filter(BatchMember.joined_at == batch.created_at),
            func.count().filter(BatchMember.waiting),
        ).where(BatchMember.batch_id == batch.id)
    ).one()
    left = session.execute(_UNREAD, {"batch": batch.id}).one()
    return BatchDetail(rows_of(session, [batch])[0], began, waiting, *left)


def _unread() -> Any:
    """Where the examples are that were handed out in a batch and nobody has answered yet.

    Whatever somebody holds or owes, in the whole project, is few beside what a batch handed out.
    """
    batch: Any = bindparam("batch")
    project = select(Batch.project_id).where(Batch.id == batch).scalar_subquery()
    waits = union(
        select(Lease.example_id).where(Lease.project_id == project, Lease.ended_at.is_(None)),
        select(ReadDue.example_id).where(ReadDue.project_id == project, ReadDue.done_at.is_(None)),
    )
    handed_out = exists().where(Serve.example_id == Example.id, Serve.batch_id == batch)
    due = exists().where(ReadDue.example_id == Example.id, ReadDue.done_at.is_(None))
    held = exists().where(Lease.example_id == Example.id, Lease.ended_at.is_(None))
    judges = or_(ReadDue.reason == Due.EXPERT, ReadDue.for_role != "")
    counts = (held, and_(~held, due.where(~judges)), and_(~held, due.where(judges)))
    return (
        select(*(func.count().filter(one) for one in counts))
        .select_from(Example)
        .where(Example.id.in_(waits), handed_out, Example.status == Status.UNREVIEWED)
    )


_UNREAD = _unread()


class Unread(NamedTuple):
    """Where the examples of a batch are that nobody has answered yet."""

    waits: bool  # some were not handed out yet
    held: int
    put_aside: int
    referred: int

    @property
    def for_anyone(self) -> bool:
        return self.waits or self.put_aside > 0


def unread_of(session: Session, batch_id: int) -> Unread:
    waits = session.scalar(
        select(exists().where(BatchMember.batch_id == batch_id, BatchMember.waiting))
    )
    return Unread(bool(waits), *session.execute(_UNREAD, {"batch": batch_id}).one())


def planned_draws(session: Session, project_id: int) -> int:
    """Random reads that the open batches plan, by their shares."""
    planned = session.scalar(
        select(func.sum(Batch.size * Batch.audit_share)).where(
            Batch.project_id == project_id, Batch.state == BatchState.OPEN
        )
    )
    return int(planned or 0) // 100
