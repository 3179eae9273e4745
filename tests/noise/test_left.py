from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.noise.left import wrong_left
from app.noise.prefix import grid
from app.noise.serves import Outcome, Serves
from tests.noise.plain import histories, prefix_counts, serves_of, worst_counts

ODD = range(1, 301, 2)
MIXED = {"pool": 10_000, "count": 2_000, "every": 10}


@pytest.mark.parametrize(
    ("serves", "found", "draws", "low", "estimate", "high"),
    [
        (serves_of(1_000, 100), 0, 100, 0, 6.9, 36),
        (serves_of(10_000, 300), 0, 300, 0, 29.3, 145),
        (serves_of(10_000, 300, wrong=(50, 150, 250)), 3, 300, 9, 117.2, 356),
        (serves_of(**MIXED, wrong=(*ODD, 100, 400)), 152, 200, 0, 94.7, 386),
        (serves_of(200, 200, wrong=range(1, 8)), 7, 200, 0, 0.0, 0),
        (serves_of(500, 0), 0, 0, 0, None, 500),
    ],
)
def test_worked_examples_with_every_answer_known(serves, found, draws, low, estimate, high):
    left = wrong_left(serves)
    assert (left.found, left.draws, left.low, left.high) == (found, draws, low, high)
    assert left.estimate is None if estimate is None else round(left.estimate, 1) == estimate
    assert left.prefix == (low, high) and not left.conflict


@pytest.mark.parametrize(
    ("serves", "covers", "prefix", "every", "both"),
    [
        (serves_of(1_000, 100), 100, (0, 36), (0, 39), (0, 36)),
        (serves_of(1_000, 100, opened=(11,)), 10, (0, 271), (0, 68), (0, 68)),
        (serves_of(1_000, 100, opened=range(11, 16)), 10, (0, 271), (0, 225), (0, 225)),
        (
            serves_of(**MIXED, wrong={*ODD, 100, 400} - {5}, opened=(5, 50)),
            *(4, (0, 9_847), (0, 607), (0, 607)),
        ),
        (serves_of(200, 50, wrong=(1, 2), opened=(3,)), 2, (1, 198), (0, 41), (1, 41)),
    ],
)
def test_worked_examples_with_open_answers(serves, covers, prefix, every, both):
    left = wrong_left(serves)
    assert (left.prefix_serves, left.prefix, left.all_serves) == (covers, prefix, every)
    assert (left.low, left.high) == both


def test_it_says_what_holds_it_back():
    left = wrong_left(serves_of(**MIXED, wrong={*ODD, 100, 400} - {5}, opened=(5, 50)))
    assert (left.found, left.unserved, left.open_answers, left.open_draws) == (151, 8_000, 2, 1)
    assert (left.draws, left.draws_in_prefix) == (200, 0)
    assert left.estimate == pytest.approx(95.1, abs=0.05), "by the 199 draws that are known"


@given(histories())
def test_it_equals_the_plain_count_after_count(serves):
    left, found = wrong_left(serves), serves.found()
    early, late = prefix_counts(serves), worst_counts(serves)
    # Of the prefix every count in between stays; of the worst case the ends are what counts.
    assert early == list(range(early[0], early[-1] + 1)) if early else True
    assert left.all_serves == ((late[0] - found, late[-1] - found) if late else None)
    if early and early[-1] >= found:
        assert left.prefix == (max(0, early[0] - found), early[-1] - found)
    else:
        assert left.prefix is None
    both = (
        (max(early[0], late[0]) - found, min(early[-1], late[-1]) - found)
        if early and late
        else (1, 0)
    )
    assert (left.low, left.high) == (both if both[0] <= both[1] else (None, None))


@given(histories(most=300))
def test_what_is_left_lies_between_none_and_all_and_the_estimate_within(serves):
    left = wrong_left(serves)
    if left.conflict:
        assert left.low is left.high is left.estimate is None
        return
    assert 0 <= left.low <= left.high <= left.unserved + left.open_answers
    assert left.estimate is None or left.low <= left.estimate <= left.high


@given(histories(most=12, outcomes=(0, 1)), st.randoms(use_true_random=False))
def test_when_all_are_served_and_known_nothing_is_left(serves, random):
    rest = serves.pool - len(serves)
    drawn = np.append(serves.drawn, [random.random() < 0.5 for _ in range(rest)])
    outcome = np.append(serves.outcome, [random.random() < 0.3 for _ in range(rest)])
    left = wrong_left(Serves(serves.pool, drawn.astype(np.bool_), outcome.astype(np.int8)))
    assert left.conflict or (left.low, left.high) == (0, 0)


@given(histories(most=200, outcomes=(0, 1)), st.integers(0, 50))
def test_right_answers_of_the_queue_after_the_last_draw_only_shrink_the_pool(serves, more):
    more = min(more, serves.unserved)
    after = Serves(
        serves.pool,
        np.append(serves.drawn, np.zeros(more, dtype=np.bool_)),
        np.append(serves.outcome, np.zeros(more, dtype=np.int8)),
    )
    before, now = wrong_left(serves), wrong_left(after)
    if before.conflict or before.low > now.unserved:
        assert now.conflict
    else:
        assert now.low == before.low
        assert now.high == min(before.high, now.unserved)


@given(histories(most=100, outcomes=(0, 1)), st.randoms(use_true_random=False))
def test_the_order_of_the_queue_between_two_draws_is_irrelevant(serves, random):
    outcome, start = serves.outcome.copy(), 0
    for end in [*np.flatnonzero(serves.drawn).tolist(), len(serves)]:
        part = outcome[start:end].tolist()
        random.shuffle(part)
        outcome[start:end], start = part, end + 1
    assert wrong_left(Serves(serves.pool, serves.drawn, outcome)) == wrong_left(serves)


@settings(max_examples=50)
@given(histories(most=40))
def test_whatever_the_open_answers_become_it_was_not_narrower_before(serves):
    places = np.flatnonzero(serves.outcome == -1)[:4]
    outcome = serves.outcome.copy()
    outcome[np.flatnonzero(serves.outcome == -1)[4:]] = 0
    open_now = Serves(serves.pool, serves.drawn, outcome)
    before, found = wrong_left(open_now).all_serves, open_now.found()
    for answers in product((0, 1), repeat=len(places)):
        outcome = outcome.copy()
        outcome[places] = answers
        known = Serves(serves.pool, serves.drawn, outcome)
        after = wrong_left(known).all_serves
        if after is not None:
            assert before is not None
            assert before.low + found <= after.low + known.found()
            assert after.high + known.found() <= before.high + found


def test_draws_that_cannot_be_uniform_are_a_conflict_and_no_number():
    """Half the pool is wrong, as draws say; then the queue finds nothing in all that is left."""
    drawn = np.arange(1_000) < 100
    outcome = (np.arange(1_000) % 2 == 0) & drawn
    left = wrong_left(Serves(1_000, drawn, outcome.astype(np.int8)))
    assert left.conflict and (left.low, left.estimate, left.high) == (None, None, None)


def test_the_estimate_is_the_mean_under_the_prior_beyond_the_fine_grid_too():
    rng = np.random.default_rng(5)
    outcome = (rng.random(1_000) < 0.12).astype(np.int8)
    left = wrong_left(Serves(10_000, np.ones(1_000, dtype=np.bool_), outcome))
    mean = (1 + outcome.sum()) / (1 + 30 + 1_000) * 9_000  # of a beta posterior, by hand
    assert left.estimate == pytest.approx(mean, rel=2e-3)


def test_the_grid_holds_all_counts_to_1000_and_then_steps_of_four_thousandths():
    points = grid(100_000).points
    assert points[:1_001].tolist() == list(range(1_001))
    assert (points[1_001:] / points[1_000:-1]).min() > 1.0
    assert (points[1_001:] / points[1_000:-1]).max() < 1.006
    assert points[-1] <= 100_000 < points[-1] * 1.005
    assert np.exp(grid(900).log_prior).sum() == pytest.approx(1.0)


@pytest.mark.parametrize("alpha", [0.0, 1.0, -0.1, float("nan")])
def test_an_impossible_alpha_is_refused(alpha):
    with pytest.raises(ValueError, match="between 0 and 1"):
        wrong_left(Serves.none(10), alpha=alpha)


def test_an_open_answer_early_on_hides_no_later_draw_from_the_estimate() -> None:
    """100 draws with 10 wrong; the third is open: about what it would be without it."""
    outcome = np.zeros(100, dtype=np.int8)
    outcome[5::10] = Outcome.WRONG
    every = np.ones(100, dtype=np.bool_)
    whole = wrong_left(Serves(1_000, every, outcome))
    outcome = outcome.copy()
    outcome[2] = Outcome.OPEN
    held = wrong_left(Serves(1_000, every, outcome))
    assert held.draws_in_prefix == 2
    assert whole.estimate is not None
    assert held.estimate == pytest.approx(whole.estimate, rel=0.05)
    assert held.low is not None and held.high is not None
    assert held.low <= held.estimate <= held.high
