import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.noise.shrinking import shrunken_rates
from app.noise.sources import (
    Part,
    Tally,
    at_equal_factor,
    attribution,
    compare_sources,
    holm,
)


def tally(wrong, checked, size=None):
    return Tally(*map(np.asarray, (wrong, checked, size or [10 * n + 1 for n in checked])))


def test_a_vendor_far_above_the_others_differs():
    found = compare_sources(tally([12, 2, 2, 1], [100, 100, 100, 19]))
    assert found.differs.tolist() == [True, False, False, False]
    assert found.named.tolist() == [True, True, True, False]


def test_holm_by_hand():
    # 0.01 x 3, 0.03 x 2 and 0.04 x 1, never below the one before.
    assert holm(np.array([0.04, 0.01, 0.03])) == pytest.approx([0.06, 0.03, 0.06])


def test_sources_that_do_not_differ_are_seldom_called_different():
    rng = np.random.default_rng(1)
    checked = np.full(6, 100)
    called = [
        compare_sources(tally(rng.binomial(100, 0.05, 6), checked.tolist())).differs.any()
        for _ in range(200)
    ]
    assert sum(called) <= 10


def test_few_checks_are_drawn_to_the_common_rate():
    rates = shrunken_rates(np.array([1, 10, 10]), np.array([2, 200, 200]))
    assert rates[0] < 0.5
    assert 0.03 < rates[1] < 0.08


def test_shrinkage_by_hand():
    # p = 10.5/201, n = 100, raw 0.08 and 0.02: variance 0.0009, by chance 0.000495;
    # c = 0.04951/0.000405 - 1 = 121.2.
    rates = shrunken_rates(np.array([8, 2]), np.array([100, 100]))
    p = 10.5 / 201
    c = p * (1 - p) / (0.0009 - p * (1 - p) / 100) - 1
    assert rates == pytest.approx([(8 + c * p) / (100 + c), (2 + c * p) / (100 + c)])


def test_shrinkage_beats_raw_rates_when_sources_are_alike():
    rng = np.random.default_rng(2)
    truth = rng.beta(4, 96, size=(300, 6))
    wrong = rng.binomial(33, truth)
    shrunken = shrunken_rates(wrong, np.full(wrong.shape, 33))
    assert np.sqrt(np.mean((shrunken - truth) ** 2)) < 0.7 * np.sqrt(
        np.mean((wrong / 33 - truth) ** 2)
    )


def test_a_source_without_checks_has_the_common_rate():
    rates = shrunken_rates(np.array([0, 5]), np.array([0, 100]))
    assert rates[0] == pytest.approx(5.5 / 101)


def test_one_source_brought_most_and_others_few():
    found = attribution(
        tally([60, 2, 2], [400, 400, 400], [9000, 900, 900]), rng=np.random.default_rng(3)
    )
    assert found.part == (Part.MOST, Part.FEW, Part.FEW)
    assert found.share.sum() == pytest.approx(1.0)
    assert ((found.low <= found.share) & (found.share <= found.high)).all()


def test_few_checks_say_nothing_about_shares():
    few = tally([1, 0, 0], [5, 5, 5], [500, 500, 500])
    found = attribution(few, rng=np.random.default_rng(3))
    assert found.part == (Part.UNCLEAR,) * 3


def test_a_source_is_not_blamed_for_its_guideline():
    # Both are wrong in 1 of 5 under the old version and 1 in 50 under the new one; the first
    # worked mostly under the old.
    wrong = np.array([[40, 1], [4, 10]])
    checked = np.array([[200, 50], [20, 500]])
    plain = compare_sources(tally(wrong.sum(axis=1), checked.sum(axis=1).tolist()))
    assert plain.differs.all()
    equal = at_equal_factor(wrong, checked, 0)
    assert equal.p > 0.5
    assert equal.odds_ratio == pytest.approx(1.0, abs=0.05)


def test_mantel_haenszel_by_hand():
    # One table: 10 of 40 against 2 of 40. E = 6, variance = 40·40·12·68/(80²·79) = 2.582,
    # chi² = (4 - 0.5)²/2.582 = 4.744, odds ratio (10·38)/(2·30).
    found = at_equal_factor(np.array([[10], [2]]), np.array([[40], [40]]), 0)
    assert found.p == pytest.approx(0.02940, abs=1e-4)
    assert found.odds_ratio == pytest.approx(380 / 60)


def test_a_factor_that_never_overlaps_tells_nothing():
    found = at_equal_factor(np.array([[5, 0], [0, 1]]), np.array([[50, 0], [0, 50]]), 0)
    assert found.p == 1.0
    assert np.isnan(found.odds_ratio)


@given(
    st.lists(
        st.integers(0, 50).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
        min_size=1,
        max_size=6,
    ),
    st.randoms(use_true_random=False),
)
def test_the_order_of_sources_is_irrelevant(pairs, shuffle):
    order = list(range(len(pairs)))
    shuffle.shuffle(order)
    plain = tally([k for k, _ in pairs], [n for _, n in pairs])
    moved = tally([pairs[i][0] for i in order], [pairs[i][1] for i in order])
    rates = shrunken_rates(plain.wrong, plain.checked)
    assert shrunken_rates(moved.wrong, moved.checked) == pytest.approx(rates[order])
    assert ((rates > 0) & (rates < 1)).all()
    assert compare_sources(moved).p == pytest.approx(compare_sources(plain).p[order])


def test_more_wrong_than_checked_is_refused():
    with pytest.raises(ValueError, match="between 0 and checked"):
        tally([3], [2])
    with pytest.raises(ValueError, match="more checks than examples"):
        tally([1], [5], [4])
    with pytest.raises(ValueError, match="one entry a source"):
        tally([1], [5, 6])
