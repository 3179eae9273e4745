"""When a batch that is made again is due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import Invalid
from app.review.batches.repeats import REPEATS, Schedule, check_schedule, day_of, minute_of

MONDAY = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("schedule", "next_at", "period"),
    [
        (Schedule("day", 0, 540), "2026-12-01 09:00", "1 Dec 2026"),
        (Schedule("day", 0, 541), "2026-11-30 09:01", "30 Nov 2026"),
        (Schedule("week", 0, 480), "2026-12-07 08:00", "week of 7 Dec 2026"),
        (Schedule("week", 2, 0), "2026-12-02 00:00", "week of 30 Nov 2026"),
        (Schedule("week", 6, 1439), "2026-12-06 23:59", "week of 30 Nov 2026"),
        (Schedule("month", 31, 600), "2026-11-30 10:00", "November 2026"),
        (Schedule("month", 31, 480), "2026-12-31 08:00", "December 2026"),
        (Schedule("month", 1, 480), "2026-12-01 08:00", "December 2026"),
    ],
)
def test_the_next_time_and_the_period_it_stands_for(
    schedule: Schedule, next_at: str, period: str
) -> None:
    found = schedule.next_after(MONDAY)
    assert (f"{found:%Y-%m-%d %H:%M}", schedule.period(found)) == (next_at, period)


def test_a_short_month_has_its_last_day() -> None:
    schedule = Schedule("month", 30, 0)
    found = [datetime(2028, 1, 31, tzinfo=UTC)]
    for _ in range(3):
        found.append(schedule.next_after(found[-1]))
    assert [f"{one:%d %b}" for one in found[1:]] == ["29 Feb", "30 Mar", "30 Apr"]


SCHEDULES = st.one_of(
    *(
        st.builds(Schedule, st.just(name), st.sampled_from(repeat.days), st.integers(0, 1439))
        for name, repeat in REPEATS.items()
    )
)
MOMENTS = st.integers(0, 4 * 10**9).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))


@given(SCHEDULES, MOMENTS)
def test_every_period_has_one_time_and_times_rise(schedule: Schedule, moment: datetime) -> None:
    first = schedule.next_after(moment)
    second = schedule.next_after(first)
    assert moment < first < second
    assert schedule.repeat.after(schedule.repeat.start(first.date())) == schedule.repeat.start(
        second.date()
    )
    assert schedule.next_after(second - timedelta(seconds=1)) == second
    assert schedule.last_until(second, since=first) == second
    assert schedule.last_until(second - timedelta(seconds=1), since=first) == first


@given(SCHEDULES, SCHEDULES, MOMENTS)
def test_a_period_that_was_made_is_not_made_again_at_another_time(
    old: Schedule, new: Schedule, moment: datetime
) -> None:
    made_for = old.next_after(moment)
    following = new.next_after(made_for, made_for=made_for)
    assert new.repeat.start(following.date()) > new.repeat.start(made_for.date())


@pytest.mark.parametrize(
    ("every", "text", "day"),
    [("week", "", 0), ("week", "WED", 2), ("week", "sunday", 6), ("month", "", 1),
     ("month", "31", 31), ("day", "", 0)],
)  # fmt: skip
def test_days_are_typed_as_people_do(every: str, text: str, day: int) -> None:
    assert day_of(every, text) == day


@pytest.mark.parametrize(
    ("every", "text"),
    [("week", "t"), ("week", "3"), ("month", "0"), ("month", "32"), ("month", "monday"),
     ("month", "³"), ("year", "")],
)  # fmt: skip
def test_what_is_no_day_is_refused(every: str, text: str) -> None:
    with pytest.raises(Invalid):
        day_of(every, text)


def test_times_and_days_that_there_are_not() -> None:
    assert minute_of(" 23:59 ") == 1439
    for text in ("", "24:00", "8", "noon", "08:00+02:00", "٠٨:٠٠"):
        with pytest.raises(Invalid):
            minute_of(text)
    for schedule in (
        Schedule("week", 7), Schedule("month", 0), Schedule("year"), Schedule("day", 0, 1440),
        Schedule("week", -1), Schedule("day", 0, -1),
    ):  # fmt: skip
        with pytest.raises(Invalid):
            check_schedule(schedule)
    assert check_schedule(Schedule("day", 5, 60)) == Schedule("day", 0, 60)
