import math
import time
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.noise.left import wrong_left
from app.noise.serves import Serves
from app.noise.stopping import allowed, draws_needed, may_stop, queue_rate, random_first
from tests.noise.plain import histories, serves_of


@pytest.mark.parametrize(
    ("pool", "target", "most"),
    [(10_000, 0.01, 100), (100, 0.29, 29), (999, 0.01, 9), (1_000_000, 0.07, 70_000), (0, 0.5, 0)],
)
def test_so_many_may_stay(pool, target, most):
    assert allowed(pool, target) == most


@pytest.mark.parametrize("target", [0.0, 1.0, -0.1, 5, float("nan")])
def test_a_target_that_is_no_share_is_refused(target):
    with pytest.raises(ValueError, match="a share between 0 and 1"):
        allowed(100, target)


def test_reviewing_may_stop_when_the_upper_bound_is_within_the_target():
    left = wrong_left(serves_of(1_000, 100))  # 0 to 36
    assert may_stop(left, 1_000, 0.036)
    assert not may_stop(left, 1_000, 0.0359)
    assert not may_stop(replace(left, low=None, estimate=None, high=None), 1_000, 0.5)


def with_queue(rate, *, drawn=100):
    """So many draws without a hit, then 500 of the queue of which this share is wrong."""
    queue = np.zeros(500, dtype=np.int8)
    queue[: round(500 * rate)] = 1
    outcome = np.append(np.zeros(drawn, dtype=np.int8), queue)
    return Serves(10_000, np.arange(len(outcome)) < drawn, outcome)


@pytest.mark.parametrize(
    ("rate", "left", "on"),
    [
        (0.03, 100, True),  # three times the target found, within the target left
        (0.032, 100, False),
        (0.03, 101, False),
        (0.01, 200, True),  # the target found, twice the target left
        (0.012, 200, False),
        (0.01, 201, False),
        (0.0, 0, True),
    ],
)
def test_random_checks_come_first_once_the_queue_has_little_to_find(rate, left, on):
    serves = with_queue(rate)
    now = replace(wrong_left(serves), estimate=float(left))
    assert random_first(now, serves, 0.01) is on


def test_without_queue_answers_or_an_estimate_the_queue_goes_on():
    serves = with_queue(0.0)
    assert not random_first(replace(wrong_left(serves), estimate=None), serves, 0.01)
    draws = serves_of(1_000, 300)
    assert queue_rate(draws) is None and not random_first(wrong_left(draws), draws, 0.5)


def test_only_the_last_500_answered_of_the_queue_tell_what_it_finds():
    outcome = np.array([1] * 100 + [0] * 500 + [-1] * 7, dtype=np.int8)
    serves = Serves(900, np.zeros(607, dtype=np.bool_), outcome)
    assert queue_rate(serves) == 0.0
    assert queue_rate(Serves(900, serves.drawn[:300], outcome[:300])) == pytest.approx(1 / 3)


FLOORS = ((0.05, 67), (0.03, 119), (0.02, 188), (0.01, 410), (0.005, 892), (0.002, 2481))


@pytest.mark.parametrize(("target", "floor"), [*FLOORS, (0.001, 5341)])
def test_a_certificate_costs_what_was_published_for_the_rate_forecast_and_a_little_more(
    target, floor
):
    total, draws = 0.0, 0
    while total < math.log(20):  # the rate forecast alone, from a pool without end
        total += math.log(1 - 0.5 / (50 + draws)) - math.log(1 - target)
        draws += 1
    assert draws == floor
    assert floor < draws_needed(target, 10**8) <= 1.23 * floor


@settings(max_examples=60)
@given(st.integers(1, 2_000), st.floats(0.004, 0.3))
def test_after_so_many_clean_draws_one_may_stop_and_not_before(pool, target):
    needed = draws_needed(target, pool)
    assert may_stop(wrong_left(serves_of(pool, needed)), pool, target)
    if needed:
        assert not may_stop(wrong_left(serves_of(pool, needed - 1)), pool, target)


@settings(max_examples=60)
@given(histories(most=200, outcomes=(0, 0, 0, 0, 1)), st.floats(0.02, 0.3))
def test_the_same_after_whatever_was_served(serves, target):
    needed = draws_needed(target, serves.pool, after=serves)

    def stops(more):
        drawn = np.append(serves.drawn, np.ones(more, dtype=np.bool_))
        outcome = np.append(serves.outcome, np.zeros(more, dtype=np.int8))
        left = wrong_left(Serves(serves.pool, drawn, outcome))
        return left.conflict or may_stop(left, serves.pool, target)

    assert stops(needed)
    assert needed == 0 or not stops(needed - 1) or wrong_left(serves).conflict


def test_open_answers_are_hoped_to_be_right():
    clean = draws_needed(0.05, 1_000, after=serves_of(1_000, 30))
    assert draws_needed(0.05, 1_000, after=serves_of(1_000, 30, opened=(3, 9))) == clean
    assert draws_needed(0.05, 1_000, after=serves_of(1_000, 30, wrong=(3, 9))) > clean


def test_serves_of_another_pool_are_refused():
    with pytest.raises(ValueError, match="a pool of 10 examples, not 11"):
        draws_needed(0.1, 11, after=Serves.none(10))


def test_what_a_target_costs_is_told_in_under_20_ms():
    spent = []
    for pool in range(1_000_000, 1_000_005):  # another grid each time
        begun = time.thread_time()
        assert 5_341 < draws_needed(0.001, pool) < 6_100
        spent.append(time.thread_time() - begun)
    assert min(spent) < 0.020
