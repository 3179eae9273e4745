"""Several curves over one axis with what each may be at least and at most, and where one is now."""

from __future__ import annotations

from dataclasses import dataclass

from app.web.charts.line import HEIGHT, Tick, joined
from app.web.charts.numbers import Axis, check_finite, interval, shortly, ticks, written
from app.web.charts.table_view import MOST_ROWS, NARROW, WIDE, TableView
from app.web.charts.texts import SIZE, Box, Text, cut, width_of

_HEAD, _FOOT, _GAP = 2.3 * SIZE, 3.4 * SIZE, 8.0
_NAMES = 0.3  # of the width: what the names to the right may take
_APART = SIZE + 3.0
LOOKS = 4
"""Ways to draw a line that differ without colour: solid, dashed, dotted, dash and dot."""


@dataclass(frozen=True, slots=True)
class Banded:
    """One curve: at each place its value and bounds."""

    name: str
    at: tuple[float, ...]
    values: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class CurveDrawn:
    look: int
    points: str
    band: str


@dataclass(frozen=True, slots=True)
class CurvesDrawing:
    width: float
    height: float
    plot: Box
    curves: tuple[CurveDrawn, ...]
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    mark: float | None
    texts: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Curves:
    """The axis up begins where the curves do: it is where they cross that is looked for."""

    title: str
    x: Axis
    y: Axis
    curves: tuple[Banded, ...]
    mark: float | None = None
    marked: str = ""

    def __post_init__(self) -> None:
        for one in self.curves:
            for values in (one.at, one.values, one.low, one.high):
                check_finite(f"{self.title}, {one.name}", *values)
                if len(values) != len(one.at):
                    raise ValueError(f"{self.title}: {one.name} has not a value for each place.")

    @property
    def empty(self) -> bool:
        return not any(one.at for one in self.curves)

    @property
    def summary(self) -> str:
        if self.empty:
            return "Nothing to draw yet."
        said = [
            f"{one.name} from {written(one.values[0], self.y.unit)} to "
            f"{written(one.values[-1], self.y.unit)}"
            for one in self.curves
        ]
        told = [] if self.mark is None else [f"{self.marked} {written(self.mark, self.x.unit)}"]
        return "; ".join([*said, *told]) + "."

    @property
    def table(self) -> TableView:
        rows = [
            (
                written(at, self.x.unit),
                one.name,
                written(value, self.y.unit),
                interval(low, high, self.y.unit),
            )
            for one in self.curves
            for at, value, low, high in zip(one.at, one.values, one.low, one.high, strict=True)
        ]
        rest = f"The first {4 * MOST_ROWS} of {len(rows):,}." if len(rows) > 4 * MOST_ROWS else ""
        heads = (self.x.words, "Curve", self.y.words, "95% interval")
        return TableView(heads, tuple(rows[: 4 * MOST_ROWS]), rest)

    @property
    def drawings(self) -> tuple[CurvesDrawing, ...]:
        return () if self.empty else (self.drawn(WIDE), self.drawn(NARROW))

    def drawn(self, width: float) -> CurvesDrawing:
        ys = [value for one in self.curves for value in (*one.low, *one.high)]
        y_marks = ticks(min(ys), max(ys), most=5, unit=self.y.unit)
        x_marks = ticks(0, max(one.at[-1] for one in self.curves), most=6, unit=self.x.unit)
        left = max(width_of(shortly(mark, self.y.unit)) for mark in y_marks) + _GAP
        plot = Box(left, _HEAD, width * (1 - _NAMES), HEIGHT - _FOOT)

        def place(x: float, y: float) -> tuple[float, float]:
            across = x / x_marks[-1]
            up = (y - y_marks[0]) / (y_marks[-1] - y_marks[0])
            return plot.left + across * plot.width, plot.bottom - up * plot.height

        drawn = [
            CurveDrawn(
                nth % LOOKS,
                joined([place(*at) for at in zip(one.at, one.values, strict=True)]),
                joined(
                    [place(*at) for at in zip(one.at, one.high, strict=True)]
                    + [place(*at) for at in zip(one.at, one.low, strict=True)][::-1]
                ),
            )
            for nth, one in enumerate(self.curves)
        ]
        ends = [(one.name, place(one.at[-1], one.values[-1])[1]) for one in self.curves]
        mark = None if self.mark is None else place(self.mark, y_marks[0])[0]
        return CurvesDrawing(
            width=width,
            height=HEIGHT,
            plot=plot,
            curves=tuple(drawn),
            x_ticks=tuple(
                Tick(x, Text(x, plot.bottom + 1.4 * SIZE, shortly(at, self.x.unit), "middle"))
                for x, at in ((place(at, y_marks[0])[0], at) for at in x_marks)
            ),
            y_ticks=tuple(
                Tick(y, Text(left - _GAP, y + 0.35 * SIZE, shortly(at, self.y.unit), "end"))
                for y, at in ((place(0, at)[1], at) for at in y_marks)
            ),
            mark=mark,
            texts=(*self._heads(width, mark), *_beside(ends, plot.right + _GAP, width)),
        )

    def _heads(self, width: float, mark: float | None) -> list[Text]:
        heads = [
            Text(0, SIZE, cut(self.y.words, width / 2)),
            Text(width * (1 - _NAMES), HEIGHT - 0.4 * SIZE, cut(self.x.words, width / 2), "end"),
        ]
        if mark is not None:
            heads.append(Text(mark + 4, _HEAD - 4, cut(self.marked, width - mark - 4), "start"))
        return heads


def _beside(ends: list[tuple[str, float]], x: float, width: float) -> list[Text]:
    """Names at the ends of their curves, moved apart where two would meet."""
    texts, last = [], -_APART
    for name, y in sorted(ends, key=lambda end: end[1]):
        last = max(y + 0.35 * SIZE, last + _APART)
        texts.append(Text(x, last, cut(name, width - x), "start", "soft"))
    return texts
