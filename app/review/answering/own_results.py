"""A reviewer's own numbers: of the week, and of one batch."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.audit.stands import is_look, since_reopening, stands
from app.db.tables.review import Batch, BatchMember, Decision, Lease
from app.db.words import ReadReason

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


class Given(NamedTuple):
    """An own answer."""

    example_id: int
    seq: int


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


def last_outside_batches(session: Session, project_id: int, person_id: int) -> Given | None:
    """This person's latest standing answer to a read that was handed out in no batch."""
    row = session.execute(
        select(Decision.example_id, Decision.seq)
        .where(
            Decision.project_id == project_id,
            Decision.person_id == person_id,
            Decision.batch_id.is_(None),
            Decision.lease_token.is_not(None),
            Decision.read_reason != ReadReason.LATE,
            stands(),
            since_reopening(),
        )
        .order_by(Decision.seq.desc())
        .limit(1)
    ).one_or_none()
    return Given(*row) if row is not None else None


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


def _median(seconds: list[float]) -> float | None:
    if not seconds:
        return None
    return sorted(seconds)[len(seconds) // 2]
