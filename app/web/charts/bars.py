"""One bar a row, with its value, the interval around it and where it leads.

Its rows are a table, with a bar in one column: so it is its own table view, names may be of any
length, and what a row leads to is an ordinary link.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.web.charts.numbers import Axis, check_finite, interval, shortly, ticks, written

MOST_ROWS = 24
AT_ONCE, FEW_MORE = 12, 3
LENGTH = 100.0  # of a bar that reaches the end of the axis


@dataclass(frozen=True, slots=True)
class Bar:
    """`value` None: not known, and `note` says why."""

    name: str
    value: float | None
    low: float | None = None
    high: float | None = None
    url: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class BarRow:
    bar: Bar
    length: float
    whisker: tuple[float, float] | None
    value: str
    interval: str


@dataclass(frozen=True, slots=True)
class Bars:
    """`names` heads the column of names; what is past `most` rows is told in words.

    `uncounted`: how many rows there are besides, none of them longer than the last one.
    """

    title: str
    names: str
    axis: Axis
    bars: tuple[Bar, ...]
    most: int = MOST_ROWS
    uncounted: int = 0

    def __post_init__(self) -> None:
        for bar in self.bars:
            known = [one for one in (bar.value, bar.low, bar.high) if one is not None]
            check_finite(f"{self.title}, {bar.name}", *known)
            if any(one < 0 for one in known):
                raise ValueError(f"{self.title}: {bar.name} is below 0.")
            if (bar.low is None) != (bar.high is None):
                raise ValueError(f"{self.title}: the interval of {bar.name} has one end.")
            if sorted(known) != [one for one in (bar.low, bar.value, bar.high) if one is not None]:
                raise ValueError(f"{self.title}: {bar.name} is not within its interval.")

    @property
    def empty(self) -> bool:
        return not self.bars

    @property
    def end(self) -> float:
        """Where the axis ends."""
        values = [one.high if one.high is not None else one.value or 0.0 for one in self._shown]
        return ticks(0, max(values, default=0.0), most=4, unit=self.axis.unit)[-1]

    @property
    def ends(self) -> tuple[str, str]:
        return shortly(0, self.axis.unit), shortly(self.end, self.axis.unit)

    @property
    def _shown(self) -> tuple[Bar, ...]:
        return self.bars[: self.most]

    @property
    def rows(self) -> tuple[BarRow, ...]:
        end = self.end
        return tuple(self._row(bar, end) for bar in self._shown)

    @property
    def first(self) -> tuple[BarRow, ...]:
        """What stands there at once; one or two more are no reason to hide them."""
        return self.rows if len(self.rows) <= AT_ONCE + FEW_MORE else self.rows[:AT_ONCE]

    @property
    def folded(self) -> tuple[BarRow, ...]:
        """What opens on demand."""
        return self.rows[len(self.first) :]

    @property
    def intervals(self) -> bool:
        return any(bar.low is not None for bar in self._shown)

    @property
    def rest(self) -> str:
        """What is not drawn."""
        left = [bar.value or 0.0 for bar in self.bars[self.most :]]
        if not left:
            return ""
        more = len(left) + self.uncounted
        return f"{more:,} more, none above {written(max(left), self.axis.unit)}."

    def _row(self, bar: Bar, end: float) -> BarRow:
        unit = self.axis.unit
        whisker, bounds = None, ""
        if bar.low is not None and bar.high is not None:
            whisker = (LENGTH * bar.low / end, LENGTH * bar.high / end)
            bounds = interval(bar.low, bar.high, unit)
        length = LENGTH * (bar.value or 0.0) / end
        value = "" if bar.value is None else written(bar.value, unit)
        return BarRow(bar, length, whisker, value, bounds)
