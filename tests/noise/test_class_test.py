import numpy as np
import pytest
from scipy.stats import kstest

from app.noise.class_test import class_test
from app.noise.strata import Answers


def answered(rates, seed, n=500):
    """Quality tells much of what is wrong; beyond that the class may matter."""
    rng = np.random.default_rng(seed)
    given, quality = rng.integers(0, len(rates), n), rng.normal(size=n)
    chance = np.clip(np.asarray(rates)[given] * np.exp(-quality), 0, 0.9)
    return Answers(rng.random(n) < chance, quality, given), rng


def test_one_class_wrong_more_often_is_found():
    answers, rng = answered([0.2, 0.04, 0.04, 0.04], 1)
    found = class_test(answers, rng=rng)
    assert found.p == pytest.approx(1 / 401)
    assert found.z.argmax() == 0
    assert found.asked.sum() == 500
    assert found.wrong.sum() == answers.wrong.sum()
    assert found.expected.sum() == pytest.approx(answers.wrong.sum())


def test_p_is_uniform_when_classes_do_not_matter():
    p = []
    for seed in range(200):
        answers, rng = answered([0.1, 0.1, 0.1], seed, n=200)
        p.append(class_test(answers, rng=rng, permutations=99).p)
    assert kstest(p, "uniform").pvalue > 0.01


def test_what_the_ranking_prefers_is_not_taken_for_a_class():
    """One class has low quality and so more wrong labels; at equal quality it has not."""
    rng = np.random.default_rng(3)
    low = []
    for _ in range(100):
        given = rng.integers(0, 2, 400)
        quality = np.round(rng.normal(size=400) - given, 0)
        wrong = rng.random(400) < np.clip(0.08 * np.exp(-quality), 0, 0.9)
        low.append(class_test(Answers(wrong, quality, given), rng=rng, permutations=99).p <= 0.05)
    assert sum(low) <= 11


@pytest.mark.parametrize("wrong", [False, True])
def test_where_all_are_alike_nothing_differs(wrong):
    answers = Answers(np.full(20, wrong), np.arange(20.0), np.arange(20) % 3)
    found = class_test(answers, rng=np.random.default_rng(0))
    assert found.p == 1.0
    assert not found.z.any()


def test_nothing_answered_differs_from_nothing():
    nothing = Answers(np.zeros(0, bool), np.zeros(0), np.zeros(0, int))
    assert class_test(nothing, rng=np.random.default_rng(0)).p == 1.0


def test_no_permutation_is_refused():
    with pytest.raises(ValueError, match="permutation"):
        class_test(answered([0.1], 1)[0], rng=np.random.default_rng(0), permutations=0)
