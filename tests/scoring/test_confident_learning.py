import numpy as np
import pytest
from cleanlab.filter import find_label_issues
from hypothesis import given, settings
from hypothesis import strategies as st

from app.scoring.confident_learning import confident_learning


def draw_case(seed, n_examples=300, n_classes=5, absent=()):
    rng = np.random.default_rng(seed)
    probs = rng.dirichlet(np.full(n_classes, 0.4), n_examples)
    allowed = [label for label in range(n_classes) if label not in absent]
    return rng.choice(allowed, n_examples), probs


@pytest.mark.parametrize("n_classes", [2, 5, 40])
def test_cleanlab_agrees(n_classes):
    labels, probs = draw_case(1, n_classes=n_classes)
    theirs = find_label_issues(labels, probs, filter_by="prune_by_noise_rate", n_jobs=1)
    assert confident_learning(labels, probs).tolist() == theirs.tolist()
    assert theirs.any()


def test_worked_by_hand():
    """Thresholds are 0.75 and 0.55: only the last example is confidently of the other class."""
    probs = np.array([[0.9, 0.1], [0.9, 0.1], [0.9, 0.1], [0.2, 0.8], [0.2, 0.8], [0.9, 0.1]])
    labels = np.array([0, 0, 0, 1, 1, 1])
    assert np.flatnonzero(confident_learning(labels, probs)).tolist() == [5]


def test_classes_nobody_has_change_nothing():
    labels, probs = draw_case(2, absent=(1, 4))
    wide = np.insert(probs, 2, 1e-12, axis=1)
    wide /= wide.sum(axis=1, keepdims=True)
    assert (
        confident_learning(labels, probs).tolist()
        == confident_learning(labels + (labels >= 2), wide).tolist()
    )


@pytest.mark.parametrize("labels", [[], [3], [1, 1, 1]])
def test_one_class_or_none_marks_nothing(labels):
    probs = np.full((len(labels), 4), 0.25)
    assert not confident_learning(np.array(labels, dtype=np.int64), probs).any()


def test_what_does_not_belong_together_is_refused():
    with pytest.raises(ValueError):
        confident_learning(np.array([0, 2]), np.full((2, 2), 0.5))
    with pytest.raises(ValueError):
        confident_learning(np.array([0, 1]), np.ones((2, 2)))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 60), st.integers(2, 9))
def test_the_order_of_examples_is_irrelevant(seed, n_examples, n_classes):
    labels, probs = draw_case(seed, n_examples, n_classes)
    marked = confident_learning(labels, probs)
    order = np.random.default_rng(seed).permutation(n_examples)
    assert confident_learning(labels[order], probs[order]).tolist() == marked[order].tolist()
    assert not marked[probs.argmax(axis=1) == labels].any()
