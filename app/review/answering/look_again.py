"""What a reviewer may want to look at again when a batch is done: missed checks, long looks."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit.accuracy import says_the_final_label
from app.audit.stands import stands
from app.datasets.current_labels import current_label, standing_label
from app.db.tables.datasets import Example
from app.db.tables.ranking import Score
from app.db.tables.review import Batch, Decision
from app.db.words import BatchState, ReadReason, Status, Verdict

MOST = 12
FEW = 8  # answers below which nothing is called long
LONG = 3.0  # times the own median
LONGEST = 15.0  # seconds; a shorter look is not long whatever the median


@dataclass(frozen=True)
class Look:
    """An own answer; `settled_label_id` is set where the right label was known before."""

    seq: int
    example_id: int
    verdict: Verdict
    label_id: int | None
    given_label_id: int | None
    seconds: float
    quality: float | None
    difficulty: float | None
    settled_label_id: int | None
    may_change: bool


@dataclass(frozen=True)
class LookAgain:
    """How the known answers went, and what is worth a second look."""

    known: int
    as_settled: int
    looks: tuple[Look, ...]


def look_again(session: Session, batch: Batch, person_id: int) -> LookAgain:
    """Missed known answers first, then the longest looks of this reviewer in this batch."""
    rows = session.execute(
        select(
            Decision.seq,
            Decision.example_id,
            Decision.verdict,
            current_label(Decision.label_id).label("label_id"),
            Decision.seconds,
            Decision.read_reason,
            current_label(standing_label()).label("given_label_id"),
            current_label(Example.final_label_id).label("final_label_id"),
            Example.status,
            Score.quality,
            Score.difficulty,
            says_the_final_label().label("right"),
        )
        .join(Example, Example.id == Decision.example_id)
        .outerjoin(Score, (Score.run_id == Decision.run_id) & (Score.example_id == Example.id))
        .where(
            Decision.batch_id == batch.id,
            Decision.person_id == person_id,
            Example.status != Status.ERASED,
            stands(),
        )
        .order_by(Decision.seq)
    ).all()
    final = (Status.CONFIRMED, Status.RELABELED)
    known = [r for r in rows if r.read_reason is ReadReason.KNOWN and r.status in final]
    missed = [row for row in known if not row.right]
    rest = [row for row in rows if row.read_reason is not ReadReason.KNOWN]
    taken = sorted(row.seconds for row in rest if row.seconds > 0)
    bound = max(LONGEST, LONG * taken[len(taken) // 2]) if len(taken) >= FEW else float("inf")
    long = sorted((r for r in rest if r.seconds >= bound), key=lambda row: -row.seconds)
    open_still = batch.state is not BatchState.CLOSED
    looks = [
        Look(
            seq=row.seq,
            example_id=row.example_id,
            verdict=row.verdict,
            label_id=row.label_id,
            given_label_id=row.given_label_id,
            seconds=row.seconds,
            quality=row.quality,
            difficulty=row.difficulty,
            settled_label_id=row.final_label_id if row in missed else None,
            may_change=open_still and row not in missed,
        )
        for row in [*missed, *long][:MOST]
    ]
    return LookAgain(len(known), len(known) - len(missed), tuple(looks))
