import numpy as np
import pytest

from app.learning.doubtful import doubtful, fits_twice

UNDECIDED = np.zeros(6, dtype=np.bool_)
PROBS = np.array(
    [
        [0.05, 0.90, 0.05],  # doubtful under label 0
        [0.15, 0.80, 0.05],  # the label is not unlikely enough
        [0.05, 0.55, 0.40],  # no other is likely enough
        [0.90, 0.05, 0.05],
        [0.90, 0.05, 0.05],
        [0.05, 0.05, 0.90],
    ],
    dtype=np.float32,
)
LABELS = np.array([0, 0, 0, 0, -1, 2])


def test_an_unlikely_label_beside_a_likely_other_is_doubtful():
    assert np.flatnonzero(doubtful(PROBS, LABELS, UNDECIDED)).tolist() == [0]


def test_what_people_decided_is_not():
    decided = UNDECIDED.copy()
    decided[0] = True
    assert not doubtful(PROBS, LABELS, decided).any()


def test_a_label_that_would_lose_most_of_its_examples_keeps_them():
    labels = np.array([0, -1, -1, -1, 1, 1])
    assert not doubtful(PROBS, labels, UNDECIDED).any()


def test_nothing_is_edited_and_shapes_are_checked():
    before = PROBS.copy()
    doubtful(PROBS, LABELS, UNDECIDED)
    assert (before == PROBS).all()
    with pytest.raises(ValueError, match="row"):
        doubtful(PROBS, LABELS[1:], UNDECIDED)


@pytest.mark.parametrize("n_classes", [1, 2])
def test_few_classes_and_no_example_are_survived(n_classes):
    ones = np.full((3, n_classes), 1.0 / n_classes)
    assert not doubtful(ones, np.zeros(3, dtype=np.int64), UNDECIDED[:3]).any()
    empty = np.zeros((0, n_classes))
    assert len(doubtful(empty, np.zeros(0, dtype=np.int64), UNDECIDED[:0])) == 0


def test_auto_fits_twice_where_it_is_worth_its_time():
    wanted = {n: fits_twice("auto", n) for n in (999, 1_000, 30_000, 30_001)}
    assert list(wanted.values()) == [False, True, True, False]
    assert fits_twice("always", 2)
    assert not fits_twice("never", 5_000)
