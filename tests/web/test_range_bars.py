"""Where a number of a row lies, said in words and drawn, as far as its label may be seen."""

from __future__ import annotations

from typing import Any

import pytest

from app.db.tables.ranking import FieldRanges
from app.review.serving.cards import Card
from app.web.pages.range_bars import RangeBar, range_bars

NAMES = {1: "Low ones", 2: "High ones", 3: "Rare ones"}
WIDTH: FieldRanges = {"every": (0.0, 100.0), "of": [(1, 0.0, 20.0), (2, 60.0, 100.0)]}


def bar(value: str, known: FieldRanges = WIDTH, **shown: Any) -> RangeBar | None:
    content = {"type": "tabular", "fields": [("width", value, False)]}
    card: Card = {"content": content, **shown}  # type: ignore[typeddict-item]
    return range_bars({"width": known}, card, NAMES).get("width")


def test_within_the_given_label_and_under_it_the_suggested_one() -> None:
    found = bar(" 12.3 ", given=2, options=[(2, 0.5), (1, 0.4)])
    assert found is not None
    assert found.words == "12.3: low for High ones, usual for Low ones"
    assert [one.kind for one in found.spans] == ["given", "suggested"]
    high, low = found.spans
    assert low.x < found.mark < low.x + low.width < high.x


@pytest.mark.parametrize("shown", [{}, {"given": 3, "options": []}, {"given": None}])
def test_what_is_hidden_or_rare_leaves_the_whole_column(shown: dict[str, Any]) -> None:
    found = bar("120", **shown)
    assert found is not None
    assert (found.words, [one.kind for one in found.spans]) == (
        "120: high in this column",
        ["every"],
    )
    assert found.spans[0].x >= 0 and found.mark <= 72


@pytest.mark.parametrize("value", ["", "nan", "NaN", "1_000", "0x10", "12 cm", "١٢", "inf", "-"])
def test_what_is_no_plain_number_has_no_bar(value: str) -> None:
    assert bar(value, given=1) is None


@pytest.mark.parametrize("value", ["1e308", "-1e400", ".5", "+3", "7.", "1E2"])
def test_numbers_far_out_stay_within_the_picture(value: str) -> None:
    found = bar(value, given=1)
    assert found is not None and 0 <= found.mark <= 72


def test_a_column_that_is_always_the_same_has_no_bar() -> None:
    same: FieldRanges = {"every": (7.0, 7.0), "of": [(1, 7.0, 7.0)]}
    assert bar("7", same, given=1) is None


def test_a_very_long_number_is_cut_in_words() -> None:
    found = bar("1" * 400, given=1)
    assert found is not None and found.words == f"{'1' * 24}: high for Low ones"


def test_a_column_over_many_powers_of_ten_is_drawn_by_them() -> None:
    wide: FieldRanges = {"every": (1.0, 1e8), "of": [(1, 1.0, 1e4)]}
    found = bar("100", wide, given=1)
    assert found is not None
    assert (found.mark, found.spans[0].width) == (2 + 68 / 4, 68 / 2)
    assert bar("-5", wide, given=1) == found._replace(mark=2, words="-5: low for Low ones")
