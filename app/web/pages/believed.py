"""What answers and the model make of one example together, beside the majority of the answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.review.answering.belief import SURE, belief
from app.review.books.fold import Answer
from app.shares import whole_percent

SHOWN = 4  # outcomes, the likeliest first
WORTH = 0.005  # a less likely outcome is left out
REMOVED = "Remove"


@dataclass(frozen=True, slots=True)
class Believed:
    """Outcomes with their chance, as a number and in words."""

    rows: list[tuple[str, float, str]]
    majority: str
    sure: bool


def believed(
    session: Session,
    project_id: int,
    example_id: int,
    *,
    answers: Sequence[Answer],
    names: Mapping[int, str],
) -> Believed | None:
    """None while nobody has answered."""
    estimate = belief(session, project_id, example_id, answers) if answers else None
    if estimate is None:
        return None

    def name(outcome: int | None) -> str:
        return REMOVED if outcome is None else names.get(outcome, "a retired label")

    rows = [
        (name(outcome), chance, whole_percent(chance))
        for place, (outcome, chance) in enumerate(estimate.outcomes[:SHOWN])
        if place == 0 or chance >= WORTH
    ]
    said = ", ".join(f"{name(outcome)} {answers}" for outcome, answers in estimate.said)
    return Believed(rows, said, estimate.sureness >= SURE)
