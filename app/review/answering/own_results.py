"""A reviewer's own numbers: of the week, and of one batch."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.audit.accuracy import says_the_given_label
from app.audit.stands import is_look, since_reopening, stands
from app.datasets.current_labels import current_label, standing_label
from app.datatypes.data_type import StoredContent
from app.db.tables.datasets import Example
from app.db.tables.review import Batch, BatchMember, Decision, Lease
from app.db.words import UNDECIDED, ReadReason, Reason, Status

WEEK = timedelta(days=7)
MOST = 2_000  # answers looked at for a median


@dataclass(frozen=True)
class OwnWeek:
    answers: int
    median_seconds: float | None


@dataclass(frozen=True)
class OwnPart:
    """What one person did in a batch, and what is left of it for anybody."""

    seconds: float
    median_seconds: float | None
    referred: int
    waiting: int
    with_others: int


class Change(NamedTuple):
    """An own answer that differs from the given label, and what became of it."""

    example_id: int
    key: str
    content: StoredContent
    given_label_id: int | None
    label_id: int | None  # none where it removes
    final_label_id: int | None
    status: Status
    removed_reason: Reason | None

    @property
    def agreed(self) -> bool:
        if self.status is Status.REMOVED:
            return self.label_id is None
        return self.status is Status.RELABELED and self.final_label_id == self.label_id

    @property
    def open(self) -> bool:
        return self.status in UNDECIDED


def last_batch(session: Session, person_id: int) -> int | None:
    """The batch of this person's latest answer."""
    return session.scalar(
        select(Decision.batch_id)
        .where(Decision.person_id == person_id, Decision.batch_id.is_not(None))
        .order_by(Decision.id.desc())
        .limit(1)
    )


def own_week(session: Session, person_id: int, *, now: datetime) -> OwnWeek:
    mine = (Decision.person_id == person_id, Decision.at > now - WEEK, is_look())
    count = session.scalar(select(func.count()).select_from(Decision).where(*mine)) or 0
    query = select(Decision.seconds).where(*mine).order_by(Decision.id.desc()).limit(MOST)
    return OwnWeek(count, _median(list(session.scalars(query))))


def last_outside_batches(session: Session, project_id: int, person_id: int) -> int | None:
    """This person's latest standing answer to a read that was handed out in no batch: its seq."""
    return session.scalar(
        select(func.max(Decision.seq)).where(
            Decision.project_id == project_id,
            Decision.person_id == person_id,
            Decision.batch_id.is_(None),
            Decision.lease_token.is_not(None),
            Decision.read_reason != ReadReason.LATE,
            stands(),
            since_reopening(),
        )
    )


def own_part(session: Session, batch: Batch, person_id: int) -> OwnPart:
    query = select(Decision.seconds).where(
        Decision.batch_id == batch.id, Decision.person_id == person_id, is_look()
    )
    seconds = list(session.scalars(query.order_by(Decision.id.desc()).limit(MOST)))
    in_batch = select(func.count()).select_from(Lease).where(Lease.batch_id == batch.id)
    referred = in_batch.where(Lease.person_id == person_id, Lease.ended_why == "referred")
    others = in_batch.where(Lease.person_id != person_id, Lease.ended_at.is_(None))
    waiting = (
        select(func.count())
        .select_from(BatchMember)
        .where(BatchMember.batch_id == batch.id, BatchMember.waiting)
    )
    return OwnPart(
        seconds=sum(seconds),
        median_seconds=_median(seconds),
        referred=session.scalar(referred) or 0,
        waiting=session.scalar(waiting) or 0,
        with_others=session.scalar(others) or 0,
    )


def own_changes(session: Session, batch: Batch, person_id: int) -> list[Change]:
    """What this person changed in a batch, as it stands now; the newest answer last."""
    rows = session.execute(
        select(
            Decision.example_id,
            Example.key,
            Example.content,
            current_label(standing_label()).label("given_label_id"),
            current_label(Decision.label_id).label("label_id"),
            current_label(Example.final_label_id).label("final_label_id"),
            Example.status,
            Example.removed_reason,
        )
        .join(Example, Example.id == Decision.example_id)
        .where(
            Decision.batch_id == batch.id,
            Decision.person_id == person_id,
            Decision.read_reason != ReadReason.KNOWN,
            Example.status != Status.ERASED,
            ~says_the_given_label(),
            is_look(),
            stands(),
        )
        .order_by(Decision.seq)
    )
    return [Change(*row) for row in rows]


def _median(seconds: list[float]) -> float | None:
    if not seconds:
        return None
    return sorted(seconds)[len(seconds) // 2]
