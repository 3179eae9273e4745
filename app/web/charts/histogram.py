"""How many there are of each size, with a part of every bin hatched apart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from app.web.charts.numbers import Axis, Unit, check_finite, shortly, ticks, written
from app.web.charts.table_view import NARROW, WIDE, TableView
from app.web.charts.texts import SIZE, Box, Text, cut, width_of

HEIGHT = 220.0
MOST_BINS = 40

_HEAD, _FOOT, _GAP = 2.6 * SIZE, 3.4 * SIZE, 8.0
_LEAST_HEIGHT = 1.5  # of what is there at all
_HATCH = 5.0
_MOST_Y = 5


@dataclass(frozen=True, slots=True)
class Bin:
    """From `low` to below `high`; `apart` of the `count` are what the legend names."""

    low: float
    high: float
    count: int
    apart: int = 0


@dataclass(frozen=True, slots=True)
class Bar:
    whole: Box
    apart: Box | None
    hatch: str  # a path of the lines across `apart`
    said: str


@dataclass(frozen=True, slots=True)
class Mark:
    at: float
    text: Text


@dataclass(frozen=True, slots=True)
class HistogramDrawing:
    width: float
    height: float
    plot: Box
    bars: tuple[Bar, ...]
    y_ticks: tuple[Mark, ...]
    texts: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Histogram:
    """`apart` says in words what the hatched part of a bin is, `others` what the rest is."""

    title: str
    x: Axis
    y: Axis
    bins: tuple[Bin, ...]
    others: str = ""
    apart: str = ""

    def __post_init__(self) -> None:
        if len(self.bins) > MOST_BINS:
            raise ValueError(f"{self.title}: {len(self.bins)} bins cannot be told apart.")
        for one in self.bins:
            check_finite(self.title, one.low, one.high, one.count, one.apart)
            if not (one.low < one.high and 0 <= one.apart <= one.count):
                raise ValueError(f"{self.title}: {one} is no bin.")
        for one, later in zip(self.bins, self.bins[1:], strict=False):
            if later.low < one.high:
                raise ValueError(f"{self.title}: {later} begins before {one} ends.")
        if any(one.apart for one in self.bins) and not self.apart:
            raise ValueError(f"{self.title}: nothing says what is hatched.")

    @property
    def empty(self) -> bool:
        return not any(one.count for one in self.bins)

    @property
    def total(self) -> int:
        return sum(one.count for one in self.bins)

    @property
    def total_apart(self) -> int:
        return sum(one.apart for one in self.bins)

    @property
    def summary(self) -> str:
        if self.empty:
            return "Nothing to draw yet."
        most = max(self.bins, key=lambda one: one.count)
        told = (
            f"{self.total:,} {self.y.words}; most of them, {most.count:,}, at {self._range(most)}."
        )
        if self.apart:
            told += f" {self.apart}: {self.total_apart:,}."
        return told

    @property
    def table(self) -> TableView:
        if not self.apart:
            rows = tuple((self._range(one), f"{one.count:,}") for one in self.bins)
            return TableView((self.x.words, self.y.words), rows)
        split = tuple((self._range(one), f"{one.count:,}", f"{one.apart:,}") for one in self.bins)
        return TableView((self.x.words, self.y.words, self.apart), split)

    def _range(self, one: Bin) -> str:
        return f"{written(one.low, self.x.unit)} to {written(one.high, self.x.unit)}"

    @property
    def drawings(self) -> tuple[HistogramDrawing, ...]:
        return () if self.empty else (self.drawn(WIDE), self.drawn(NARROW))

    def drawn(self, width: float) -> HistogramDrawing:
        most = max((one.count for one in self.bins), default=0)
        marks = ticks(0, most, most=_MOST_Y, unit=Unit.COUNT)
        names = [shortly(mark, Unit.COUNT) for mark in marks]
        left = max(width_of(name) for name in names) + _GAP
        right = max(_GAP, width_of(self._edge(self.bins[-1].high)) / 2 + 1)
        plot = Box(left, _HEAD, width - right, HEIGHT - _FOOT)
        scale = plot.height / marks[-1]
        y_ticks = tuple(
            Mark(y, Text(left - _GAP, y + 0.35 * SIZE, name, "end"))
            for name, y in ((n, plot.bottom - m * scale) for n, m in zip(names, marks, strict=True))
        )
        bars = tuple(self._bar(one, plot, scale) for one in self.bins)
        heads = (
            Text(0, SIZE, cut(self.y.words, width)),
            Text(width - 1, HEIGHT - 0.4 * SIZE, cut(self.x.words, width - 2), "end"),
        )
        texts = (*heads, *self._edges(plot), *self._counts(bars))
        return HistogramDrawing(width, HEIGHT, plot, bars, y_ticks, texts)

    def _x(self, value: float, plot: Box) -> float:
        low, high = self.bins[0].low, self.bins[-1].high
        return plot.left + plot.width * (value - low) / (high - low)

    def _bar(self, one: Bin, plot: Box, scale: float) -> Bar:
        left, right = self._x(one.low, plot) + 1, self._x(one.high, plot) - 1
        if right <= left:
            left, right = left - 1, right + 1

        def standing(count: int) -> Box:
            tall = max(_LEAST_HEIGHT, count * scale) if count else 0.0
            return Box(left, plot.bottom - tall, right, plot.bottom)

        said = f"{self._range(one)}: {one.count:,}"
        if not one.apart:
            return Bar(standing(one.count), None, "", said)
        apart = standing(one.apart)
        return Bar(standing(one.count), apart, hatched(apart), f"{said}, {one.apart:,} hatched")

    def _edge(self, value: float) -> str:
        return shortly(value, self.x.unit)

    def _edges(self, plot: Box) -> Iterator[Text]:
        """Where bins begin and end, as many as stand apart."""
        edges = [one.low for one in self.bins] + [self.bins[-1].high]
        wide = max(width_of(self._edge(edge)) for edge in edges) + _GAP
        step = next(n for n in range(1, len(edges) + 1) if n * plot.width >= wide * len(self.bins))
        places = edges[::step]
        end = float("-inf")
        for edge in places:
            text = Text(self._x(edge, plot), plot.bottom + 1.4 * SIZE, self._edge(edge), "middle")
            if text.box.left >= end:
                yield text
                end = text.box.right + 2

    def _counts(self, bars: tuple[Bar, ...]) -> Iterator[Text]:
        """The number above each bin, where there is room for all of them."""
        said = [
            (shortly(one.count, Unit.COUNT), bar.whole)
            for one, bar in zip(self.bins, bars, strict=True)
            if one.count
        ]
        if all(width_of(words) <= box.width + 2 for words, box in said):
            for words, box in said:
                yield Text((box.left + box.right) / 2, box.top - 4, words, "middle")


def hatched(box: Box, gap: float = _HATCH) -> str:
    """Slanted lines across a box, as a path that does not leave it."""
    lines = []
    place = box.left - box.height + gap
    while place < box.right:
        left, right = max(place, box.left), min(place + box.height, box.right)
        low, high = box.bottom - (left - place), box.bottom - (right - place)
        lines.append(f"M{left:.1f},{low:.1f}L{right:.1f},{high:.1f}")
        place += gap
    return "".join(lines)
