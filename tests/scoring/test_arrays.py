import numpy as np
import pytest

from app.arrays import check_predictions, normalised, usable_rows

FAIR = np.array([[0.5, 0.5], [0.25, 0.75]], dtype=np.float32)


def test_predictions_that_belong_together_pass():
    check_predictions(np.array([0, 1]), FAIR)


def test_no_examples_are_fine():
    check_predictions(np.empty(0, dtype=np.int64), np.empty((0, 3)))


@pytest.mark.parametrize(
    ("labels", "probs"),
    [
        ([0, 1], [[0.5, 0.5]]),
        ([0, 2], FAIR),
        ([0, -1], FAIR),
        ([0, 1], [[0.5, 0.5], [np.nan, 1.0]]),
        ([0, 1], [[0.5, 0.5], [np.inf, 0.0]]),
        ([0, 1], [[0.5, 0.5], [-0.1, 1.1]]),
        ([0, 1], [[0.5, 0.5], [0.4, 0.4]]),
        ([0.0, 1.0], FAIR),
        ([0, 1], [[1, 0], [0, 1]]),
        ([0, 1], [0.5, 0.5]),
        ([], np.empty((0, 0))),
    ],
)
def test_what_does_not_belong_together_is_refused(labels, probs):
    with pytest.raises(ValueError, match=r"."):
        check_predictions(
            np.array(labels, dtype=np.int64 if len(labels) == 0 else None), np.array(probs)
        )


def test_bad_rows_are_told_apart():
    probs = np.array([[0.5, 0.5], [np.nan, 1.0], [0.4, 0.4], [np.inf, -np.inf], [1.0, 0.0]])
    assert usable_rows(probs).tolist() == [True, False, False, False, True]


def test_rows_within_a_thousandth_are_scaled_to_one_and_zeros_raised():
    probs = np.array([[0.5, 0.5005, 0.0], [1.0, 0.0, 0.0]], dtype=np.float32)
    fixed = normalised(probs)
    assert np.allclose(fixed.sum(axis=1), 1.0, atol=1e-12)
    assert fixed.min() >= 0.99e-9
    assert probs[0, 2] == 0.0


def test_rows_further_off_are_refused():
    with pytest.raises(ValueError, match="row 0"):
        normalised(np.array([[0.5, 0.502]]))


def test_half_precision_with_many_classes_is_accepted():
    rng = np.random.default_rng(0)
    probs = rng.dirichlet(np.ones(300), size=50).astype(np.float16)
    check_predictions(rng.integers(0, 300, 50), probs)
