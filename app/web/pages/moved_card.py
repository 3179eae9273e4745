"""Whether the data moved, or its labels, as the page of noise shows it."""

from __future__ import annotations

from dataclasses import dataclass

from app.audit.study.report import Movement
from app.insights.drift_words import cannot, comparisons
from app.noise.moves import Move

TONES = {
    Move.DRIFT: "warn",
    Move.DRIFT_AT_LEAST: "warn",
    Move.BOTH: "remove",
    Move.NOISE: "remove",
}


@dataclass(frozen=True, slots=True)
class MovedRow:
    """Recent rows, or those of a split, against the others."""

    chip: str
    tone: str
    words: str


@dataclass(frozen=True, slots=True)
class MovedCard:
    """`missing` says what could not be compared, and why."""

    rows: tuple[MovedRow, ...]
    missing: tuple[str, ...]


def moved_card(movement: Movement | None) -> MovedCard:
    found = comparisons(movement) if movement is not None else []
    rows = (MovedRow(one.title, TONES.get(one.move, ""), one.words) for one in found)
    return MovedCard(tuple(rows), tuple(cannot(movement)))
