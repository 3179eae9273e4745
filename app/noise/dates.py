"""Dates as foreign files write them, guessed by what stands in a column."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from math import floor, isfinite, nan

NEARLY_ALL = 0.9
"""Of the different values that hold a digit so many must be dates of one form."""

AT_LEAST = 0.5
"""And of all different values so many: "NaT" is no date, nor does it forbid the others."""

FIRST_YEAR, LAST_YEAR = 1900, 2199
"""Outside of these a date stands for "unknown" (0001-01-01, 9999-12-31)."""

_LONGEST = 48
_EPOCH = date(1970, 1, 1).toordinal()
_SECONDS_A_DAY = 86_400
_FIRST_SECOND, _LAST_SECOND = 946_684_800, 2_051_222_400
"""2000 to 2034: a number of ten digits outside is a telephone or an account."""

_TIME = (
    r"(?:[T,]?\s*\d{1,2}:\d{2}(?::\d{2})?(?:[.,]\d{1,9})?\s?(?:[AaPp]\.?[Mm]\.?)?"
    r"\s?(?:[A-Z]{1,5}|[+-]\d{2}(?::?\d{2})?)?)?"
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = r"(?P<m>[A-Za-z]{3,9})\.?"
_WEEKDAY = r"(?:[A-Za-z]{3,9},?\s)?"


@dataclass(frozen=True)
class DateForm:
    """One way to write a date: its words, and days since 1970-01-01 of a text (nan for none)."""

    words: str
    days: Callable[[str], float]


def _written(words: str, pattern: str) -> DateForm:
    reader = re.compile(pattern + _TIME)

    def days(text: str) -> float:
        stripped = text.strip()
        found = reader.fullmatch(stripped) if len(stripped) <= _LONGEST else None
        return nan if found is None else _day(found["y"], found["m"], found.groupdict().get("d"))

    return DateForm(words, days)


def _counted(words: str, per_second: int) -> DateForm:
    def days(text: str) -> float:
        try:
            seconds = float(text) / per_second
        except ValueError:
            return nan
        if not isfinite(seconds) or not _FIRST_SECOND <= seconds < _LAST_SECOND:
            return nan
        return float(floor(seconds / _SECONDS_A_DAY))

    return DateForm(words, days)


def _day(year: str, month: str, day: str | None) -> float:
    if month[0].isalpha():
        named = month[:3].lower()
        number = _MONTHS.index(named) + 1 if named in _MONTHS else 0
    else:
        number = int(month)
    try:
        found = date(int(year), number, int(day or 1))
    except ValueError:
        return nan
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        return nan
    return float(found.toordinal() - _EPOCH)


_Y, _M, _D = r"(?P<y>\d{4})", r"(?P<m>\d{1,2})", r"(?P<d>\d{1,2})"

DAY_FIRST = _written("day/month/year", rf"{_D}([/-]){_M}\2{_Y}")
MONTH_FIRST = _written("month/day/year", rf"{_M}([/-]){_D}\2{_Y}")

FORMS = (
    _written("year-month-day", rf"{_Y}([-/.]){_M}\2{_D}"),
    _written("year and month", rf"{_Y}[-/](?P<m>\d\d)"),
    _written("year, month and day without signs", r"(?P<y>(?:19|20)\d\d)(?P<m>\d\d)(?P<d>\d\d)"),
    _written("day.month.year", rf"{_D}\.\s?{_M}\.\s?{_Y}"),
    _written("day, month and year", rf"{_WEEKDAY}{_D}[\s-]{_MONTH}[\s-]{_Y}"),
    _written("month, day and year", rf"{_WEEKDAY}{_MONTH}\s{_D},?\s{_Y}"),
    DAY_FIRST,
    MONTH_FIRST,
    _counted("seconds since 1970", 1),
    _counted("milliseconds since 1970", 10**3),
    _counted("microseconds since 1970", 10**6),
    _counted("nanoseconds since 1970", 10**9),
)
"""Every form that is understood. Two digits for a year are not: 01/02/03 may be anything."""


def date_form(values: Sequence[str]) -> DateForm | None:
    """The form in which nearly all of these texts are dates.

    Parameters
    ----------
    values : sequence of str
        A column; empty texts do not count.

    Returns
    -------
    DateForm or None
        None where fewer than nine in ten of those with a digit are dates of one form, where all
        are of one day, and where day and month could be either way round (``either_way_round``).
    """
    some = _with_digits(values)
    for form in FORMS:
        days = [form.days(one) for one in some]
        read = [one for one in days if one == one]
        if len(read) < NEARLY_ALL * len(some) or len(set(read)) < 2:
            continue
        if form not in (DAY_FIRST, MONTH_FIRST) or _sure(form, some):
            return form
    return None


def either_way_round(values: Sequence[str]) -> bool:
    """Whether these are dates such as 04/05/2023 of which none says what comes first.

    Parameters
    ----------
    values : sequence of str

    Returns
    -------
    bool
        Also true where some can only be day first and some only month first.
    """
    some = _with_digits(values)
    either = sum(any(_reads(form, one) for form in (DAY_FIRST, MONTH_FIRST)) for one in some)
    return bool(some) and either >= NEARLY_ALL * len(some) and date_form(values) is None


def _with_digits(values: Sequence[str]) -> set[str]:
    """The different values that may be dates; none where most values are not."""
    some = {one for one in values if one.strip()}
    found = {one for one in some if any(map(str.isdigit, one))}
    return found if len(found) >= AT_LEAST * len(some) else set()


def _sure(form: DateForm, values: set[str]) -> bool:
    other = MONTH_FIRST if form is DAY_FIRST else DAY_FIRST
    only = any(_reads(form, one) and not _reads(other, one) for one in values)
    return only and not any(_reads(other, one) and not _reads(form, one) for one in values)


def _reads(form: DateForm, value: str) -> bool:
    days = form.days(value)
    return days == days
