import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import beta

from app.agreement.reviewer_quality import is_flagged, quality


def test_worked_by_hand():
    # Three reviewers, 20 answers each: 19, 17 and 10 right, common rate (46 + 0.5) / 61.
    right, answers = np.array([19, 17, 10]), np.array([20, 20, 20])
    p = 46.5 / 61
    by_chance = p * (1 - p) / 20
    spread = np.var([0.95, 0.85, 0.5]) - by_chance
    weight = p * (1 - p) / spread - 1
    found = quality(right, answers)
    assert found.share == pytest.approx((right + weight * p) / (20 + weight))
    assert 1 < weight < 10
    a, b = right + weight * p, 20 - right + weight * (1 - p)
    assert found.low == pytest.approx(beta.ppf(0.025, a, b), abs=1e-9)
    assert found.high == pytest.approx(beta.ppf(0.975, a, b), abs=1e-9)
    assert found.told.all()


def test_few_answers_say_little_and_are_not_shown():
    found = quality(np.array([90, 85, 88, 1, 0]), np.array([100, 100, 100, 1, 0]))
    assert found.told.tolist() == [True, True, True, False, False]
    assert abs(found.share[3] - found.share[:3].mean()) < 0.02
    assert found.share[4] == pytest.approx(264.5 / 302)
    # All weigh alike: the common share counts for 200 answers in the share, for 10 in the limits.
    p = 264.5 / 302
    assert found.low[0] == pytest.approx(beta.ppf(0.025, 90 + 10 * p, 10 + 10 * (1 - p)), abs=1e-9)
    assert found.low[4] == pytest.approx(beta.ppf(0.025, 10 * p, 10 * (1 - p)), abs=1e-9)


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=1, max_size=6))
@settings(max_examples=15)
def test_shares_lie_between_their_limits_and_order_does_not_matter(rows):
    right = np.array([hits for hits, _ in rows])
    answers = right + np.array([misses for _, misses in rows])
    found = quality(right, answers)
    assert ((found.low >= 0) & (found.low <= found.share)).all()
    assert ((found.share <= found.high) & (found.high <= 1)).all()
    turned = quality(right[::-1], answers[::-1])
    assert turned.share[::-1] == pytest.approx(found.share)


OTHERS = np.array([3, 1, 2, 40, 0]), np.array([60, 60, 60, 60, 0])
"""Three careful ones, one who errs in most answers, one who has not begun."""


def test_who_is_flagged_worked_by_hand():
    # At 3.5 % four times the odds are 4 * 35/965 = 28/193, so 28 of 221. Five wrong of 20 are
    # likelier by (28/221 / 0.035)^5 * (193/221 / 0.965)^15, three by much less.
    assert (28 / 221 / 0.035) ** 5 * (193 / 221 / 0.965) ** 15 > 25
    assert (28 / 221 / 0.035) ** 3 * (193 / 221 / 0.965) ** 17 < 25
    nobody = np.array([], dtype=np.int64)
    assert is_flagged(5, 20, nobody, nobody), "alone they are compared with 3.5 %"
    assert not is_flagged(3, 20, nobody, nobody)
    assert not is_flagged(19, 19, nobody, nobody), "nothing is said under 20 answers"
    assert is_flagged(6, 20, *OTHERS), "one careless other does not hide it"
    hard = np.full(4, 15), np.full(4, 60)
    assert not is_flagged(6, 20, *hard), "where everybody errs often, so may this one"
    assert is_flagged(16, 20, *hard)


def test_a_bad_reviewer_is_found_and_a_careful_one_is_not():
    """What is promised of 200 simulations is in the benchmark."""
    rng = np.random.default_rng(1)

    def ever(rate):
        wrong = np.cumsum(rng.random(60) < rate)
        others = np.array([9, 8, 10]), np.array([300, 300, 300])
        return any(is_flagged(int(wrong[n - 1]), n, *others) for n in range(20, 61, 4))

    assert sum(ever(0.2) for _ in range(40)) >= 36
    assert sum(ever(0.03) for _ in range(40)) <= 2


def test_counts_that_disagree_are_refused():
    with pytest.raises(ValueError):
        quality(np.array([3]), np.array([2]))
    with pytest.raises(ValueError):
        quality(np.array([3]), np.array([4, 4]))
    for wrong, answers, of_others in ((3, 2, (0, 0)), (-1, 2, (0, 0)), (0, 2, (3, 2))):
        with pytest.raises(ValueError):
            is_flagged(wrong, answers, *(np.array([one]) for one in of_others))
    with pytest.raises(ValueError):
        is_flagged(0, 20, np.array([0]), np.array([1, 1]))
