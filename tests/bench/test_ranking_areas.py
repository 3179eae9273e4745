import numpy as np
import pytest

from bench.ranking.area import area, chance_area, order_of, share
from bench.ranking.cases import Case
from bench.ranking.detection import share_of_reviews
from bench.ranking.relabelling import Simulation, evaluate
from bench.ranking.stopping import read_until_sure
from bench.ranking.voting import draw_voting, vote_until_one_leads

GAINS = np.array([1, 0, -1, 1])
VOTES = np.array([2, 1, 3, 1])


def some_case():
    """400 examples, four classes, a quarter of the labels wrong, voters nine tenths right."""
    rng = np.random.default_rng(3)
    truth = rng.integers(0, 4, 400)
    moved = (truth + rng.integers(1, 4, 400)) % 4
    given = np.where(rng.random(400) < 0.25, moved, truth)
    certain = np.eye(4)[truth]
    probs = 0.6 * certain + 0.4 * rng.dirichlet(np.ones(4), 400)
    return Case("some", "some", given, truth, probs, 0.9 * certain + 0.1 / 4)


def test_a_gain_counts_from_the_vote_that_settles_it():
    # The gains come after votes 2, 3, 6 and 7: up to vote 10 that is 8 + 0 - 4 + 3.
    assert area(GAINS, VOTES, 10) == 7.0
    assert area(GAINS, VOTES, 4) == 2.0
    assert area(GAINS, VOTES, 0) == 0.0


def test_areas_are_means_over_draws():
    gains, votes = np.stack([GAINS, -GAINS]), np.stack([VOTES, VOTES])
    assert area(gains, votes, 10) == 0.0
    assert chance_area(gains, votes, 10) == 0.0


def test_chance_is_the_straight_line_through_the_end():
    # One label in seven votes: 1/7 · 10² / 2.
    assert chance_area(GAINS, VOTES, 10) == pytest.approx(50 / 7)


def test_random_orders_lie_on_the_line_of_chance():
    rng = np.random.default_rng(0)
    gains, votes = rng.choice([-1, 1, 1], 500), rng.integers(1, 4, 500)
    budget = votes.sum() / 2
    orders = np.stack([rng.permutation(500) for _ in range(1000)])
    mean = area(gains[orders], votes[orders], budget)
    assert mean == pytest.approx(chance_area(gains, votes, budget), rel=0.02)


def test_budgets_below_nothing_and_shapes_that_disagree_are_refused():
    for refused in (area, chance_area):
        with pytest.raises(ValueError):
            refused(GAINS, VOTES, -1)
        with pytest.raises(ValueError):
            refused(GAINS, VOTES[:2], 1)


def test_a_share_is_0_at_chance_and_1_at_the_oracle():
    assert share(3.0, by_chance=2.0, by_oracle=4.0) == 0.5
    assert share(2.0, by_chance=2.0, by_oracle=4.0) == 0.0
    assert share(4.0, by_chance=2.0, by_oracle=4.0) == 1.0
    with pytest.raises(ValueError):
        share(1.0, by_chance=2.0, by_oracle=2.0)


def test_equal_scores_keep_the_order_of_rows():
    assert order_of(np.array([1.0, 2.0, 1.0, 2.0])).tolist() == [1, 3, 0, 2]


def test_reviewing_all_errors_first_is_the_oracle_and_last_is_worse_than_chance():
    found = np.repeat([True, False], [10, 90])
    assert share_of_reviews(found) == 1.0
    assert share_of_reviews(found[::-1]) < 0.0


def test_voters_who_agree_with_a_label_settle_it_by_one_vote_and_others_by_two():
    chances = np.eye(3)[[0, 0, 2]].cumsum(axis=1)
    final, spent = vote_until_one_leads(np.array([0, 1, 2]), chances, np.random.default_rng(0))
    assert final.tolist() == [0, 0, 2]
    assert spent.tolist() == [1, 2, 1]


def test_voting_ends_with_the_leader_as_often_as_worked_by_hand():
    # Two classes, given 0, truth 1, a vote is right with 0.8: it ends right after two right
    # votes (0.64), and takes two votes unless the first is wrong: 0.2 · 1 + 0.8 · 2.
    n = 20_000
    given, truth = np.zeros(n, dtype=int), np.ones(n, dtype=int)
    voters = np.tile([0.2, 0.8], (n, 1))
    drawn = draw_voting(given, truth, voters, draws=1, rng=np.random.default_rng(1))
    assert drawn.gains.mean() == pytest.approx(0.64, abs=0.02)
    assert drawn.votes.mean() == pytest.approx(1.8, abs=0.02)


def test_draws_repeat_with_their_seed():
    first, again = (Simulation(some_case(), draws=2, seed=5) for _ in range(2))
    assert (first.drawn.gains == again.drawn.gains).all()
    assert (first.oracle_scores == again.oracle_scores).all()


def test_any_score_can_be_judged_and_one_that_knows_the_truth_nearly_is_the_oracle():
    case = some_case()
    rows = evaluate(
        {
            "knows": lambda given, _probs, _eps: (given != case.truth).astype(float),
            "fears": lambda given, _probs, _eps: (given == case.truth).astype(float),
        },
        cases=[case],
        draws=4,
    )
    knows, fears = rows
    assert min(knows.shares[:2]) > 0.85
    assert max(fears.shares) < 0.0


def test_reading_until_sure_puts_labels_right_and_never_exceeds_seven_reads():
    case = some_case()
    drawn = read_until_sure(case, draws=3, rng=np.random.default_rng(2))
    assert drawn.votes.min() == 1
    assert drawn.votes.max() <= 7
    assert drawn.gains.sum(axis=1).min() > 0.8 * case.n_errors
