"""A share on a scale of bands: the estimate, its interval, and how it was before.

The scale is linear and ends half above its last border. What lies past its end is an arrow and a
number in words, never a mark at the end itself.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.insights.health import BANDS
from app.shares import percent
from app.web.charts.line import joined
from app.web.charts.numbers import Unit, check_finite, interval
from app.web.charts.table_view import NARROW, WIDE, TableView
from app.web.charts.texts import SIZE, Box, Text, in_rows, inside

_ROW = 16.0
_BAR, _GAP, _EDGE = 10.0, 2.0, 2.0
_OVER = 6.0  # the interval above and below the bar
_ARROW = 7.0


@dataclass(frozen=True, slots=True)
class Band:
    name: str
    start: float  # a share; it ends where the next one starts


HEALTH = tuple(Band(band.value.capitalize(), start) for start, band in BANDS)


@dataclass(frozen=True, slots=True)
class Before:
    """The same share at another time; `words` say when."""

    words: str
    share: float


@dataclass(frozen=True, slots=True)
class BandShape:
    nth: int  # from 1: its colour
    box: Box


@dataclass(frozen=True, slots=True)
class ScaleDrawing:
    """`interval` has its right side open where it goes on past the scale; arrows are outlines."""

    width: float
    height: float
    bands: tuple[BandShape, ...]
    interval: Box | None
    open_end: bool
    mark: float | None
    before: float | None
    arrows: tuple[str, ...]
    texts: tuple[Text, ...]
    bar: Box


@dataclass(frozen=True, slots=True)
class Scale:
    """Shares of 1. Without an estimate only the bands are drawn: there is not enough data."""

    title: str
    estimate: float | None = None
    low: float | None = None
    high: float | None = None
    before: Before | None = None
    bands: tuple[Band, ...] = HEALTH

    def __post_init__(self) -> None:
        if self.estimate is not None:
            if self.low is None or self.high is None:
                raise ValueError(f"{self.title}: an estimate is never shown without its interval.")
            check_finite(self.title, self.low, self.estimate, self.high)
            if not 0 <= self.low <= self.estimate <= self.high <= 1:
                raise ValueError(
                    f"{self.title}: {self.low} to {self.high} is no interval of {self.estimate}."
                )
        if self.before is not None:
            check_finite(self.title, self.before.share)

    @property
    def end(self) -> float:
        return 1.5 * self.bands[-1].start

    @property
    def summary(self) -> str:
        if self.estimate is None or self.low is None or self.high is None:
            return "Not enough data yet."
        told = f"{percent(self.estimate)}, 95% interval {interval(self.low, self.high, Unit.SHARE)}"
        if self.before is not None:
            told += f"; {self.before.words} {percent(self.before.share)}"
        return f"{told}."

    @property
    def table(self) -> TableView:
        rows = [(self._range(nth), band.name) for nth, band in enumerate(self.bands)]
        if self.estimate is not None and self.low is not None and self.high is not None:
            rows.insert(0, ("Estimate", percent(self.estimate)))
            rows.insert(1, ("95% interval", interval(self.low, self.high, Unit.SHARE)))
        if self.before is not None:
            rows.append((self.before.words, percent(self.before.share)))
        return TableView(("", "Share"), tuple(rows))

    @property
    def drawings(self) -> tuple[ScaleDrawing, ScaleDrawing]:
        return self.drawn(WIDE), self.drawn(NARROW)

    def drawn(self, width: float) -> ScaleDrawing:
        above = self._above(width)
        rows_above = 1 + max((round(text.y / _ROW) - 1 for text in above), default=-1)
        top = rows_above * _ROW + _OVER + 6
        bar = Box(_EDGE, top, width - _EDGE, top + _BAR)
        below = self._below(bar, top + _BAR + _OVER + SIZE + 3)
        last = max(text.y for text in below)
        open_end = self.high is not None and self.high > self.end
        away = [share for share in self._marks() if share > self.end]
        return ScaleDrawing(
            width=width,
            height=last + 0.4 * SIZE,
            bands=tuple(self._shapes(bar)),
            interval=self._interval(bar),
            open_end=open_end,
            mark=self._place(self.estimate, bar),
            before=self._place(self.before.share if self.before else None, bar),
            arrows=(_arrow(bar),) if open_end or away else (),
            texts=(*above, *below),
            bar=bar,
        )

    def _marks(self) -> list[float]:
        known = (self.estimate, self.before.share if self.before else None)
        return [share for share in known if share is not None]

    def _x(self, share: float, bar: Box) -> float:
        return bar.left + bar.width * min(share, self.end) / self.end

    def _place(self, share: float | None, bar: Box) -> float | None:
        """Where a mark stands; None past the end."""
        return None if share is None or share > self.end else self._x(share, bar)

    def _interval(self, bar: Box) -> Box | None:
        if self.low is None or self.high is None:
            return None
        left = min(self._x(self.low, bar), bar.right - 2 * _ARROW)
        right = max(self._x(self.high, bar), left + 2)
        return Box(left, bar.top - _OVER, right, bar.bottom + _OVER)

    def _shapes(self, bar: Box) -> list[BandShape]:
        starts = [self._x(band.start, bar) for band in self.bands]
        ends = [start - _GAP for start in starts[1:]] + [bar.right]
        return [
            BandShape(nth, Box(left, bar.top, right, bar.bottom))
            for nth, (left, right) in enumerate(zip(starts, ends, strict=True), start=1)
        ]

    def _above(self, width: float) -> list[Text]:
        """What it was before, and the numbers of what lies past the end."""
        bar, room = Box(_EDGE, 0, width - _EDGE, 0), Box(0, 0, width, 0)
        texts = []
        if self.before is not None:
            far = self.before.share > self.end
            words = f"{self.before.words}, {percent(self.before.share)} →" if far else None
            place = self._x(self.before.share, bar)
            texts.append(Text(place, _ROW, words or self.before.words, "middle"))
        if self.estimate is not None and self.estimate > self.end:
            texts.append(Text(width, _ROW, f"{percent(self.estimate)} →", "end", "strong"))
        elif self.high is not None and self.high > self.end:
            texts.append(Text(width, _ROW, f"to {percent(self.high)} →", "end"))
        return in_rows((inside(text, room) for text in texts), height=_ROW)

    def _below(self, bar: Box, y: float) -> list[Text]:
        """The names of the bands from their left borders; the first is the narrowest."""
        room, texts = Box(0, 0, bar.right + _EDGE, 0), []
        for nth, shape in enumerate(self._shapes(bar)):
            name = self.bands[nth].name
            words = f"{name}, {self._range(nth)}" if nth else name
            texts.append(inside(Text(shape.box.left, y, words, look="soft"), room))
        return in_rows(texts, height=_ROW)

    def _range(self, nth: int) -> str:
        low = percent(self.bands[nth].start)
        if nth == len(self.bands) - 1:
            return f"over {low}"
        high = percent(self.bands[nth + 1].start)
        return f"{low.removesuffix('%')} to {high}" if nth else f"under {high}"


def _arrow(bar: Box) -> str:
    """An outline that points out of the scale, at its right end."""
    middle, back = bar.top + bar.height / 2, bar.right - _ARROW
    corners = ((back, bar.top - 1), (bar.right + _EDGE, middle), (back, bar.bottom + 1))
    return joined(corners)
