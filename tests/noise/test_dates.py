from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.noise.dates import FORMS, date_form, either_way_round

DAYS = [date(2023, 1, 9) + timedelta(days=11 * place) for place in range(60)]
EPOCH = date(1970, 1, 1)


def days(values):
    form = date_form(values)
    return None if form is None else (form.words, [form.days(one) for one in values])


@pytest.mark.parametrize(
    ("words", "write"),
    [
        ("year-month-day", "{0:%Y-%m-%d}"),
        ("year-month-day", "{0:%Y-%m-%d}T10:00:00Z"),
        ("year-month-day", "{0:%Y-%m-%d} 10:00:00.123456+02:00"),
        ("year-month-day", "{0:%Y/%m/%d}"),
        ("year, month and day without signs", "{0:%Y%m%d}"),
        ("day.month.year", "{0:%d.%m.%Y}"),
        ("day.month.year", "{0.day}.{0.month}.{0.year} 9:05"),
        ("day.month.year", "{0.day}. {0.month}. {0.year}"),
        ("day/month/year", "{0:%d/%m/%Y}"),
        ("day/month/year", "{0:%d-%m-%Y}"),
        ("month/day/year", "{0.month}/{0.day}/{0.year}"),
        ("month/day/year", "{0.month}/{0.day}/{0.year} 1:05:07 PM"),
        ("day, month and year", "{0:%a, %d %b %Y} 10:00:00 +0000"),
        ("day, month and year", "{0:%d-%b-%Y}"),
        ("month, day and year", "{0:%B} {0.day}, {0.year}"),
    ],
)
def test_a_form_is_guessed_from_what_stands_there(words, write):
    values = [write.format(one) for one in DAYS]
    assert days(values) == (words, [float((one - EPOCH).days) for one in DAYS])


@pytest.mark.parametrize(
    ("words", "factor"),
    [
        ("seconds since 1970", 1),
        ("milliseconds since 1970", 10**3),
        ("nanoseconds since 1970", 10**9),
    ],
)
def test_a_count_since_1970_is_a_date(words, factor):
    seconds = [86_400 * (one - EPOCH).days + 3_601 for one in DAYS]
    for write in ("{}", "{}.0"):
        values = [write.format(factor * one) for one in seconds]
        assert days(values) == (words, [float((one - EPOCH).days) for one in DAYS])


def test_months_alone_stand_for_their_first_day():
    assert days(["2023-01", "2023-12"]) == ("year and month", [19358.0, 19692.0])


@pytest.mark.parametrize(
    "values",
    [
        ["04/05/2023", "06/07/2023", "01/02/2024"],
        ["13/05/2023", "05/13/2023", "01/02/2024"],
    ],
)
def test_what_could_be_day_or_month_first_is_no_date_and_is_said_to_be_unclear(values):
    assert date_form(values) is None
    assert either_way_round(values)


@pytest.mark.parametrize(
    "values",
    [
        [],
        ["", " "],
        ["2023-01-01"] * 9,
        ["01/02/03", "04/05/06"],
        ["7", "12", "2019"],
        ["2125551234", "6465550199", "7185550000"],
        ["1000000001", "1000000002", "1000000003"],
        ["192.168.2023", "10.0.2023"],
        ["2023-13-45", "2023-02-30"],
        ["0000-00-00", "9999-12-31"],
        ["1.5e999", "nan", "inf"],
        ["2023-01-01" + "0" * 5_000, "x"],
        ["cat", "may", "31"],
    ],
)
def test_what_is_no_date_is_left_alone(values):
    assert date_form(values) is None
    assert not either_way_round(values)


@pytest.mark.parametrize("words", ["day/month/year", "month/day/year"])
def test_one_day_past_the_twelfth_tells_what_comes_first(words):
    values = [f"{1 + place % 12}/{1 + place % 7}/2023" for place in range(60)]
    values.append("25/3/2023" if words.startswith("day") else "3/25/2023")
    assert days(values)[0] == words


def test_a_few_that_are_none_are_nothing():
    values = [f"2023-03-{1 + place:02}" for place in range(28)] + ["", "unknown", "9999-12-31"]
    form = date_form(values)
    assert form is not None
    assert [form.days(one) for one in values[28:]] == [pytest.approx(float("nan"), nan_ok=True)] * 3


@pytest.mark.parametrize("nothing", ["NaT", "null", "k. A.", "-", "\\N", "未知"])
def test_a_word_for_nothing_among_few_dates_is_nothing(nothing):
    form = date_form(["2023-01-01", "2023-02-01", nothing, nothing, ""])
    assert form is not None
    assert form.days(nothing) != form.days(nothing)


def test_texts_with_a_date_among_them_are_no_dates():
    assert date_form(["2023-01-01", "2023-02-01", "yes", "no", "maybe"]) is None


@given(st.lists(st.text(max_size=30)), st.text(max_size=60))
def test_any_text_is_a_day_or_nothing(values, text):
    date_form(values)
    either_way_round(values)
    for form in FORMS:
        found = form.days(text)
        assert found != found or found == int(found)
