import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.stats import kstest

from app.noise.slice_test import slice_test, worth_probing
from app.noise.strata import Answers

N, GROUPS = 300, 60


def a_set(seed, planted=False):
    """Random groups; in the first, if planted, most labels are wrong whatever the quality."""
    rng = np.random.default_rng(seed)
    members = rng.random((GROUPS, N)) < 0.08
    quality = rng.normal(size=N)
    chance = np.clip(0.1 * np.exp(-quality), 0, 0.9)
    if planted:
        chance[members[0]] = 0.7
    return Answers(rng.random(N) < chance, quality, rng.integers(0, 2, N)), members, rng


def weighed(answers, members, rng, permutations=99):
    prior = np.zeros(len(members))
    return slice_test(answers, csr_array(members), prior, rng=rng, permutations=permutations)


def test_a_planted_slice_is_found():
    answers, members, rng = a_set(1, planted=True)
    found = weighed(answers, members, rng, permutations=400)
    assert found.evidence.argmax() == 0
    assert found.smallest_p == found.p[0] == pytest.approx(1 / 401)
    assert found.support.tolist() == members.sum(axis=1).tolist()
    assert found.wrong.tolist() == (members & answers.wrong).sum(axis=1).tolist()
    assert found.expected[0] < found.wrong[0] / 2


def test_the_smallest_p_is_uniform_under_the_null():
    p = [weighed(*a_set(seed)).smallest_p for seed in range(200)]
    assert kstest(p, "uniform").pvalue > 0.01


def test_classes_wrong_more_often_do_not_make_slices():
    """Every group lies in one class, and one class is wrong far more often."""
    rng = np.random.default_rng(5)
    false = 0
    for _ in range(100):
        labels = rng.integers(0, 2, N)
        wrong = rng.random(N) < np.where(labels == 0, 0.3, 0.02)
        in_class = labels == rng.integers(0, 2, (GROUPS, 1))
        members = (rng.random((GROUPS, N)) < 0.15) & in_class
        answers = Answers(wrong, rng.normal(size=N), labels)
        false += weighed(answers, members, rng).smallest_p <= 0.05
    assert false <= 11


def test_a_wrong_label_of_good_quality_weighs_more():
    rng = np.random.default_rng(7)
    quality = np.sort(rng.normal(size=N))
    wrong = rng.random(N) < np.clip(0.3 * np.exp(-2 * quality), 0, 0.9)
    wrong[:6] = wrong[-6:] = True
    members = np.zeros((2, N), dtype=bool)
    members[0, :6] = members[1, -6:] = True
    found = weighed(Answers(wrong, quality, np.zeros(N, int)), members, rng)
    assert found.evidence[1] > found.evidence[0] + 3


def test_too_few_answers_are_not_weighed():
    answers, members, rng = a_set(2)
    members[0] = False
    members[0, np.flatnonzero(answers.wrong)[:4]] = True
    found = weighed(answers, members, rng)
    assert found.p[0] == 1.0
    assert 0 not in worth_probing(found.evidence, csr_array(members), most=60)


def test_a_prior_counts_as_evidence():
    answers, members, _ = a_set(3)
    prior = -np.arange(GROUPS, dtype=float)
    both = [
        slice_test(answers, csr_array(members), one, rng=np.random.default_rng(0), permutations=1)
        for one in (prior, np.zeros(GROUPS))
    ]
    assert both[0].evidence == pytest.approx(both[1].evidence + prior)


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 1000))
def test_the_order_of_answers_is_irrelevant(seed):
    answers, members, rng = a_set(seed, planted=True)
    order = rng.permutation(N)
    moved = Answers(answers.wrong[order], answers.quality[order], 1 - answers.given_labels[order])
    one = weighed(answers, members, rng, permutations=1)
    other = weighed(moved, members[:, order], rng, permutations=1)
    assert other.evidence == pytest.approx(one.evidence, abs=1e-3)


def test_of_overlapping_groups_the_best_is_probed():
    members = np.zeros((4, 40), dtype=bool)
    members[0, :20] = True
    members[1, 5:20] = True  # inside the first
    members[2, 10:30] = True  # half of it in the first
    members[3, 30:40] = True
    evidence = np.array([2.0, 3.0, 1.0, -0.5])
    assert worth_probing(evidence, csr_array(members), most=12) == [1]
    members[2, 10:15] = False
    assert worth_probing(evidence, csr_array(members), most=12) == [1, 2]
    assert worth_probing(evidence, csr_array(members), most=1) == [1]


def test_no_candidates_no_pattern():
    answers, members, rng = a_set(4)
    found = weighed(answers, members[:0], rng)
    assert found.smallest_p == 1.0
    assert worth_probing(found.evidence, csr_array(members[:0]), most=12) == []


def test_ten_thousand_answers_and_two_thousand_groups_take_seconds():
    import time

    rng = np.random.default_rng(8)
    members = csr_array(rng.random((2_000, 10_000)) < 0.03)
    answers = Answers(
        rng.random(10_000) < 0.05, rng.normal(size=10_000), rng.integers(0, 10, 10_000)
    )
    began = time.process_time()
    slice_test(answers, members, np.zeros(2_000), rng=rng)
    assert time.process_time() - began < 20


def test_what_does_not_fit_is_refused():
    answers, members, rng = a_set(4)
    with pytest.raises(ValueError, match="one column an answer"):
        weighed(answers, members[:, 1:], rng)
    with pytest.raises(ValueError, match="one entry a candidate"):
        slice_test(answers, csr_array(members), np.zeros(3), rng=rng)
    with pytest.raises(ValueError, match="permutation"):
        weighed(answers, members, rng, permutations=0)
