"""What is known of examples, and how each kind of it is cut into groups."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from types import MappingProxyType
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import CountVectorizer

from app.arrays import Scores

BANDS = 5
"""Numbers, lengths and dates are cut into fifths of the answers."""

LEAST_TEXTS = 5
"""As many as a candidate needs answers; a rarer word is not looked at."""

Rows = NDArray[np.bool_]
Values = NDArray[np.str_] | NDArray[np.object_] | NDArray[np.float64]


class Cut(Protocol):
    """One group of a column."""

    def said(self, column: str) -> str: ...

    def covers(self, column: Column) -> Rows: ...


Found = tuple[Cut, NDArray[np.intp]]
"""A cut, and the rows it covers in rising order."""

Cuts = Callable[["Column", int], Iterator[Found]]
"""Finds the groups of a column: about so many, where there are more the largest."""


@dataclass(frozen=True)
class How:
    """A kind of column: its name, and how it finds its groups."""

    name: str
    cuts: Cuts


@dataclass(frozen=True)
class Column:
    """One thing known of every example: ``values`` of shape (n_examples,).

    Text where ``how`` compares or reads words, "" for nothing; numbers where it makes bands,
    nan for nothing. Dates are days since 1970-01-01; a length is that of a text.
    """

    name: str
    how: How
    values: Values


@dataclass(frozen=True)
class Value:
    """Examples with one value."""

    value: str
    words: str

    def said(self, column: str) -> str:
        return self.words.format(column=column, value=self.value or "empty")

    def covers(self, column: Column) -> Rows:
        return np.asarray(column.values.astype(str) == self.value, dtype=np.bool_)


@dataclass(frozen=True)
class Word:
    """Examples whose text has a word, or lacks it."""

    word: str
    has: bool = True

    def said(self, column: str) -> str:
        return f"{column} {'has' if self.has else 'lacks'} the word “{self.word}”"

    def covers(self, column: Column) -> Rows:
        reader = CountVectorizer(vocabulary=[self.word], binary=True)
        there = reader.transform(column.values.astype(str)).toarray()[:, 0] > 0
        return np.asarray(there == self.has, dtype=np.bool_)


@dataclass(frozen=True)
class Measure:
    """How a column is read as numbers (nan for nothing), and how a band is written."""

    read: Callable[[Values], Scores]
    written: Callable[[float], str]
    first: str
    last: str
    between: str


@dataclass(frozen=True)
class Band:
    """Examples from ``low`` up to ``high``; the first has no low end, the last no high one.

    Without either end: those that have no number.
    """

    low: float | None
    high: float | None
    measure: Measure

    def said(self, column: str) -> str:
        if self.low is None and self.high is None:
            return f"{column} is empty"
        words = self.measure.between
        if self.low is None or self.high is None:
            words = self.measure.first if self.low is None else self.measure.last
        low, high = (end if end is None else self.measure.written(end) for end in self._ends())
        return f"{column} is {words.format(low=low, high=high)}"

    def covers(self, column: Column) -> Rows:
        numbers = self.measure.read(column.values)
        if self.low is None and self.high is None:
            return np.isnan(numbers)
        above = numbers >= (-np.inf if self.low is None else self.low)
        return above if self.high is None else above & (numbers < self.high)

    def _ends(self) -> tuple[float | None, float | None]:
        return self.low, self.high


@dataclass(frozen=True)
class Period:
    """Examples of one year, quarter or month: days from ``start`` to before ``end``."""

    start: float
    end: float
    words: str

    def said(self, column: str) -> str:
        return f"{column} is in {self.words}"

    def covers(self, column: Column) -> Rows:
        days = _numbers(column.values)
        return (days >= self.start) & (days < self.end)


MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)


@dataclass(frozen=True)
class Calendar:
    """A period of so many months; how the one that begins with a month (0 to 11) is written."""

    months: int
    written: Callable[[int, int], str]


CALENDAR = (
    Calendar(12, lambda year, month: f"{year}"),
    Calendar(3, lambda year, month: f"quarter {month // 3 + 1} of {year}"),
    Calendar(1, lambda year, month: f"{MONTHS[month]} {year}"),
)


def _numbers(values: Values) -> Scores:
    return values.astype(np.float64)


def _lengths(texts: Values) -> Scores:
    return np.array([len(str(text)) for text in texts], dtype=np.float64)


def _day(days: float) -> str:
    return (date(1970, 1, 1) + timedelta(days=math.floor(days))).isoformat()


NUMBER = Measure(
    _numbers, "{:g}".format, "below {high}", "{low} or more", "from {low} to below {high}"
)
LENGTH = Measure(
    _lengths,
    "{:.0f}".format,
    "shorter than {high} characters",
    "{low} characters or longer",
    "from {low} to below {high} characters",
)
DAY = Measure(_numbers, _day, "before {high}", "{low} or later", "from {low} to before {high}")


def _by_value(words: str) -> Cuts:
    def cuts(column: Column, most: int) -> Iterator[Found]:
        values, of_row, sizes = np.unique(
            column.values.astype(str), return_inverse=True, return_counts=True
        )
        by_value = np.split(np.argsort(of_row, kind="stable"), np.cumsum(sizes)[:-1])
        for place in np.argsort(-sizes, kind="stable")[:most]:
            yield Value(str(values[place]), words), by_value[place]

    return cuts


def _by_band(measure: Measure) -> Cuts:
    def cuts(column: Column, most: int) -> Iterator[Found]:
        numbers = measure.read(column.values)
        there = numbers[np.isfinite(numbers)]
        quantiles = np.arange(1, BANDS) / BANDS
        edges = np.quantile(there, quantiles, method="higher") if len(there) else there
        ends: list[float | None] = [None, *map(float, np.unique(edges)), None]
        for low, high in pairwise(ends):
            if low is not None or high is not None:
                band = Band(low, high, measure)
                yield band, np.flatnonzero(band.covers(column))
        yield Band(None, None, measure), np.flatnonzero(np.isnan(numbers))

    return cuts


def _by_date(column: Column, most: int) -> Iterator[Found]:
    """Fifths of the answers, then years, quarters and months."""
    yield from _by_band(DAY)(column, most)
    days = _numbers(column.values)
    there = days[np.isfinite(days)].astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    for calendar in CALENDAR:
        firsts, sizes = np.unique(there // calendar.months, return_counts=True)
        for place in np.argsort(-sizes, kind="stable")[:most]:
            first = int(firsts[place]) * calendar.months
            start, end = (_first_day(month) for month in (first, first + calendar.months))
            words = calendar.written(1970 + first // 12, first % 12)
            period = Period(start, end, words)
            yield period, np.flatnonzero(period.covers(column))


def _first_day(months: int) -> float:
    """Of the month that is so many after January 1970."""
    return float(np.datetime64(months, "M").astype("datetime64[D]").astype(np.int64))


def _by_word(column: Column, most: int) -> Iterator[Found]:
    """The words of most texts; where most texts have a word, those that lack it too."""
    texts = column.values.astype(str)
    reader = CountVectorizer(binary=True)
    try:
        found = reader.fit_transform(texts).tocsc()
    except ValueError:  # no text has a word
        return
    in_texts = np.diff(found.indptr)
    names = reader.get_feature_names_out()
    common = np.argsort(-in_texts, kind="stable")[:most]
    with_word = {
        str(names[place]): np.sort(found.indices[found.indptr[place] : found.indptr[place + 1]])
        for place in common[in_texts[common] >= LEAST_TEXTS]
    }
    for word, rows in with_word.items():
        yield Word(word), rows.astype(np.intp)
    for word, rows in with_word.items():
        if len(rows) > len(texts) / 2:
            yield Word(word, has=False), np.setdiff1d(np.arange(len(texts)), rows)


_RECORDS = (
    How("metadata", _by_value("{column} is {value}")),
    How("source", _by_value("its source is {value}")),
    How("split", _by_value("its split is {value}")),
    How("guideline", _by_value("its guideline version is {value}")),
    How("cluster", _by_value("it is in group {value} of like examples")),
    How("duplicates", _by_value("it is {value}")),
    How("number", _by_band(NUMBER)),
    How("date", _by_date),
    How("length", _by_band(LENGTH)),
    How("words", _by_word),
)

HOW: Mapping[str, How] = MappingProxyType({one.name: one for one in _RECORDS})
"""Every kind of column by its name."""
