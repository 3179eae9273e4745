import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.audit.study.drifting import RECENT, recent_from


def test_the_last_tenth_is_recent():
    assert recent_from(np.arange(900.0)) == 810


@pytest.mark.parametrize(
    ("days", "start"),
    [
        ([1] * 60 + [2] * 40, 2),  # as near to a tenth as there is
        ([1] * 40 + [2] * 60, None),  # more than half
        ([1] * 990 + [2] * 10, None),  # a hundredth is no sample
        ([1] * 50, None),
        ([], None),
    ],
)
def test_equal_dates_are_never_parted(days, start):
    assert recent_from(np.array(days, dtype=float)) == start


@given(st.lists(st.integers(-9, 30).map(float), max_size=80))
def test_recent_rows_are_neither_too_few_nor_more_than_half(days):
    start = recent_from(np.array(days))
    if start is not None:
        assert start in days
        assert RECENT / 5 <= np.mean(np.array(days) >= start) <= 0.5
