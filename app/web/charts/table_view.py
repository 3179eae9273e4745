"""The numbers behind a drawing as a table, and the two widths that each is drawn in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")

WIDE, NARROW = 600.0, 340.0
"""Text keeps its size: a phone gets a drawing of its own, with fewer marks."""

MOST_ROWS = 24
"""Points of a curve in its table."""


@dataclass(frozen=True, slots=True)
class TableView:
    """`heads` over `rows`; the first cell of a row names it. `rest` says what is not there."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    rest: str = ""


def thinned(points: Sequence[T], most: int) -> tuple[T, ...]:
    """The first, the last and evenly some between: as many as can be told apart."""
    if len(points) <= most:
        return tuple(points)
    last = len(points) - 1
    return tuple(points[round(nth * last / (most - 1))] for nth in range(most))
