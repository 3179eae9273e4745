from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.noise.models.ahead import (
    OPEN,
    Ahead,
    Difference,
    alpha_of_pairs,
    difference,
    leads,
    reach_after,
    reads_needed,
)

CLASSES = st.integers(-1, 3)


@st.composite
def audits(draw):
    """Predictions of two models, given and right labels (-1: no label fits), how many were read."""
    rows = draw(
        st.lists(
            st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(0, 3), CLASSES),
            min_size=1,
            max_size=50,
        )
    )
    first, second, labels, right = np.array(rows).T
    differ = np.flatnonzero(first != second)
    return first, second, labels, right, differ, draw(st.integers(0, len(differ)))


def found(case, reads=None, *, mirrored=False):
    first, second, labels, right, differ, said = case
    if mirrored:
        first, second = second, first
    given_leads, right_leads = leads(first, second, labels), leads(first, second, right)
    read = (right_leads - given_leads)[differ[: said if reads is None else reads]]
    return difference(int(given_leads[differ].sum()), len(differ), len(labels), read)


def test_a_test_set_of_ten_worked_by_hand():
    # The models differ on four examples. Given labels: the second alone is right on three, the
    # first alone on one, so it leads by 2 of 10. Right labels: of the three one is the first's,
    # one is nobody's (no label fits).
    first = np.array([0, 0, 0, 1, 2, 2, 2, 2, 2, 2])
    second = np.array([1, 1, 1, 0, 2, 2, 2, 2, 2, 2])
    labels = np.array([1, 1, 1, 1, 2, 2, 2, 2, 2, 0])
    right = np.array([1, 0, -1, 1, 2, 2, 2, 2, 2, 2])
    by_given, by_right = leads(first, second, labels), leads(first, second, right)
    assert by_given.tolist() == [1, 1, 1, -1, 0, 0, 0, 0, 0, 0]
    assert by_right.tolist() == [1, -1, 0, -1, 0, 0, 0, 0, 0, 0]
    changes = (by_right - by_given)[:4]
    assert changes.tolist() == [0, -2, -1, 0]
    # Two read: mean change -1, so (2 + 4 * -1) / 10. The two that are left may each move it by 2,
    # and the models differ on four.
    half = difference(2, 4, 10, changes[:2])
    assert half == Difference(-0.2, -0.4, 0.4, False, 2, 4)
    assert half.verdict is Ahead.TOO_CLOSE
    # All read: 1 right of the second alone, 2 of the first: -1 of 10, no bar.
    whole = difference(2, 4, 10, changes)
    assert whole == Difference(-0.1, -0.1, -0.1, True, 4, 4)
    assert whole.verdict is Ahead.FIRST


def test_an_example_that_left_takes_its_part_along():
    # As above, but the second example turns out unreadable: d(right) = 0, e = -1, and N is 9.
    read = np.array([0, -1, -1, 0])
    assert difference(2, 4, 9, read) == Difference(0.0, 0.0, 0.0, True, 4, 4)
    # Without it from the start: three differ, a lead of 1 of 9 by given labels, then -1.
    left_out = difference(1, 3, 9, np.array([0, -1, 0]))
    assert left_out.estimate == 0.0
    assert left_out.verdict is Ahead.NONE_VISIBLE


def test_what_was_decided_before_the_audit_needs_no_draw():
    # The second of the four was decided before: a lead of -1 on it. The other three lead by 1.
    before = difference(1, 3, 10, np.array([0]))
    assert (before.low, before.high) == (pytest.approx(-0.3), pytest.approx(0.3))
    with_it = before.plus(-1, 10)
    assert (with_it.low, with_it.high) == (pytest.approx(-0.4), pytest.approx(0.2))
    assert with_it.estimate == pytest.approx(before.estimate - 0.1)
    all_read = difference(1, 3, 10, np.array([0, -1, 0])).plus(-1, 10)
    assert all_read.estimate == pytest.approx(-0.1)
    assert all_read.verdict is Ahead.FIRST
    assert difference(1, 3, 10, np.empty(0, dtype=np.int64)).plus(-1, 10).estimate is None


def test_an_open_answer_is_not_left_out():
    """All of D drawn, one open: it may be worth 2 either way, and the estimate does without it."""
    found = difference(2, 4, 10, np.array([0, -2, OPEN, 0]))
    assert (found.low, found.high, found.exact, found.reads) == (-0.2, 0.2, False, 3)
    assert found.estimate == pytest.approx((2 - 4 * 2 / 3) / 10)
    changes = np.array([0, 0, 1, 0, 0, -1, 0, OPEN] * 20)
    open_ones = difference(30, 400, 1_000, changes)
    closed = difference(30, 400, 1_000, np.where(changes == OPEN, 0, changes))
    assert open_ones.low < closed.low < closed.high < open_ones.high


def test_a_planted_flip_is_seen():
    """Ahead by 60 of 10,000 on given labels, behind by 140 on right ones."""
    changes = np.random.default_rng(5).permutation(np.repeat([-2, -1, 0, 1], [70, 90, 810, 30]))
    at_first = difference(60, 1_000, 10_000, changes[:0])
    assert (at_first.low, at_first.estimate, at_first.high) == (-0.1, None, 0.1)
    later = difference(60, 1_000, 10_000, changes[:400])
    assert later.verdict is Ahead.FIRST
    assert later.low <= (60 - 200) / 10_000 <= later.high < 0
    assert difference(60, 1_000, 10_000, changes).estimate == -0.014


@given(audits())
def test_models_in_the_other_order_mirror_everything(case):
    one, other = found(case), found(case, mirrored=True)
    assert (other.low, other.high) == pytest.approx((-one.high, -one.low), abs=1e-12)
    if one.estimate is not None:
        assert other.estimate == pytest.approx(-one.estimate, abs=1e-12)
    swap = {Ahead.FIRST: Ahead.SECOND, Ahead.SECOND: Ahead.FIRST}
    assert other.verdict is swap.get(one.verdict, one.verdict)


@given(audits())
def test_all_read_is_exact_and_less_never_excludes_what_is_certain(case):
    first, second, _, right, differ, _ = case
    truth = Fraction(int(leads(first, second, right).sum()), len(right))
    whole = found(case, len(differ))
    assert whole.exact
    assert whole.low == whole.high == whole.estimate == float(truth)
    part = found(case)
    assert -len(differ) <= round(part.low * len(right)) <= round(part.high * len(right))
    assert part.low <= (part.low if part.estimate is None else part.estimate) <= part.high


@given(st.integers(0, 10_000), st.integers(30, 200))
@settings(max_examples=25)
def test_bounds_never_widen_while_it_is_read(seed, differ):
    rng = np.random.default_rng(seed)
    read = rng.choice([-2, -1, 0, 0, 0, 0, 1, 2], differ)
    looks = [difference(0, differ, 1_000, read[:at]) for at in range(0, differ + 1, 10)]
    if any(look.low > looks[-1].high or look.high < looks[-1].low for look in looks):
        return  # one of the few orders in which the bounds miss
    for before, after in pairwise(looks):
        assert before.low <= after.low <= after.high <= before.high


def test_how_many_more_reads_would_decide():
    # From 0.2 points to the bound at -0.1 it is 0.3: 1/100 - 1/1000 = 9/1000 has to shrink by
    # (2/3) squared to 4/1000, and 1/(4/1000 + 1/1000) = 200.
    assert reads_needed(Difference(0.002, -0.001, 0.005, False, 100, 1_000)) == 100
    assert reads_needed(Difference(-0.002, -0.005, 0.001, False, 100, 1_000)) == 100
    assert reads_needed(Difference(0.0, -0.001, 0.001, False, 100, 1_000)) == 900
    assert reads_needed(Difference(0.002, 0.001, 0.003, False, 100, 1_000)) == 0
    assert reads_needed(Difference(0.002, -0.05, 0.06, False, 19, 1_000)) is None
    assert reads_needed(Difference(0.002, -0.001, 0.005, False, 999, 1_000)) == 1


def test_what_a_plan_costs():
    reach = [reach_after(reads, 941, 10_000) for reads in (0, 100, 200, 400, 941)]
    assert reach == sorted(reach, reverse=True)
    assert reach[0] == 0.0941
    assert 0.005 < reach[2] < 0.02
    assert reach[-1] == 0.0
    calm = np.zeros(50, dtype=np.int64)
    assert reach_after(200, 941, 10_000, read=calm) < reach[2]
    assert reach_after(200, 941, 10_000, read=calm[:10]) == reach[2]


def test_pairs_share_the_chance_of_a_miss():
    assert alpha_of_pairs(2) == 0.05
    assert alpha_of_pairs(5) == pytest.approx(0.005)
    with pytest.raises(ValueError):
        alpha_of_pairs(1)


def test_models_that_never_differ_are_alike():
    none = difference(0, 0, 50, np.empty(0, dtype=np.int64))
    assert none == Difference(0.0, 0.0, 0.0, True, 0, 0)
    assert none.verdict is Ahead.NONE_VISIBLE
    assert reads_needed(none) == 0


@pytest.mark.parametrize(
    ("part", "differ", "n", "read"),
    [
        (0, -1, 10, []),
        (0, 1, -1, []),
        (5, 4, 10, []),
        (0, 1, 10, [0, 0]),
        (0, 4, 10, [3]),
        (0, 4, 10, [-3]),
        (0, 4, 10, [0.5]),
        (0, 4, 10, [[0]]),
    ],
)
def test_counts_that_disagree_are_refused(part, differ, n, read):
    array = np.array(read) if read else np.empty(0, dtype=np.int64)
    with pytest.raises(ValueError):
        difference(part, differ, n, array)
