import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta

from app.noise.limits import beta_cdf, clopper_pearson, errors_inside, wilson


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


@given(st.integers(1, 3_000), st.data())
def test_the_exact_bounds_are_those_of_the_beta_distribution(of, data):
    hits = data.draw(st.integers(0, of))
    low, high = clopper_pearson(hits, of)
    assert low == pytest.approx(beta.ppf(0.025, hits, of - hits + 1) if hits else 0, abs=1e-9)
    assert high == pytest.approx(beta.ppf(0.975, hits + 1, of - hits) if hits < of else 1, abs=1e-9)


def test_exact_bounds_worked_by_hand():
    # None of n: (1 - share)^n = 2.5 %. All of n: share^n = 2.5 %.
    assert clopper_pearson(0, 30) == (0.0, pytest.approx(1 - 0.025 ** (1 / 30)))
    assert clopper_pearson(46, 46) == (pytest.approx(0.025 ** (1 / 46)), 1.0)
    assert clopper_pearson(0, 0) == (0.0, 1.0)
    # Newcombe (1998), table I, method 5
    assert clopper_pearson(81, 263) == pytest.approx((0.2527, 0.3676), abs=5e-5)
    assert clopper_pearson(1, 29) == pytest.approx((0.0009, 0.1776), abs=5e-5)
    # One-sided 95 %: 46 of 46 show 93.7 %
    assert clopper_pearson(46, 46, alpha=0.1)[0] == pytest.approx(0.937, abs=5e-4)


@pytest.mark.parametrize(("hits", "of", "alpha"), [(2, 1, 0.05), (-1, 3, 0.05), (1, 3, 0.0)])
def test_impossible_draws_are_refused(hits, of, alpha):
    with pytest.raises(ValueError):
        clopper_pearson(hits, of, alpha=alpha)


@given(st.floats(0, 1), st.floats(0.1, 500), st.floats(0.1, 500))
def test_the_beta_function_is_that_of_scipy(share, a, b):
    assert beta_cdf(share, a, b) == pytest.approx(beta.cdf(share, a, b), abs=1e-9)


def test_errors_inside_what_was_reviewed_worked_by_hand():
    # 2 of 90 overturned: 0.27 to 7.80 %, so 8 to 234 of 3,000.
    assert errors_inside(2, 90, 3_000) == (8, 234)
    assert errors_inside(0, 0, 3_000) == (0, 3_000)
    assert errors_inside(3, 50, 50) == (3, 3)  # all were read again
    with pytest.raises(ValueError, match="91 of 90"):
        errors_inside(2, 91, 90)
