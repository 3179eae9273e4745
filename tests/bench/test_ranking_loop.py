import dataclasses

import numpy as np
import pytest

from app.scoring.posterior import label_posterior
from bench.ranking.cases import Case
from bench.ranking.levers import draw_people, fixed, gain_of_a_read, until_one_leads, until_sure
from bench.ranking.loop import Way, affordable, evaluate, work_off
from bench.ranking.methods import methods

VPV = methods(("vpv",))["vpv"]
ONE_LEADS = Way("one leads", fixed, VPV, until_one_leads)
SURE = Way("posterior", fixed, VPV, until_sure)
RETURNED = Way("returned", fixed, VPV, None)


def some_case():
    """200 examples, four classes, a quarter of the labels wrong, voters nine tenths right."""
    rng = np.random.default_rng(3)
    truth = rng.integers(0, 4, 200)
    given = np.where(rng.random(200) < 0.25, (truth + rng.integers(1, 4, 200)) % 4, truth)
    certain = np.eye(4)[truth]
    probs = 0.6 * certain + 0.4 * rng.dirichlet(np.ones(4), 200)
    return Case("some", "some", given, truth, probs, 0.9 * certain + 0.1 / 4)


def people(seed=0):
    case = some_case()
    vectors = np.eye(4, dtype=np.float32)[case.truth]
    nobody = np.full((len(case.given), 1), -1)
    return draw_people(case, vectors, nobody, np.random.default_rng(seed))


def test_a_batch_may_overrun_by_its_last_example_but_the_budget_may_not():
    votes = np.array([1, 2, 3, 1], dtype=np.int8)
    assert affordable(votes, 4.0, overrun=True) == 3
    assert affordable(votes, 4.0, overrun=False) == 2
    assert affordable(votes, 3.0, overrun=True) == 2
    assert affordable(votes, 0.0, overrun=True) == 0
    assert affordable(votes, 99.0, overrun=False) == 4


def test_the_gain_of_a_read_is_the_mean_over_every_answer():
    rng = np.random.default_rng(1)
    chances, accuracy = rng.dirichlet(np.ones(4), 30), 0.85
    standing = rng.integers(0, 4, 30)
    nothing = np.full(30, -1)
    after = np.zeros(30)
    for answer in range(4):
        told = np.full((30, 1), answer)
        weight = chances * (1 - accuracy) / 3
        weight[:, answer] = chances[:, answer] * accuracy
        posterior = label_posterior(
            chances,
            nothing,
            told,
            reviewer_accuracy=np.full(told.shape, accuracy),
            given_accuracy=0.5,
        )
        after += weight.sum(axis=1) * posterior.max(axis=1)
    expected = after - chances[np.arange(30), standing]
    assert gain_of_a_read(chances, standing, accuracy) == pytest.approx(expected)


def test_reading_again_what_is_settled_gains_nothing_and_a_doubted_label_gains_most():
    chances = np.array([[0.99, 0.01], [0.5, 0.5], [0.01, 0.99]])
    gains = gain_of_a_read(chances, np.array([0, 0, 0]), 0.9)
    assert gains == pytest.approx([0.0, 0.4, 0.98])


@pytest.mark.parametrize("way", [ONE_LEADS, SURE, RETURNED], ids=lambda way: way.name)
def test_working_off_puts_most_labels_right_and_leaves_unread_ones_alone(way):
    draw = people()
    labels, read = work_off(way, draw)
    case = draw.case
    assert (labels[~read] == case.given[~read]).all()
    assert read.sum() <= draw.budget
    assert (labels != case.truth).sum() < 0.35 * case.n_errors


def test_returned_examples_are_read_within_the_budget_even_where_nothing_is_known():
    draw = people()
    sure_of_nothing = dataclasses.replace(draw.case, pred_probs=np.full((200, 4), 0.25))
    draw = dataclasses.replace(draw, case=sure_of_nothing)
    _, read = work_off(RETURNED, draw)
    assert 0 < read.sum() <= int(draw.budget)


def test_the_same_seed_measures_the_same_and_counts_agree():
    case = some_case()
    vectors = np.eye(4, dtype=np.float32)[case.truth]
    first, again = (
        list(evaluate([SURE, RETURNED], cases=[(case, vectors)], draws=2)) for _ in range(2)
    )
    assert first == again
    for row in first:
        assert row.share == pytest.approx(row.put_right / case.n_errors)
        assert 0.0 <= row.broken < 0.1
