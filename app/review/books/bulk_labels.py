"""Many examples get another label to confirm at once; each has its own event in the log."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, case, insert, literal, select, update
from sqlalchemy.orm import Session

from app.datasets.current_labels import is_standing_label, same_label
from app.datasets.visible import visible_imports
from app.db.log import ProjectLock
from app.db.parts import parts
from app.db.tables.audit import BulkFix
from app.db.tables.datasets import Example
from app.db.tables.review import Batch, BatchMember, Lease, Reversal
from app.db.types import BigId
from app.db.words import BatchState, EventKind, Status, WhyEnded, WhyLeft
from app.review.books.leases import give_back, live_leases


@dataclass(frozen=True, slots=True)
class NewLabel:
    """The label that examples get by the bulk fix of a number; by nobody: from the console."""

    number: int
    label_id: int
    by: int | None
    actor: str | None
    now: datetime


def unanswered_with(
    session: Session, project_id: int, examples: Sequence[int], *conditions: ColumnElement[bool]
) -> list[int]:
    """Of these examples, those that nobody has answered and that are so."""
    found: list[int] = []
    for some in parts(examples):
        found += session.scalars(
            select(Example.id)
            .where(
                Example.project_id == project_id,
                Example.id.in_(some),
                Example.status == Status.UNREVIEWED,
                Example.import_id.in_(visible_imports(project_id)),
                *conditions,
            )
            .order_by(Example.id)
        )
    return found


def labeled_by(session: Session, fix: BulkFix, label_id: int) -> list[int]:
    """Of what a bulk fix changed, those that have this label by it still, and nobody's answer."""
    by_it = _has_label_by(fix.number, label_id)
    return unanswered_with(session, fix.project_id, fix.changed, by_it)


def _has_label_by(number: int, label_id: int) -> ColumnElement[bool]:
    """Of an `Example`: whether its label is this one, by the bulk fix of this number and no
    other."""
    last = (
        select(Reversal.idempotency_key)
        .where(Reversal.example_id == Example.id, Reversal.kind == EventKind.BULK)
        .order_by(Reversal.seq.desc())
        .limit(1)
        .correlate(Example)
        .scalar_subquery()
    )
    return and_(is_standing_label(label_id), last.startswith(_key(number, "")))


def _key(number: int, seq: int | str) -> str:
    """Of the fast copy of an event; it says of which bulk fix."""
    return f"bulk-{number}-{seq}"


def set_labels(lock: ProjectLock, examples: Sequence[int], new: NewLabel) -> None:
    """Write the events and their fast copies. Who holds one of the examples gets it anew."""
    for some in parts(examples):
        leases = live_leases(lock, Lease.example_id.in_(some))
        give_back(lock, leases, why=WhyEnded.BULK_FIX, now=new.now)
        lock.session.execute(insert(Reversal), [_written(lock, one, new) for one in some])
        given = same_label(Example.given_label_id, literal(new.label_id, BigId))
        lock.session.execute(
            update(Example)
            .where(Example.id.in_(some))
            .values(bulk_label_id=case((given, None), else_=new.label_id))
            .execution_options(synchronize_session=False)
        )


def _written(lock: ProjectLock, example_id: int, new: NewLabel) -> dict[str, object]:
    entry = lock.append(
        EventKind.BULK,
        {"bulk": new.number, "example": example_id, "labels": [new.label_id]},
        actor=new.actor,
        now=new.now,
        example_id=example_id,
    )
    return {
        "project_id": lock.project_id,
        "seq": entry.seq,
        "kind": EventKind.BULK,
        "example_id": example_id,
        "label_id": new.label_id,
        "person_id": new.by,
        "idempotency_key": _key(new.number, entry.seq),
        "at": new.now,
    }


def leave_batches(
    lock: ProjectLock, examples: Sequence[int], batches: Sequence[int], *, now: datetime
) -> None:
    """Members of batches of one label that have another one now wait there no more."""
    for some in parts(examples):
        lock.session.execute(
            update(BatchMember)
            .where(
                BatchMember.batch_id.in_(batches),
                BatchMember.example_id.in_(some),
                BatchMember.waiting,
            )
            .values(waiting=False, left_at=now, left_why=WhyLeft.BULK_FIX)
            .execution_options(synchronize_session=False)
        )


def unclosed_batches(lock: ProjectLock) -> list[Batch]:
    query = select(Batch).where(
        Batch.project_id == lock.project_id, Batch.state != BatchState.CLOSED
    )
    return list(lock.session.scalars(query))
