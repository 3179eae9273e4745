"""Where most numbers of a column lie, of all rows and of each label."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from app.learning.tabular import read_column
from app.learning.usual_ranges import FEWEST, MOST_RANGES, ColumnRanges, usual_ranges

LABELS = np.repeat(np.arange(2), 101)


def of_column(values: list[str], labels: np.ndarray = LABELS) -> ColumnRanges | None:
    return usual_ranges({"column": read_column(values)}, labels).get("column")


def test_the_fifth_and_the_ninety_fifth_percentile_of_each_label() -> None:
    found = of_column([str(n) for n in [*range(101), *range(1_000, 1_101)]])
    assert found is not None
    assert {label: tuple(one) for label, one in found.of.items()} == {
        0: (5, 95),
        1: (1_005, 1_095),
    }
    assert tuple(found.every) == pytest.approx((10.05, 1_089.95))


def test_a_label_of_few_numbers_has_no_range_of_its_own() -> None:
    labels = np.repeat([0, 1], [202 - FEWEST + 1, FEWEST - 1])
    found = of_column([str(n) for n in range(202)], labels)
    assert found is not None and list(found.of) == [0]


@pytest.mark.parametrize(
    "values",
    [["7"] * 202, ["red", "blue"] * 101, [""] * 202, ["NaN"] * 202, ["1", "2", *["?"] * 200]],
)
def test_names_gaps_and_what_is_always_the_same_have_none(values: list[str]) -> None:
    assert of_column(values) is None


def test_gaps_between_numbers_and_examples_without_a_label_are_passed_over() -> None:
    labels = np.where(np.arange(202) < 101, 0, -1)
    found = of_column([str(n) if n % 2 else "nan" for n in range(202)], labels)
    assert found is not None and list(found.of) == [0]
    assert tuple(found.of[0]) == pytest.approx((5.9, 94.1))


def test_with_many_labels_the_commonest_have_theirs() -> None:
    counts = np.r_[np.full(10, 40), np.full(MOST_RANGES, FEWEST)]
    labels = np.repeat(np.arange(len(counts)), counts)
    found = of_column([str(n % 97) for n in range(len(labels))], labels)
    assert found is not None
    assert len(found.of) == MOST_RANGES and set(range(10)) <= set(found.of)


numbers = st.floats(-1e100, 1e100, allow_nan=False)


@given(arrays.arrays(np.float64, 60, elements=numbers), st.randoms())
def test_no_number_within_falls_out_whatever_the_order(values: np.ndarray, rng) -> None:
    labels = np.zeros(60, dtype=np.int64)
    words = [repr(float(value)) for value in values]
    found = of_column(words, labels)
    if found is None:
        assert np.ptp(values) == 0
        return
    low, high = np.quantile(values, [0.05, 0.95])
    assert found.every.low <= low and high <= found.every.high
    assert np.isfinite(found.every).all()
    rng.shuffle(words)
    assert of_column(words, labels) == found
