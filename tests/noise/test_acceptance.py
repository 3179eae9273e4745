import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta, binom, hypergeom

from app.noise.acceptance import (
    FLOORS,
    MOST_FAILURES,
    Checked,
    Plan,
    accepted,
    accepted_while_looking,
    chance_to_accept,
    expected_new_errors,
    lower_limit,
    plan,
)

WITHOUT_END = {
    0.80: (14, 22, 30, 37),
    0.90: (29, 46, 61, 76),
    0.95: (59, 93, 124, 153),
    0.98: (149, 236, 313, 386),
}
OF_A_GROUP = {50: (22, 33), 100: (25, 39), 200: (27, 42), 500: (28, 44)}


@pytest.mark.parametrize("precision", WITHOUT_END)
def test_the_plans_of_the_table(precision):
    found = tuple(plan(precision, failures=failures).checks for failures in range(4))
    assert found == WITHOUT_END[precision]


@pytest.mark.parametrize("size", OF_A_GROUP)
def test_a_group_with_an_end_needs_fewer_checks(size):
    found = tuple(plan(0.9, failures=failures, size=size).checks for failures in range(2))
    assert found == OF_A_GROUP[size]


def test_twenty_examples_would_take_sixteen_checks():
    assert accepted(Checked(16, 0, 20), 0.9)
    assert not accepted(Checked(15, 0, 20), 0.9)
    assert accepted(Checked(20, 1, 20), 0.9)
    assert not accepted(Checked(19, 1, 20), 0.9)


def test_at_most_five_per_cent_wrong_takes_93_checks_with_one_wrong():
    assert plan(0.95) == Plan(93, 1)


@pytest.mark.parametrize("size", [0, 1, 20, 30])
def test_a_small_group_is_reviewed_whole(size):
    assert plan(0.9, size=size).checks == size


def test_a_group_reviewed_whole_passes_by_what_it_is():
    assert plan(0.9, size=20) == Plan(20, 2)
    assert accepted(Checked(20, 2, 20), 0.9)
    assert not accepted(Checked(20, 3, 20), 0.9)


def test_a_group_too_small_to_prove_it_is_reviewed_whole():
    assert plan(0.98, failures=3, size=31) == Plan(31, 0)


def test_the_chance_that_a_good_rule_passes():
    chances = [round(chance_to_accept(Plan(46, 1), true), 2) for true in (0.95, 0.98, 0.99)]
    assert chances == [0.32, 0.77, 0.92]
    assert [
        round(chance_to_accept(one, 0.97), 2)
        for one in (Plan(29, 0), Plan(46, 1), Plan(61, 2), Plan(76, 3))
    ] == [0.41, 0.60, 0.72, 0.81]


CHANCES = {
    0.80: (0.70, 0.93, 0.98),
    0.90: (0.32, 0.77, 0.92),
    0.95: (0.05, 0.44, 0.76),
    0.98: (0.00, 0.05, 0.32),
}


@pytest.mark.parametrize("floor", FLOORS)
def test_the_chances_of_the_table(floor):
    asked = plan(floor)
    found = tuple(round(chance_to_accept(asked, true), 2) for true in (0.95, 0.98, 0.99))
    assert found == CHANCES[floor]


def test_the_small_group_of_the_table():
    """Checked whole all the same; these many checks would do."""
    fewest = [
        next(n for n in range(1, 21) if accepted(Checked(n, failed, 20), 0.9)) for failed in (0, 1)
    ]
    assert fewest == [16, 20]
    assert plan(0.9, failures=MOST_FAILURES).checks == 76


@given(st.integers(1, 60), st.data())
def test_the_sums_are_those_of_scipy(asked, data):
    failed = data.draw(st.integers(0, asked - 1))
    size = data.draw(st.integers(asked, 300))
    right = data.draw(st.floats(0.01, 0.99))
    checked = Checked(asked, failed, size)
    chance = chance_to_accept(Plan(asked, failed), right)
    assert chance == pytest.approx(binom.cdf(failed, asked, 1 - right), abs=1e-9)
    alone = lower_limit(Checked(asked, failed))
    assert alone == pytest.approx(beta.ppf(0.05, asked - failed, failed + 1), abs=1e-9)
    wrong = round(size * (1 - lower_limit(checked)))
    assert hypergeom.cdf(failed, size, wrong, asked) > 0.05 - 1e-9 or wrong == failed
    if wrong < size - (asked - failed):
        assert hypergeom.cdf(failed, size, wrong + 1, asked) <= 0.05 + 1e-9


def test_46_of_46_fit():
    assert lower_limit(Checked(46, 0)) == pytest.approx(0.937, abs=5e-4)
    assert 0.937 <= lower_limit(Checked(46, 0, 212)) < 0.96
    assert round(expected_new_errors(Checked(46, 0, 212))) == 3


def test_when_all_fail_nothing_is_proved():
    assert lower_limit(Checked(5, 5)) == lower_limit(Checked(5, 5, 100)) == 0.0
    assert lower_limit(Checked(0, 0)) == 0.0
    assert not accepted(Checked(5, 5), 0.1)


@given(
    st.integers(1, 120).flatmap(
        lambda size: st.tuples(st.just(size), st.integers(0, size), st.integers(1, size))
    )
)
def test_a_wrong_group_is_accepted_in_at_most_one_of_twenty(case):
    """Exactly, by the hypergeometric: the largest share that is not good enough."""
    size, bad, asked = case
    precision = 0.9
    if size - bad > precision * size or asked == size:
        return
    total = math.comb(size, asked)
    chance = sum(
        math.comb(bad, failed) * math.comb(size - bad, asked - failed) / total
        for failed in range(min(bad, asked) + 1)
        if accepted(Checked(asked, failed, size), precision)
    )
    assert chance <= 0.05 + 1e-9


@given(st.integers(1, 200), st.data())
def test_the_lower_limit_lies_below_what_was_seen(asked, data):
    failed = data.draw(st.integers(0, asked))
    size = data.draw(st.integers(asked, 400))
    limit = lower_limit(Checked(asked, failed, size))
    assert (asked - failed) / size - 1e-12 <= limit <= 1 - failed / size + 1e-12
    assert lower_limit(Checked(asked, failed)) <= 1 - failed / asked + 1e-12


def test_looking_after_each_check_accepts_a_perfect_rule_a_little_later():
    found = [accepted_while_looking([True] * 100, precision) for precision in (0.8, 0.9, 0.95)]
    assert found == [16, 34, 73]


@pytest.mark.parametrize("size", [None, 200])
def test_looking_after_each_check_seldom_accepts_what_is_not_good_enough(size):
    rng = np.random.default_rng(5)
    accepts = 0
    for _ in range(600):
        if size is None:
            right = rng.random(300) < 0.9
        else:
            right = rng.permutation(np.arange(size) >= 20)
        accepts += accepted_while_looking(list(right), 0.9, size=size) is not None
    assert accepts <= 0.05 * 600 + 2 * np.sqrt(600 * 0.05 * 0.95)


def test_a_group_looked_at_whole_is_settled():
    assert accepted_while_looking([True] * 10, 0.9, size=10) is not None
    assert accepted_while_looking([False] * 2 + [True] * 8, 0.9, size=10) is None


@pytest.mark.parametrize("precision", [0.0, 1.0, -1, 2])
def test_no_plan_for_a_precision_that_is_none(precision):
    with pytest.raises(ValueError, match="between 0 and 1"):
        plan(precision)


def test_what_cannot_be_is_refused():
    with pytest.raises(ValueError, match="must not be negative"):
        plan(0.9, failures=-1)
    with pytest.raises(ValueError, match="between 0 and asked"):
        Checked(3, 4)
    with pytest.raises(ValueError, match="more were asked"):
        Checked(5, 0, 4)
    with pytest.raises(ValueError, match="with a size"):
        expected_new_errors(Checked(5, 0))
