"""What is counted once is said of one: "1 row has", not "1 rows have"."""

from __future__ import annotations

import re

import pytest

from app.datasets.codes import CODES
from app.datasets.findings import entry
from app.datasets.label_candidates import LabelCandidates

COUNTED = sorted(code for code, one in CODES.items() if one.sentence.startswith("{count}"))


@pytest.mark.parametrize("code", COUNTED)
def test_one_is_said_as_one_and_two_as_two(code: str) -> None:
    one, two = (entry(code, count=n, excerpt="x", kind="k")["message"] for n in (1, 2))
    assert two.startswith("2 ") and one.startswith("1 ") and one != two.replace("2 ", "1 ", 1)
    clause = re.split(r"[:;]|\.\s", one)[0]
    assert not re.search(r"\b(have|are|were|do|hold|end|their)\b", clause), one


def test_what_was_seen_on_the_page_of_an_odd_file() -> None:
    said = entry("W109", count=1)["message"]
    assert said == "1 column has no name and is called by its number."
    assert entry("W109", count=1_200)["message"].startswith("1,200 columns have no name and are")


def test_columns_of_words_are_offered_before_numbers_dates_and_ids() -> None:
    values = {
        "nr": {str(n) for n in range(1_000)},
        "Datum": {"05.03.2023", "16.09.2023"},
        "Stück": {"1", "2", "3"},
        "Intent (final)": {"pin_blocked", "card_arrival"},
    }
    candidates = LabelCandidates(values, rows=4_000)
    likely = sorted(values, key=lambda name: candidates.doubt(name, ()))
    assert likely == ["Intent (final)", "Stück", "Datum", "nr"]
