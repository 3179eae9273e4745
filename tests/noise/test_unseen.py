import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.noise.serves import Serves
from app.noise.unseen import unseen_errors
from tests.noise.plain import histories


def mixed(queue_rate, draw_rate, *, count=2_000, seed=0):
    """Every second serve a draw; both wrong at a steady rate."""
    rng = np.random.default_rng(seed)
    drawn = np.arange(count) % 2 == 1
    wrong = rng.random(count) < np.where(drawn, draw_rate, queue_rate)
    return Serves(100_000, drawn, wrong.astype(np.int8))


def test_draws_that_find_more_than_the_queue_raise_the_alarm():
    told = unseen_errors(mixed(0.005, 0.05))
    assert told.alarm and told.evidence > 20
    assert told.hits > 2 * told.promised


def test_a_queue_that_finds_more_than_the_draws_raises_none():
    told = unseen_errors(mixed(0.10, 0.05))
    assert not told.alarm and told.evidence == pytest.approx(1.0, abs=0.5)


def test_worked_by_hand():
    # 50 of the queue, all right: it promises 0.5/51. Before the first draw nobody bets (the stake
    # is the promise); then the rate of the draws is staked, against a miss and against a hit.
    outcome = np.array([0] * 50 + [1, 0, 1], dtype=np.int8)
    told = unseen_errors(Serves(100, np.arange(53) >= 50, outcome))
    promise = 0.5 / 51
    first = (1 + 20 * promise) / 21
    second = (1 + 20 * promise) / 22
    assert (told.draws, told.hits) == (3, 2)
    assert told.promised == pytest.approx(3 * promise)
    assert told.evidence == pytest.approx((1 - first) / (1 - promise) * second / promise)
    assert not told.alarm


def test_a_new_ranking_is_judged_from_its_first_serve_on():
    serves = mixed(0.005, 0.05)
    assert unseen_errors(serves, since=len(serves)).draws == 0
    assert unseen_errors(serves, since=1_990).draws == 0  # its queue has promised nothing yet
    assert not unseen_errors(serves, since=1_990).alarm


def test_before_anything_was_served_nothing_is_said():
    told = unseen_errors(Serves.none(10))
    assert (told.draws, told.hits, told.promised, told.evidence, told.alarm) == (0, 0, 0, 1, False)


@given(histories(most=200, outcomes=(0, 0, 0, 1, -1)), st.integers(1, 40))
def test_what_is_open_speaks_for_the_ranking(serves, times):
    many = Serves(serves.pool * 40, np.tile(serves.drawn, times), np.tile(serves.outcome, times))
    hopeful = np.where(many.outcome >= 0, many.outcome, ~many.drawn).astype(np.int8)
    assert unseen_errors(many) == unseen_errors(Serves(many.pool, many.drawn, hopeful))


def test_with_a_ranking_no_better_than_chance_the_alarm_is_rare():
    """Draw and queue are wrong alike: at most 5 of 100, looked at again and again."""
    alarms = 0
    for seed in range(100):
        serves = mixed(0.03, 0.03, count=3_000, seed=seed)
        alarms += any(
            unseen_errors(Serves(serves.pool, serves.drawn[:end], serves.outcome[:end])).alarm
            for end in range(200, 3_001, 100)
        )
    assert alarms <= 5
