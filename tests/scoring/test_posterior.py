import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.scoring.posterior import label_posterior


def posterior(probs, label, answers, *, accuracy=0.8, given_accuracy=0.9):
    """The row for one example whose reviewers are all alike."""
    listed = np.array([answers], dtype=np.int64).reshape(1, len(answers))
    return label_posterior(
        np.array([probs]),
        np.array([label]),
        listed,
        reviewer_accuracy=np.full(listed.shape, accuracy),
        given_accuracy=given_accuracy,
    )[0]


def test_a_case_worked_by_hand():
    # Three classes, p = (0.5, 0.3, 0.2); given label 0, right with 0.9, each other with 0.05;
    # one answer 1, right with 0.8, each other with 0.1. Products:
    # 0.5·0.9·0.1 = 0.045, 0.3·0.05·0.8 = 0.012, 0.2·0.05·0.1 = 0.001; their sum is 0.058.
    expected = np.array([45, 12, 1]) / 58
    assert posterior([0.5, 0.3, 0.2], 0, [1]) == pytest.approx(expected)


def test_without_label_and_answers_the_prediction_stands():
    assert posterior([0.5, 0.3, 0.2], -1, [-1, -1]) == pytest.approx([0.5, 0.3, 0.2])


def test_every_reviewer_counts_by_his_own_accuracy():
    # Even prior, no label: answer 0 by one right with 0.9, answer 1 by one right with 0.6.
    # 0.9·0.4 = 0.36 against 0.1·0.6 = 0.06.
    found = label_posterior(
        np.array([[0.5, 0.5]]),
        np.array([-1]),
        np.array([[0, 1, -1]]),
        reviewer_accuracy=np.array([[0.9, 0.6, np.nan]]),
        given_accuracy=0.9,
    )
    assert found[0] == pytest.approx([6 / 7, 1 / 7])


def test_one_class_is_certain():
    assert posterior([1.0], 0, [0, 0]).tolist() == [1.0]


def test_many_answers_neither_overflow_nor_vanish():
    found = posterior([1.0, 0.0], 0, [1] * 2000, accuracy=0.999)
    assert found == pytest.approx([0.0, 1.0])


def test_no_examples_give_no_rows():
    none = np.empty((0, 2))
    labels = np.empty(0, dtype=np.int64)
    answers = np.empty((0, 3), dtype=np.int64)
    found = label_posterior(
        none, labels, answers, reviewer_accuracy=np.empty((0, 3)), given_accuracy=0.9
    )
    assert found.shape == (0, 2)


@st.composite
def examples(draw):
    n_classes = draw(st.integers(2, 5))
    weights = np.array(draw(st.lists(st.floats(0.01, 1), min_size=n_classes, max_size=n_classes)))
    label = draw(st.integers(-1, n_classes - 1))
    answers = draw(st.lists(st.integers(-1, n_classes - 1), min_size=1, max_size=7))
    return weights / weights.sum(), label, answers


@given(examples(), st.randoms(use_true_random=False))
@settings(max_examples=60)
def test_the_order_of_answers_is_irrelevant(example, random):
    probs, label, answers = example
    shuffled = random.sample(answers, len(answers))
    assert posterior(probs, label, answers) == pytest.approx(posterior(probs, label, shuffled))


@given(examples(), st.randoms(use_true_random=False))
@settings(max_examples=60)
def test_the_order_of_classes_is_irrelevant(example, random):
    probs, label, answers = example
    moved = random.sample(range(len(probs)), len(probs))
    place = [*np.argsort(moved), -1]
    renamed = posterior(probs[moved], place[label], [place[one] for one in answers])
    assert renamed == pytest.approx(posterior(probs, label, answers)[moved])


@given(examples())
@settings(max_examples=60)
def test_answers_may_be_taken_in_one_by_one(example):
    probs, label, answers = example
    step = posterior(probs, label, [])
    for answer in answers:
        step = posterior(step, -1, [answer])
    assert step == pytest.approx(posterior(probs, label, answers), abs=1e-6)


@given(examples(), st.integers(0, 4), st.floats(0.51, 0.99))
@settings(max_examples=60)
def test_a_reliable_answer_makes_its_class_likelier(example, answer, accuracy):
    probs, label, answers = example
    answer %= len(probs)
    before = posterior(probs, label, answers, accuracy=accuracy)
    after = posterior(probs, label, [*answers, answer], accuracy=accuracy)
    assert after[answer] >= before[answer]


@pytest.mark.parametrize(
    ("probs", "label", "answers", "accuracies"),
    [
        ([np.nan, 1.0], 0, [0], {}),
        ([0.7, 0.7], 0, [0], {}),
        ([0.5, 0.5], 2, [0], {}),
        ([0.5, 0.5], 0, [-2], {}),
        ([0.5, 0.5], 0, [2], {}),
        ([0.5, 0.5], 0, [0], {"accuracy": np.nan}),
        ([0.5, 0.5], 0, [0], {"accuracy": 1.0}),
        ([0.5, 0.5], 0, [0], {"accuracy": 0.0}),
        ([0.5, 0.5], 0, [0], {"given_accuracy": np.nan}),
        ([0.5, 0.5], 0, [0], {"given_accuracy": 1.0}),
    ],
)
def test_what_is_no_probability_and_no_class_is_refused(probs, label, answers, accuracies):
    with pytest.raises(ValueError):
        posterior(probs, label, answers, **accuracies)


def test_shapes_that_disagree_are_refused():
    probs = np.full((2, 2), 0.5)
    for labels, answers, accuracy in (
        (np.zeros(3, int), np.zeros((2, 1), int), np.full((2, 1), 0.8)),
        (np.zeros(2, int), np.zeros((3, 1), int), np.full((3, 1), 0.8)),
        (np.zeros(2, int), np.zeros(2, int), np.full(2, 0.8)),
        (np.zeros(2, int), np.zeros((2, 1), int), np.full((2, 2), 0.8)),
        (np.zeros(2), np.zeros((2, 1), int), np.full((2, 1), 0.8)),
    ):
        with pytest.raises(ValueError):
            label_posterior(probs, labels, answers, reviewer_accuracy=accuracy, given_accuracy=0.9)
