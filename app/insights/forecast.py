"""How many wrong labels the next reads will find, if the ranking is right about the order."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db.tables.datasets import Example, Project
from app.db.tables.ranking import RunFindings, Score, ScoringRun
from app.db.words import LOOKED_AT
from app.insights.health import Health, Known

FURTHEST = 2_000
"""Reads that are looked ahead; further on too much changes by what they teach."""

POINTS = 40


@dataclass(frozen=True, slots=True)
class Ahead:
    """After `reads` more reads, wrong labels found by them: about `middle`, between the others."""

    reads: int
    middle: float
    low: float
    high: float


def ahead(session: Session, project: Project, health: Health) -> list[Ahead]:
    """Nothing without a ranking that kept what it found, or without an estimate.

    The estimate sets how many are left, low, middle and high; the label quality only how soon they
    come: the next reads find the share of them that they hold of all doubt.
    """
    if health.known is not Known.TOLD or health.row.unserved == 0:
        return []
    doubt = doubt_left(session, project, unread=health.row.unserved)
    if doubt <= 0:
        return []
    # Those that were read are a list by their index, and the ranking is walked past them.
    read = select(Example.id).where(Example.project_id == project.id, Example.status.in_(LOOKED_AT))
    next_ones = session.scalars(
        select(Score.quality)
        .where(
            Score.run_id == project.run_id,
            Score.priority.is_not(None),
            Score.example_id.not_in(read),
        )
        .order_by(Score.priority.desc(), Score.example_id.desc())
        .limit(min(FURTHEST, max(200, health.row.serves)))
    )
    held = list(accumulate(1.0 - (quality or 0.0) for quality in next_ones))
    step = max(1, len(held) // POINTS)
    places = [place for place in range(len(held)) if (place + 1) % step == 0]
    return [_at(place + 1, min(1.0, held[place] / doubt), health) for place in places]


def _at(reads: int, share: float, health: Health) -> Ahead:
    middle, low, high = (
        min(float(reads), share * left)
        for left in (health.row.middle or 0, health.row.low, health.row.high)
    )
    return Ahead(reads, middle, min(low, middle), max(high, middle))


def doubt_left(session: Session, project: Project, *, unread: int) -> float:
    """Sum of one minus label quality over what nobody has read, by the mean of the ranking."""
    kept: RunFindings = (
        session.scalar(select(ScoringRun.findings).where(ScoringRun.id == project.run_id)) or {}
    )
    if not kept.get("labels") or "doubt" not in kept:
        return 0.0
    return unread * kept["doubt"] / kept["labels"]
