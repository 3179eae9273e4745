"""Batches for their lead: how far each is, who reads it, what became of its size."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import case, distinct, func, select
from sqlalchemy.orm import Session

from app.audit.accuracy import says_the_given_label
from app.audit.stands import stands
from app.db.tables.accounts import Person
from app.db.tables.datasets import Example, Label
from app.db.tables.json_columns import StoredRule
from app.db.tables.review import Batch, BatchMember, BatchPerson, Decision, Lease
from app.db.words import BatchState, ReadReason
from app.review.batches.rules.registry import rule_of

PAGE = 50


@dataclass(frozen=True, slots=True)
class BatchRow:
    """One line of the list. `changed` counts first reads that relabeled or removed."""

    batch: Batch
    rule: str
    done: int
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
    changed = case((~says_the_given_label(), Decision.example_id))
    counts = {
        batch_id: (done, other)
        for batch_id, done, other in session.execute(
            select(
                Decision.batch_id,
                func.count(distinct(Decision.example_id)),
                func.count(distinct(changed)),
            )
            .join(Example, Example.id == Decision.example_id)
            .where(Decision.batch_id.in_(ids), Decision.read_reason == ReadReason.FIRST, stands())
            .group_by(Decision.batch_id)
        )
    }
    people: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for batch_id, person_id, name in session.execute(
        select(BatchPerson.batch_id, Person.id, Person.name)
        .join(Person, Person.id == BatchPerson.person_id)
        .where(BatchPerson.batch_id.in_(ids))
        .order_by(Person.name, Person.id)
    ):
        people[batch_id].append((person_id, name))
    wanted = {label for batch in batches if (label := batch.rule.get("label"))}
    names: dict[int, str] = dict(
        session.execute(select(Label.id, Label.name).where(Label.id.in_(wanted))).all()
    )
    return [
        BatchRow(
            batch,
            rule_words(batch.rule, names),
            min(counts.get(batch.id, (0, 0))[0], batch.size),
            counts.get(batch.id, (0, 0))[1],
            tuple(people[batch.id]),
        )
        for batch in batches
    ]


def rule_words(rule: StoredRule, names: dict[int, str]) -> str:
    """How the examples of a batch were picked, for its lead."""
    label = rule.get("label")
    return rule_of(rule).for_lead(names.get(label, "a retired label") if label else "")


def batch_detail(session: Session, batch: Batch) -> BatchDetail:
    """One batch, with where its examples are."""
    began, waiting = session.execute(
        select(
            func.count().filter(BatchMember.joined_at == batch.created_at),
            func.count().filter(BatchMember.waiting),
        ).where(BatchMember.batch_id == batch.id)
    ).one()
    in_hand = session.scalar(
        select(func.count())
        .select_from(Lease)
        .where(Lease.batch_id == batch.id, Lease.ended_at.is_(None))
    )
    return BatchDetail(rows_of(session, [batch])[0], began, waiting, in_hand or 0)


def planned_draws(session: Session, project_id: int) -> int:
    """Random reads that the open batches plan, by their shares."""
    planned = session.scalar(
        select(func.sum(Batch.size * Batch.audit_share)).where(
            Batch.project_id == project_id, Batch.state == BatchState.OPEN
        )
    )
    return int(planned or 0) // 100
