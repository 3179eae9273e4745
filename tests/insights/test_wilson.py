import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.insights.wilson import wilson


def test_published_bounds_are_reproduced():
    """Newcombe (1998), Statistics in Medicine 17, table I, method 3."""
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(15, 148) == pytest.approx((0.0624, 0.1605), abs=5e-5)
    assert wilson(0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)
    assert wilson(1, 29) == pytest.approx((0.0061, 0.1718), abs=5e-5)


def test_without_a_draw_anything_is_possible():
    assert wilson(0, 0) == (0.0, 1.0)
    for bad in ((2, 1), (-1, 3)):
        with pytest.raises(ValueError):
            wilson(*bad)


@given(st.integers(1, 10_000), st.data())
def test_the_share_lies_within_and_hits_and_misses_are_alike(of, data):
    hits = data.draw(st.integers(0, of))
    low, high = wilson(hits, of)
    assert 0 <= low <= hits / of <= high <= 1
    assert wilson(of - hits, of) == pytest.approx((1 - high, 1 - low))
