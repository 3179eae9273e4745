"""Where a number of a table's row lies: within its label, the suggested one, or its whole column.

`static/review/range-bar.js` draws the same for every example after the first.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from math import log10
from typing import NamedTuple

from app.db.tables.ranking import FieldRanges
from app.review.serving.cards import Card

WIDTH = 72
_EDGE = 2  # so that a mark at either end is whole
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?", re.IGNORECASE | re.ASCII)
_LONGEST = 24  # characters of a value in words
_WIDE = 1_000  # a column whose ends are so many times apart is drawn by its powers of ten

Range = tuple[float, float]


class Span(NamedTuple):
    """One range as a bar: `kind` chooses its color and its height in the picture."""

    kind: str
    x: float
    width: float


class RangeBar(NamedTuple):
    mark: float
    spans: tuple[Span, ...]
    words: str


def range_bars(
    ranges: Mapping[str, FieldRanges], card: Card, names: Mapping[int, str]
) -> dict[str, RangeBar]:
    """By field, of numbers whose columns are known; of hidden labels no range is drawn."""
    bars = {}
    given = card.get("given")
    suggested = next((label for label, _ in card.get("options") or [] if label != given), None)
    for name, value, *_ in card["content"].get("fields", []):
        known, number = ranges.get(name), _number(value)
        if known is not None and number is not None:
            shown = _shown(known, given, suggested, names)
            bars[name] = _bar(known, number, value.strip()[:_LONGEST], shown)
    return {name: bar for name, bar in bars.items() if bar is not None}


def _number(value: str) -> float | None:
    return float(value) if _NUMBER.fullmatch(value.strip()) else None


def _shown(
    known: FieldRanges, given: int | None, suggested: int | None, names: Mapping[int, str]
) -> list[tuple[str, str, Range]]:
    """Kind, in words of what, from where to where."""
    of = {label: (low, high) for label, low, high in known["of"]}
    labels = [("given", given), ("suggested", suggested)]
    found = [
        (kind, f"for {names.get(label, 'a retired label')}", of[label])
        for kind, label in labels
        if label is not None and label in of
    ]
    low, high = known["every"]
    return found or [("every", "in this column", (low, high))]


def _bar(
    known: FieldRanges, number: float, value: str, shown: list[tuple[str, str, Range]]
) -> RangeBar | None:
    """On a scale that is the same for every example, so that bars of one field compare."""
    low = min([known["every"][0], *(one[1] for one in known["of"])])
    high = max([known["every"][1], *(one[2] for one in known["of"])])
    if not high > low:
        return None
    scale = log10 if 0 < low * _WIDE <= high else float

    def x(at: float) -> float:
        within = scale(min(high, max(low, at)))
        share = (within - scale(low)) / (scale(high) - scale(low))
        return round(_EDGE + share * (WIDTH - 2 * _EDGE), 1)

    spans = tuple(
        Span(kind, x(first), max(2.0, round(x(last) - x(first), 1)))
        for kind, _, (first, last) in shown
    )
    where = ", ".join(f"{_place(number, span)} {of}" for _, of, span in shown)
    return RangeBar(x(number), spans, f"{value}: {where}")


def _place(number: float, span: Range) -> str:
    if number < span[0]:
        return "low"
    return "high" if number > span[1] else "usual"
