"""The fields of a form that say how often a batch is made again."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from app.review.batches.repeats import (
    DEFAULT_MINUTE,
    REPEATS,
    WEEKDAYS,
    Schedule,
    clock_words,
    minute_of,
)
from app.web.forms import FormInput

NEVER = "never"
CHOICES = [(NEVER, "Never"), *((one.name, one.choice) for one in REPEATS.values())]
DAY_FIELDS = {"week": "weekday", "month": "monthday"}
"""In which field the day of a repeat stands."""

DAYS_OF_WEEK = [(str(day), name) for day, name in enumerate(WEEKDAYS)]


class RepeatForm(FormInput):
    """`weekday` from 0 for Monday; `at` is a time of the day, in UTC."""

    repeat: str = Field(default=NEVER, max_length=20)
    weekday: int = 0
    monthday: int = 1
    at: str = Field(default=clock_words(DEFAULT_MINUTE), max_length=20)
    due_days: int | Literal[""] = ""

    @property
    def repeats(self) -> bool:
        return self.repeat != NEVER

    @property
    def schedule(self) -> Schedule:
        named = DAY_FIELDS.get(self.repeat)
        day = getattr(self, named) if named else 0
        return Schedule(self.repeat, day, minute_of(self.at))

    @property
    def days_to_due(self) -> int | None:
        return None if self.due_days == "" else self.due_days


def repeat_fields(schedule: Schedule, due_days: int | None) -> dict[str, str | int]:
    """What the fields hold of a schedule that is kept."""
    return {
        "repeat": schedule.every,
        "at": clock_words(schedule.minute),
        "due_days": "" if due_days is None else due_days,
        DAY_FIELDS.get(schedule.every, "weekday"): schedule.day,
    }
