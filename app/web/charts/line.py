"""A measured curve, what it will likely become, and what it is compared with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from app.web.charts.numbers import Axis, check_finite, interval, shortly, ticks, written
from app.web.charts.table_view import MOST_ROWS, NARROW, WIDE, TableView, thinned
from app.web.charts.texts import SIZE, Box, Text, best_place, cut, width_of

Point = tuple[float, float]

HEIGHT = 220.0
MOST_POINTS = 240  # of a curve: more cannot be told apart

_HEAD, _FOOT, _GAP = 2.3 * SIZE, 3.4 * SIZE, 8.0
_MOST_Y = 6
_INK_STEP = 6.0  # between places of a curve that labels keep away from


@dataclass(frozen=True, slots=True)
class Curve:
    name: str
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Expected:
    """Where a curve will likely be at `x`, and between which bounds."""

    x: float
    y: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Forecast:
    name: str
    points: tuple[Expected, ...]


@dataclass(frozen=True, slots=True)
class Tick:
    at: float
    text: Text


@dataclass(frozen=True, slots=True)
class LineDrawing:
    """Curves as lists of points in the drawing; `key` says which is which where no name fits."""

    width: float
    height: float
    plot: Box
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    measured: str
    forecast: str
    band: str
    reference: str
    mark: Point | None
    texts: tuple[Text, ...]
    key: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """`mark` is said at the last measured point."""

    title: str
    x: Axis
    y: Axis
    measured: Curve
    mark: str = ""
    forecast: Forecast | None = None
    reference: Curve | None = None

    def __post_init__(self) -> None:
        for curve in (self.measured, self.reference):
            for point in curve.points if curve else ():
                check_finite(f"{self.title}, {curve.name if curve else ''}", *point)
        for one in self.forecast.points if self.forecast else ():
            check_finite(f"{self.title}, forecast", one.x, one.y, one.low, one.high)
            if not one.low <= one.y <= one.high:
                raise ValueError(f"{self.title}: {one} is not between its bounds.")

    @property
    def empty(self) -> bool:
        return not self.measured.points and not self._ahead

    @property
    def _ahead(self) -> tuple[Expected, ...]:
        return self.forecast.points if self.forecast else ()

    @property
    def summary(self) -> str:
        told = [self.mark] if self.mark else []
        if self.measured.points and not self.mark:
            told.append(f"{self.measured.name}: {self._said(self.measured.points[-1])}")
        if self.forecast and self._ahead:
            last = self._ahead[-1]
            bounds = interval(last.low, last.high, self.y.unit)
            told.append(f"{self.forecast.name}: {self._said((last.x, last.y))} ({bounds})")
        if self.reference and self.reference.points:
            told.append(f"{self.reference.name}: {self._said(self.reference.points[-1])}")
        return ". ".join(told) + "." if told else "Nothing to draw yet."

    def _said(self, point: Point) -> str:
        return f"{written(point[1], self.y.unit)} at {written(point[0], self.x.unit)}"

    @property
    def table(self) -> TableView:
        rows = [
            (written(x, self.x.unit), self.measured.name, written(y, self.y.unit), "")
            for x, y in thinned(self.measured.points, MOST_ROWS)
        ]
        for one in thinned(self._ahead, MOST_ROWS // 2):
            name = self.forecast.name if self.forecast else ""
            bounds = interval(one.low, one.high, self.y.unit)
            rows.append((written(one.x, self.x.unit), name, written(one.y, self.y.unit), bounds))
        if self.reference:
            rows += [
                (written(x, self.x.unit), self.reference.name, written(y, self.y.unit), "")
                for x, y in thinned(self.reference.points, MOST_ROWS // 2)
            ]
        whole = len(self.measured.points)
        rest = f"{MOST_ROWS} of {whole:,} measured points." if whole > MOST_ROWS else ""
        return TableView((self.x.words, "Curve", self.y.words, "95% interval"), tuple(rows), rest)

    @property
    def drawings(self) -> tuple[LineDrawing, ...]:
        return () if self.empty else (self.drawn(WIDE), self.drawn(NARROW))

    def drawn(self, width: float) -> LineDrawing:
        at = _Place(self, width)
        measured = [at(*point) for point in thinned(self.measured.points, MOST_POINTS)]
        ahead = thinned(self._ahead, MOST_POINTS)
        expected = [at(one.x, one.y) for one in ahead]
        band = [at(one.x, one.high) for one in ahead]
        band += [at(one.x, one.low) for one in reversed(ahead)]
        reference = self.reference.points if self.reference else ()
        compared = [at(*point) for point in thinned(reference, MOST_POINTS)]
        texts, key = self._names(at, (measured, expected, compared))
        return LineDrawing(
            width=width,
            height=HEIGHT,
            plot=at.plot,
            x_ticks=at.x_ticks,
            y_ticks=at.y_ticks,
            measured=joined(measured),
            forecast=joined(expected),
            band=joined(band),
            reference=joined(compared),
            mark=measured[-1] if measured else None,
            texts=(*at.heads, *texts),
            key=key,
        )

    def _names(
        self, at: _Place, curves: tuple[list[Point], list[Point], list[Point]]
    ) -> tuple[list[Text], tuple[str, ...]]:
        """What the curves are called, each beside its own end; what fits nowhere is told below."""
        measured, expected, compared = curves
        ink = [place for curve in curves for place in _along(curve)]
        room = Box(at.plot.left, 0, at.width, at.plot.bottom)
        said = (
            (self.mark or self.measured.name, measured, "strong", "Solid"),
            (self.forecast.name if self.forecast else "", expected, "accent", "Dashed"),
            (self.reference.name if self.reference else "", compared, "quiet", "Dotted"),
        )
        standing: list[Text] = []
        key = []
        for words, curve, look, drawn in said:
            if not words or not curve:
                continue
            places = _beside(curve, cut(words, room.width), look)
            text = best_place(places, room=room, taken=(*at.heads, *standing), ink=ink)
            if text is None:
                key.append(f"{drawn}: {words}")
            else:
                standing.append(text)
        return standing, tuple(key)


class _Place:
    """Where values lie in a drawing of this width, and the marks of its two axes."""

    def __init__(self, line: Line, width: float) -> None:
        self.width = width
        xs, ys = _extent(line)
        y_marks = ticks(min(ys), max(ys), most=_MOST_Y, unit=line.y.unit)
        names = [shortly(mark, line.y.unit) for mark in y_marks]
        left = max(width_of(name) for name in names) + _GAP
        self.x_low, self.x_high = min(xs), max(xs)
        marks = self._x_marks(line, width - left)
        end = shortly(marks[-1], line.x.unit)
        right = max(_GAP, width_of(end) / 2 + 1)
        self.x_low, self.x_high = min(self.x_low, marks[0]), max(self.x_high, marks[-1])
        self.plot = Box(left, _HEAD, width - right, HEIGHT - _FOOT)
        self.y_low, self.y_high = y_marks[0], y_marks[-1]
        self.y_ticks = tuple(
            Tick(y, Text(left - _GAP, y + 0.35 * SIZE, name, "end"))
            for name, y in (
                (name, self(0, mark)[1]) for name, mark in zip(names, y_marks, strict=True)
            )
        )
        self.x_ticks = tuple(
            Tick(x, Text(x, self.plot.bottom + 1.4 * SIZE, shortly(mark, line.x.unit), "middle"))
            for x, mark in ((self(mark, 0)[0], mark) for mark in marks)
        )
        self.heads = (
            Text(0, SIZE, cut(line.y.words, width)),
            Text(width - 1, HEIGHT - 0.4 * SIZE, cut(line.x.words, width - 2), "end"),
        )

    def _x_marks(self, line: Line, room: float) -> tuple[float, ...]:
        """As many as stand apart; the last one is where the values end or after it."""
        for most in (6, 5, 4, 3, 2):
            marks = ticks(self.x_low, self.x_high, most=most, unit=line.x.unit)
            inner = [mark for mark in marks if self.x_low <= mark <= self.x_high]
            shown = tuple(inner) if len(inner) > 1 else marks
            wide = max(width_of(shortly(mark, line.x.unit)) for mark in shown)
            if wide * 1.5 * len(shown) <= room:
                return shown
        return shown[:1] + shown[-1:]

    def __call__(self, x: float, y: float) -> Point:
        across = (x - self.x_low) / (self.x_high - self.x_low)
        up = (y - self.y_low) / (self.y_high - self.y_low)
        return (self.plot.left + across * self.plot.width, self.plot.bottom - up * self.plot.height)


def _extent(line: Line) -> tuple[list[float], list[float]]:
    """All values across and up; both axes begin at 0, or they would make little look like much."""
    points = [*line.measured.points, *(line.reference.points if line.reference else ())]
    ahead = line.forecast.points if line.forecast else ()
    xs = [0.0, *(x for x, _ in points), *(one.x for one in ahead)]
    ys = [0.0, *(y for _, y in points)] + [bound for one in ahead for bound in (one.low, one.high)]
    return xs, ys


def joined(points: Iterable[Point]) -> str:
    """As `points` of a polyline or a polygon."""
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)


def _along(curve: Sequence[Point]) -> Iterator[Point]:
    """Places so close together that no label slips between two of them."""
    yield from curve[:1]
    for (x, y), (to_x, to_y) in pairwise(curve):
        steps = 1 + int(max(abs(to_x - x), abs(to_y - y)) / _INK_STEP)
        for nth in range(1, steps + 1):
            yield (x + (to_x - x) * nth / steps, y + (to_y - y) * nth / steps)


def _beside(curve: Sequence[Point], words: str, look: str) -> list[Text]:
    """Around the end of a curve, and above and below points before it."""
    places = []
    for x, y in (curve[-1], *reversed(curve[:: max(1, len(curve) // 4)])):
        for up in (-10.0, 10.0 + SIZE, -22.0, 22.0 + SIZE):
            places.append(Text(x - 8, y + up, words, "end", look))
            places.append(Text(x + 8, y + up, words, "start", look))
    return places
