"""How often a batch is made again: a record each, and the times that follow from it. All in UTC."""

from __future__ import annotations

import calendar
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from app.errors import Invalid

MINUTES = 24 * 60
DEFAULT_MINUTE = 8 * 60
WEEKDAYS = tuple(calendar.day_name)


@dataclass(frozen=True, slots=True)
class Repeat:
    """One way to repeat; a period begins on `start` of a date, and holds one time that is due."""

    name: str
    choice: str
    start: Callable[[date], date]
    after: Callable[[date], date]  # the start of the next period, from that of one
    on: Callable[[date, int], date]  # the day that is due, of the period that begins there
    days: range  # that can be chosen
    words: Callable[[int], str]  # on which day
    period: Callable[[date], str]  # in names of batches
    names: tuple[str, ...] = ()  # of its days, where they have names


def day_words(day: date) -> str:
    return f"{day.day} {day:%b %Y}"


def _month_after(start: date) -> date:
    return (start + timedelta(days=31)).replace(day=1)


def _of_month(start: date, day: int) -> date:
    """A month that is shorter has its last day instead."""
    return start.replace(day=min(day, calendar.monthrange(start.year, start.month)[1]))


REPEATS = {
    repeat.name: repeat
    for repeat in (
        Repeat(
            "day",
            "Every day",
            start=lambda day: day,
            after=lambda start: start + timedelta(days=1),
            on=lambda start, _: start,
            days=range(1),
            words=lambda _: "every day",
            period=day_words,
        ),
        Repeat(
            "week",
            "Every week",
            start=lambda day: day - timedelta(days=day.weekday()),
            after=lambda start: start + timedelta(days=7),
            on=lambda start, day: start + timedelta(days=day),
            days=range(7),
            words=lambda day: f"every {WEEKDAYS[day]}",
            period=lambda start: f"week of {day_words(start)}",
            names=WEEKDAYS,
        ),
        Repeat(
            "month",
            "Every month",
            start=lambda day: day.replace(day=1),
            after=_month_after,
            on=_of_month,
            days=range(1, 32),
            words=lambda day: f"every month on day {day}",
            period=lambda start: f"{start:%B %Y}",
        ),
    )
}
"""In the order of the form."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a batch is due: `every` names the repeat, `minute` is of the day."""

    every: str
    day: int = 0
    minute: int = DEFAULT_MINUTE

    @property
    def repeat(self) -> Repeat:
        return REPEATS[self.every]

    @property
    def words(self) -> str:
        return f"{self.repeat.words(self.day)} at {clock_words(self.minute)} UTC"

    def of_period(self, start: date) -> datetime:
        return _at(self.repeat.on(start, self.day), self.minute)

    def next_after(self, moment: datetime, *, made_for: datetime | None = None) -> datetime:
        """The next time that is due; not in the period of the time that a batch was made for."""
        start = self.repeat.start(moment.astimezone(UTC).date())
        done = None if made_for is None else self.repeat.start(made_for.date())
        while self.of_period(start) <= moment or (done is not None and start <= done):
            start = self.repeat.after(start)
        return self.of_period(start)

    def last_until(self, moment: datetime, *, since: datetime) -> datetime:
        """The last time that was due by now, of those from `since` on."""
        last = since
        while (following := self.next_after(last)) <= moment:
            last = following
        return last

    def period(self, moment: datetime) -> str:
        return self.repeat.period(self.repeat.start(moment.date()))


def _at(day: date, minute: int) -> datetime:
    return datetime.combine(day, time(minute // 60, minute % 60), UTC)


def clock_words(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def day_of(every: str, text: str) -> int:
    """The day of a repeat as somebody types it: by its name, or its number; else the first."""
    repeat = _repeat_named(every)
    text = text.strip().casefold()
    if not text:
        return repeat.days[0]
    if repeat.names:
        named = [day for day, name in enumerate(repeat.names) if name.casefold().startswith(text)]
        if len(named) == 1:
            return named[0]
        told = ", ".join(repeat.names)
    elif text.isascii() and text.isdigit() and len(text) <= 4 and int(text) in repeat.days:
        return int(text)
    else:
        told = f"{repeat.days[0]} to {repeat.days[-1]}"
    raise Invalid(f"{text!r} is not one of the days.", next_step=f"Choose one of: {told}.")


def _repeat_named(every: str) -> Repeat:
    repeat = REPEATS.get(every)
    if repeat is None:
        raise Invalid(
            f"A batch cannot repeat every {every!r}.",
            next_step=f"Choose one of {', '.join(REPEATS)}.",
        )
    return repeat


def minute_of(text: str) -> int:
    """Of the day, as a form or a program writes a time."""
    try:
        at = time.fromisoformat(text.strip())
    except ValueError:
        at = None
    if at is None or at.tzinfo is not None or at.second or at.microsecond:
        raise Invalid(
            "The time is not a time of the day.", next_step="Write it like 08:30, in UTC."
        )
    return at.hour * 60 + at.minute


def check_schedule(schedule: Schedule) -> Schedule:
    """One that has times, or what is wrong with it; a day that means nothing is left out."""
    days = _repeat_named(schedule.every).days
    day = schedule.day if len(days) > 1 else 0
    if day not in days:
        raise Invalid(
            f"Day {day} is not one of {days[0]} to {days[-1]}.", next_step="Choose another day."
        )
    if not 0 <= schedule.minute < MINUTES:
        raise Invalid("The time is not a time of the day.", next_step="Write it like 08:30.")
    return Schedule(schedule.every, day, schedule.minute)
