"""Ranks before and after: each thing is a line from its place to the left to that at the right."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

from app.web.charts.numbers import Axis, check_finite, interval, written
from app.web.charts.table_view import NARROW, WIDE, TableView
from app.web.charts.texts import SIZE, Anchor, Text, cut, width_of

_STEP, _TOP, _FOOT = 44.0, 40.0, 20.0
_GAP = 10.0
_MIDDLE = 0.24  # of the width: what the lines cross


@dataclass(frozen=True, slots=True)
class Slope:
    """One thing: its value before and after, and the bounds of the latter."""

    name: str
    before: float
    after: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class SlopeLine:
    start: tuple[float, float]
    end: tuple[float, float]
    moves: bool


@dataclass(frozen=True, slots=True)
class SlopeDrawing:
    width: float
    height: float
    lines: tuple[SlopeLine, ...]
    texts: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Slopes:
    """`before` and `after` head the two sides; the highest value stands on top."""

    title: str
    before: str
    after: str
    axis: Axis
    slopes: tuple[Slope, ...]

    def __post_init__(self) -> None:
        for one in self.slopes:
            check_finite(f"{self.title}, {one.name}", one.before, one.after, one.low, one.high)
            if not one.low <= one.after <= one.high:
                raise ValueError(f"{self.title}: {one.name} is not within its interval.")

    @property
    def empty(self) -> bool:
        return not self.slopes

    @property
    def summary(self) -> str:
        said = [
            f"{one.name} {written(one.before, self.axis.unit)}, then "
            f"{written(one.after, self.axis.unit)}"
            for one in self.slopes
        ]
        return "; ".join(said) + "." if said else "Nothing to draw yet."

    @property
    def table(self) -> TableView:
        unit = self.axis.unit
        rows = tuple(
            (
                one.name,
                written(one.before, unit),
                written(one.after, unit),
                interval(one.low, one.high, unit),
            )
            for one in self.slopes
        )
        return TableView(("", self.before, self.after, "95% interval"), rows)

    @property
    def drawings(self) -> tuple[SlopeDrawing, ...]:
        return () if self.empty else (self.drawn(WIDE), self.drawn(NARROW))

    def drawn(self, width: float) -> SlopeDrawing:
        left, right = width * (0.5 - _MIDDLE / 2), width * (0.5 + _MIDDLE / 2)
        places = range(len(self.slopes))
        first = sorted(places, key=lambda nth: -self.slopes[nth].before)
        last = sorted(places, key=lambda nth: -self.slopes[nth].after)
        crossing = self._crossing(first, last)
        lines, texts = (
            [],
            [
                Text(left, SIZE, cut(self.before, left), "end"),
                Text(right, SIZE, cut(self.after, width - right)),
            ],
        )
        for nth in places:
            up, down = (_TOP + _STEP * order.index(nth) for order in (first, last))
            lines.append(SlopeLine((left, up), (right, down), nth in crossing))
            one, unit = self.slopes[nth], self.axis.unit
            texts += _named(one.name, written(one.before, unit), (left, up), -1, left)
            texts += _named(one.name, written(one.after, unit), (right, down), 1, width - right)
        height = _TOP + _STEP * (len(self.slopes) - 1) + _FOOT
        return SlopeDrawing(width, height, tuple(lines), tuple(texts))

    def _crossing(self, first: list[int], last: list[int]) -> set[int]:
        """Those that pass another."""
        found: set[int] = set()
        for one, other in combinations(range(len(self.slopes)), 2):
            before = first.index(one) < first.index(other)
            if before != (last.index(one) < last.index(other)):
                found |= {one, other}
        return found


def _named(
    name: str, value: str, at: tuple[float, float], side: int, room: float
) -> tuple[Text, Text]:
    """The value beside the end of a line, and the name beyond it."""
    x, y = at[0] + side * _GAP, at[1] + 0.35 * SIZE
    anchor: Anchor = "start" if side > 0 else "end"
    taken = width_of(value, bold=True) + 6
    words = cut(name, max(0.0, room - _GAP - taken))
    return (
        Text(x, y, value, anchor, "strong"),
        Text(x + side * taken, y, words, anchor, "soft"),
    )
