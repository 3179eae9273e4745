"""What a batch found, how fast it is read, and which second reads it leaves."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.audit.stands import is_look, stands
from app.db.tables.audit import Serve
from app.db.tables.review import Batch, Decision, ReadDue
from app.db.words import Due, Mode
from app.insights.batch_outlook import ANSWERS, FEWEST_ANSWERS, long_words, paces_of
from app.insights.batches import BatchRow
from app.noise.limits import wilson
from app.shares import whole_percent

SECOND_READS = (Due.CONFIRM, Due.COIN, Due.UNTIL_SURE, Due.THIRD)


@dataclass(frozen=True, slots=True)
class HitRate:
    """Share of the reads that found another label, with its 95 % interval."""

    share: float
    low: float
    high: float

    @property
    def words(self) -> str:
        low, high = whole_percent(self.low), whole_percent(self.high)
        return f"{whole_percent(self.share)} (95% {low} to {high})"


@dataclass(frozen=True, slots=True)
class BatchPace:
    """`hits` and `seconds` are None where too few were read, or a blind batch is not complete."""

    hits: HitRate | None
    seconds: float | None  # of a usual answer
    left: int
    owed: int  # second reads: they stay available, even when the batch is closed

    @property
    def seconds_left(self) -> int | None:
        return None if self.seconds is None or not self.left else round(self.seconds * self.left)

    @property
    def left_words(self) -> str:
        if self.seconds_left is None:
            return ""
        return f"About {long_words(self.seconds_left)} at this pace"

    @property
    def owed_words(self) -> str:
        if not self.owed:
            return ""
        if self.owed == 1:
            return "1 second read is owed: it stays available."
        return f"{self.owed:,} second reads are owed: they stay available."


def pace_of(session: Session, row: BatchRow) -> BatchPace:
    """In two statements, however large the batch."""
    batch = row.batch
    seconds = session.scalars(
        select(Decision.seconds)
        .where(Decision.batch_id == batch.id, is_look(), stands())
        .order_by(Decision.seq.desc())
        .limit(ANSWERS)
    )
    usual = paces_of(seconds)
    return BatchPace(
        _hits(row),
        median(usual) if len(usual) >= FEWEST_ANSWERS else None,
        max(0, batch.size - row.done),
        _owed(session, batch),
    )


def _hits(row: BatchRow) -> HitRate | None:
    """Nobody who still reads blind is told how often labels were changed."""
    hidden = row.batch.mode is Mode.BLIND and not row.complete
    if hidden or row.reads < FEWEST_ANSWERS:
        return None
    return HitRate(row.changed / row.reads, *wilson(row.changed, row.reads))


def _owed(session: Session, batch: Batch) -> int:
    """Of the examples that the batch handed out, in whatever epoch."""
    served = select(Serve.example_id).where(Serve.batch_id == batch.id)
    owed = (
        ReadDue.project_id == batch.project_id,
        ReadDue.done_at.is_(None),
        ReadDue.reason.in_(SECOND_READS),
        ReadDue.example_id.in_(served),
    )
    return session.scalar(select(func.count()).where(*owed)) or 0
