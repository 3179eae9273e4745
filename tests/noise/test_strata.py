import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.noise.class_test import class_test
from app.noise.strata import Answers, class_strata, expected_rates, quality_strata, shuffled


def some_answers(seed=0, n=300, n_classes=3):
    rng = np.random.default_rng(seed)
    quality = rng.normal(size=n)
    wrong = rng.random(n) < 1 / (1 + np.exp(2 + 2 * quality))
    return Answers(wrong, quality, rng.integers(0, n_classes, n))


def same_strata(one, other):
    """The same examples stay together, whatever the strata are numbered."""
    return np.array_equal(one[:, None] == one, other[:, None] == other)


def test_fifths_of_quality():
    answers = Answers(np.zeros(10, bool), np.arange(10.0), np.zeros(10, int))
    assert quality_strata(answers).of_answer.tolist() == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]


def test_many_answers_make_narrower_bands():
    answers = Answers(np.zeros(5000, bool), np.arange(5000.0), np.zeros(5000, int))
    assert np.bincount(quality_strata(answers).of_answer).tolist() == [250] * 20


def test_answers_of_equal_quality_stay_together():
    answers = Answers(np.zeros(6, bool), np.array([1.0, 1, 1, 1, 1, 2]), np.zeros(6, int))
    of_answer = quality_strata(answers).of_answer
    assert len(set(of_answer[:5])) == 1 and of_answer[5] != of_answer[0]


def test_small_classes_are_put_with_classes_of_like_quality():
    given = np.repeat([0, 1, 2, 3], [100, 3, 3, 100])
    quality = np.concatenate([np.zeros(100), np.full(6, -1.0), np.zeros(100)])
    strata = class_strata(Answers(np.zeros(206, bool), quality, given))
    groups = strata.classes[strata.of_answer]
    assert groups[100] == groups[104]
    assert len(set(groups[[0, 100, 200]])) == 3


def test_expected_rates_follow_quality_and_class():
    rng = np.random.default_rng(1)
    quality = rng.normal(size=4000)
    given = rng.integers(0, 2, 4000)
    truth = 1 / (1 + np.exp(2 + 1.5 * quality - given))
    answers = Answers(rng.random(4000) < truth, quality, given)
    rates = expected_rates(answers.wrong, class_strata(answers))
    assert rates.sum() == pytest.approx(answers.wrong.sum(), rel=0.02)
    assert np.corrcoef(rates, truth)[0, 1] > 0.9


@pytest.mark.parametrize("wrong", [False, True])
def test_expected_rates_stay_inside_when_all_are_alike(wrong):
    answers = Answers(np.full(50, wrong), np.arange(50.0), np.zeros(50, int))
    rates = expected_rates(answers.wrong, class_strata(answers))
    assert ((rates >= 0.002) & (rates <= 0.95)).all()


@settings(deadline=None)
@given(st.integers(0, 50))
def test_shuffling_keeps_every_stratum_and_the_rates(seed):
    answers = some_answers(seed)
    strata = class_strata(answers)
    dealt = shuffled(answers.wrong, strata, 3, rng=np.random.default_rng(seed))
    for column in dealt.toarray() > 0.5:
        assert np.array_equal(strata.sums(column), strata.sums(answers.wrong))
        again = expected_rates(column, strata)
        assert again == pytest.approx(expected_rates(answers.wrong, strata))


@settings(deadline=None)
@given(st.integers(0, 50))
def test_the_order_of_answers_and_of_classes_is_irrelevant(seed):
    answers = some_answers(seed)
    rng = np.random.default_rng(seed)
    order, renamed = rng.permutation(300), np.array([7, 2, 5])
    moved = Answers(
        answers.wrong[order], answers.quality[order], renamed[answers.given_labels[order]]
    )
    one, other = class_strata(answers), class_strata(moved)
    assert same_strata(one.of_answer[order], other.of_answer)
    rates = expected_rates(answers.wrong, one)
    assert expected_rates(moved.wrong, other) == pytest.approx(rates[order])
    first, second = (class_test(each, rng=rng, permutations=1) for each in (answers, moved))
    place = np.argsort(renamed)
    assert second.z == pytest.approx(first.z[place])
    assert second.wrong.tolist() == first.wrong[place].tolist()


def test_answers_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="one entry an answer"):
        Answers(np.zeros(3, bool), np.zeros(2), np.zeros(3, int))
    with pytest.raises(ValueError, match="finite"):
        Answers(np.zeros(1, bool), np.array([np.nan]), np.zeros(1, int))


def test_nothing_answered_has_no_strata():
    nothing = Answers(np.zeros(0, bool), np.zeros(0), np.zeros(0, int))
    assert len(class_strata(nothing).of_answer) == 0
    assert expected_rates(nothing.wrong, class_strata(nothing)).shape == (0,)
