import math
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.noise.models.mean_without_replacement import (
    STAKES,
    Bounds,
    certain,
    first_ruled_out,
    mean_bounds,
)

FIFTHS = st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0])


@st.composite
def drawn(draw):
    population = draw(st.lists(FIFTHS, min_size=1, max_size=60))
    reads = draw(st.integers(0, len(population)))
    return np.array(population), reads


def capital(values, size, mean):
    """What the gamblers who bet on values above the mean have, one draw after the other."""
    each = [1.0] * len(STAKES)
    for at, value in enumerate(values):
        average = (size * mean - sum(values[:at])) / (size - at)
        each = [
            own * (1 - stake + stake * value / average)
            for own, stake in zip(each, STAKES, strict=True)
        ]
    return sum(each) / len(each)


def test_ones_worked_by_hand():
    # If five of ten are 1, the averages before each draw are 5/10, 4/9 and 3/8: a stake s becomes
    # (1 + s)(1 + 1.25 s)(1 + 5 s / 3).
    by_hand = [(1 + s) * (1 + 1.25 * s) * (1 + 5 * s / 3) for s in STAKES]
    assert capital([1, 1, 1], 10, 0.5) == pytest.approx(sum(by_hand) / 4)
    # The lower bound is where the capital would be 2 / 0.05 = 40.
    low, high = mean_bounds(np.ones(8), 100)
    assert capital([1] * 8, 100, low) == pytest.approx(40, rel=1e-4)
    assert low > 0.08
    assert high == 1.0


def test_the_capital_is_that_of_a_gambler_who_bets_draw_by_draw():
    values = np.array([0.5, 0.75, 0.5, 1.0, 0.5, 0.25] * 20)
    low, high = mean_bounds(values, 400, running=False)
    assert capital(list(values), 400, low) == pytest.approx(40, rel=1e-4)
    assert capital(list(1 - values), 400, 1 - high) == pytest.approx(40, rel=1e-4)


def test_nothing_read_and_all_read():
    assert mean_bounds(np.empty(0), 7) == (0.0, 1.0)
    assert mean_bounds(np.empty(0), 0) == (0.0, 1.0)
    low, high = mean_bounds(np.array([0.0, 0.25, 0.5, 1.0]), 4)
    assert low == high == 0.4375


def test_the_unread_bound_the_mean_from_both_sides():
    assert certain(np.array([1.0, 0.5, 0.5]), 4) == (0.5, 0.75)
    assert mean_bounds(np.array([1.0, 0.5, 0.5]), 4) == (0.5, 0.75)


@given(drawn(), st.sampled_from([0.05, 0.3]))
def test_bounds_mirror_and_lie_within_what_is_possible(case, alpha):
    population, reads = case
    values, size = population[:reads], len(population)
    found, sure = mean_bounds(values, size, alpha=alpha), certain(values, size)
    assert sure.low <= found.low <= found.high <= sure.high
    other = mean_bounds(1 - values, size, alpha=alpha)
    assert other == pytest.approx((1 - found.high, 1 - found.low), abs=1e-7)


@given(drawn())
def test_bounds_never_widen_when_looked_at_again(case):
    population, reads = case
    size, before = len(population), Bounds(0.0, 1.0)
    for read in range(reads + 1):
        now = mean_bounds(population[:read], size)
        if now == certain(population[:read], size):  # unread values may tell what no bet does
            continue
        assert now.low >= before.low - 1e-7
        assert now.high <= before.high + 1e-7
        assert mean_bounds(population[:read], size, running=False).low <= now.low + 1e-7
        before = now


@given(drawn(), st.floats(0.01, 0.99))
def test_a_candidate_is_ruled_out_when_the_bounds_leave_it(case, mean):
    population, reads = case
    size = len(population)
    after = first_ruled_out(population[:reads], size, mean)
    for read in range(reads + 1):
        low, high = mean_bounds(population[:read], size)
        if after is not None and read < after:
            assert low - 1e-7 <= mean <= high + 1e-7
        if read == after and (low, high) != certain(population[:read], size):
            assert not low + 1e-7 < mean < high - 1e-7


def test_an_unknown_value_is_taken_as_it_rules_out_least():
    values = np.array([0.5, np.nan, 0.75, 0.5])
    assert certain(values, 4) == (0.4375, 0.6875)
    long = np.tile(values, 30)
    low, high = mean_bounds(long, 300)
    assert low == pytest.approx(mean_bounds(np.nan_to_num(long, nan=0.0), 300).low, abs=1e-7)
    assert high == pytest.approx(mean_bounds(np.nan_to_num(long, nan=1.0), 300).high, abs=1e-7)
    assert first_ruled_out(long, 300, 0.5) is None
    assert first_ruled_out(long, 300, 0.05) is not None


@given(drawn(), st.data())
def test_what_becomes_known_only_narrows_the_bounds(case, data):
    population, reads = case
    size, values = len(population), population[:reads]
    unknown = np.array(data.draw(st.lists(st.booleans(), min_size=reads, max_size=reads)), bool)
    before = mean_bounds(np.where(unknown, np.nan, values), size)
    now = mean_bounds(values, size)
    if now != certain(values, size):
        assert before.low <= now.low + 1e-7
        assert now.high - 1e-7 <= before.high


def test_a_hundred_orders_hold_the_mean():
    """The simulation with 1,200 audits is in the benchmark."""
    population = np.repeat([0.0, 0.25, 0.5, 0.75], [10, 15, 70, 5])
    rng = np.random.default_rng(3)
    orders = [rng.permutation(population) for _ in range(100)]
    missed = [first_ruled_out(values, 100, population.mean()) for values in orders]
    assert sum(read is not None and read < 100 for read in missed) <= 5


def test_a_thousand_draws_of_a_hundred_thousand_are_quick():
    values = np.random.default_rng(0).random(1_000)
    took = []
    for _ in range(5):
        begun = time.perf_counter()
        low, high = mean_bounds(values, 100_000)
        took.append(time.perf_counter() - begun)
    assert min(took) < 0.1
    assert low < 0.5 < high
    assert high - low < 0.06


@settings(max_examples=20)
@given(st.floats(0, 1), st.integers(1, 30))
def test_equal_values_are_inside(value, size):
    low, high = mean_bounds(np.full(size, value), size + 5)
    assert low - 1e-9 <= value <= high + 1e-9


@pytest.mark.parametrize(
    ("values", "size", "alpha"),
    [
        ([0.5, 1.1], 3, 0.05),
        ([-0.1], 3, 0.05),
        ([math.inf], 3, 0.05),
        ([0.5, 0.5], 1, 0.05),
        ([0.5], 3, 0.0),
        ([0.5], 3, 1.0),
        ([[0.5]], 3, 0.05),
    ],
)
def test_what_cannot_be_is_refused(values, size, alpha):
    for of in (mean_bounds, lambda *case, **more: first_ruled_out(*case, 0.5, **more)):
        with pytest.raises(ValueError):
            of(np.array(values), size, alpha=alpha)
