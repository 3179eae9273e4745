import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import beta

from app.agreement.reviewer_quality import is_flagged, quality


def test_worked_by_hand():
    # Three reviewers, 20 answers each: 19, 17 and 12 right, common rate (48 + 0.5) / 61.
    right, answers = np.array([19, 17, 12]), np.array([20, 20, 20])
    p = 48.5 / 61
    by_chance = p * (1 - p) / 20
    spread = np.var([0.95, 0.85, 0.6]) - by_chance
    weight = p * (1 - p) / spread - 1
    found = quality(right, answers)
    assert found.share == pytest.approx((right + weight * p) / (20 + weight))
    a, b = right + weight * p, 20 - right + weight * (1 - p)
    assert found.low == pytest.approx(beta.ppf(0.025, a, b), abs=1e-9)
    assert found.high == pytest.approx(beta.ppf(0.975, a, b), abs=1e-9)
    assert found.told.all()


def test_few_answers_say_little_and_are_not_shown():
    found = quality(np.array([90, 85, 88, 1, 0]), np.array([100, 100, 100, 1, 0]))
    assert found.told.tolist() == [True, True, True, False, False]
    assert abs(found.share[3] - found.share[:3].mean()) < 0.02
    assert found.share[4] == pytest.approx(264.5 / 302)
    assert 0.7 < found.low[4] < found.share[4] < found.high[4]


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=1, max_size=6))
@settings(max_examples=30)
def test_shares_lie_between_their_limits_and_order_does_not_matter(rows):
    right = np.array([hits for hits, _ in rows])
    answers = right + np.array([misses for _, misses in rows])
    found = quality(right, answers)
    assert ((found.low >= 0) & (found.low <= found.share)).all()
    assert ((found.share <= found.high) & (found.high <= 1)).all()
    turned = quality(right[::-1], answers[::-1])
    assert turned.share[::-1] == pytest.approx(found.share)


def test_who_is_flagged_worked_by_hand():
    # Others at 3 %: errors at five times the odds are 5 * 3/97 = 15/97, so 15 of 112. Five wrong
    # of 20 are likelier by (15/112 / 0.03)^5 * (97/112 / 0.97)^15 = 325; two by 3.5.
    assert (15 / 112 / 0.03) ** 5 * (97 / 112 / 0.97) ** 15 > 30
    assert is_flagged((5, 0), (20, 300))
    assert (15 / 112 / 0.03) ** 2 * (97 / 112 / 0.97) ** 18 < 30
    assert not is_flagged((2, 0), (20, 300))
    assert not is_flagged((19, 0), (19, 300)), "nothing is said under 20 answers"
    assert not is_flagged((5, 75), (20, 300)), "where everybody errs often, so may this one"
    assert is_flagged((15, 75), (20, 300))
    assert is_flagged((5, 0), (20, 0)), "alone they are compared with 3 %"


def test_a_bad_reviewer_is_found_and_a_careful_one_is_not():
    """What is promised of 200 simulations is in the benchmark."""
    rng = np.random.default_rng(1)

    def ever(rate):
        wrong = np.cumsum(rng.random(60) < rate)
        return any(is_flagged((int(wrong[n - 1]), 9), (n, 300)) for n in range(20, 61))

    assert sum(ever(0.2) for _ in range(40)) >= 36
    assert sum(ever(0.03) for _ in range(40)) <= 2


def test_counts_that_disagree_are_refused():
    with pytest.raises(ValueError):
        quality(np.array([3]), np.array([2]))
    with pytest.raises(ValueError):
        quality(np.array([3]), np.array([4, 4]))
    for wrong, answers in (((3, 0), (2, 0)), ((-1, 0), (2, 0)), ((0, 3), (2, 2))):
        with pytest.raises(ValueError):
            is_flagged(wrong, answers)
