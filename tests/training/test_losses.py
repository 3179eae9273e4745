"""Values worked by hand, slopes against finite differences, and laws that hold for any logits."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.training.losses import (
    cross_entropy,
    forward_correction,
    generalized_cross_entropy,
    hard_bootstrapping,
    label_smoothing,
    soft_bootstrapping,
    symmetric_cross_entropy,
)

TRANSITION = np.array([[0.8, 0.1, 0.1], [0.0, 1.0, 0.0], [0.3, 0.2, 0.5]])
LOSSES = {
    "cross-entropy": cross_entropy,
    "smoothing": label_smoothing,
    "soft": soft_bootstrapping,
    "hard": hard_bootstrapping,
    "generalized": generalized_cross_entropy,
    "symmetric": symmetric_cross_entropy,
    "forward": forward_correction(TRANSITION),
}
QUARTERS = np.log(np.array([[0.5, 0.25, 0.25]]))
"""Logits of probabilities one can reckon with."""


@st.composite
def batches(draw):
    rows = draw(st.integers(1, 4))
    numbers = st.floats(-4, 4)
    logits = draw(st.lists(st.lists(numbers, min_size=3, max_size=3), min_size=rows, max_size=rows))
    labels = draw(st.lists(st.integers(0, 2), min_size=rows, max_size=rows))
    return np.array(logits), np.array(labels)


def numeric_slope(loss, logits, labels, step=1e-5):
    slope = np.zeros_like(logits)
    for place in np.ndindex(*logits.shape):
        up, down = logits.copy(), logits.copy()
        up[place] += step
        down[place] -= step
        slope[place] = (loss(up, labels)[0] - loss(down, labels)[0])[place[0]] / (2 * step)
    return slope


@pytest.mark.parametrize("name", LOSSES)
@given(batches())
@settings(max_examples=25)
def test_the_slope_is_that_of_the_value(name, batch):
    logits, labels = batch
    if name == "hard":  # which label is favored counts as fixed: not where two are equal
        top = np.sort(logits, axis=1)
        if (top[:, -1] - top[:, -2]).min() < 1e-3:
            return
    values, slope = LOSSES[name](logits, labels)
    assert values.shape == labels.shape and (values > -1e-12).all()
    assert np.allclose(slope, numeric_slope(LOSSES[name], logits, labels), atol=1e-6)
    assert np.allclose(slope.sum(axis=1), 0, atol=1e-9)  # adding to all logits changes nothing


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("cross-entropy", np.log(4)),
        ("smoothing", 0.9 * np.log(4) + (np.log(2) + 2 * np.log(4)) / 30),
        ("soft", 0.95 * np.log(4) + 0.05 * (0.5 * np.log(2) + 0.5 * np.log(4))),
        ("hard", 0.8 * np.log(4) + 0.2 * np.log(2)),
        ("generalized", (1 - 0.25**0.7) / 0.7),
        ("symmetric", 0.1 * np.log(4) + 4 * 0.75),
        ("forward", -np.log(0.5 * 0.1 + 0.25 * 1.0 + 0.25 * 0.2)),
    ],
)
def test_values_worked_by_hand(name, value):
    values, _ = LOSSES[name](QUARTERS, np.array([1]))
    assert values == pytest.approx([value])


@pytest.mark.parametrize("name", LOSSES)
def test_huge_logits_stay_finite_and_float32_stays_float32(name):
    logits = np.array([[1e4, -1e4, 0.0]], dtype=np.float32)
    values, slope = LOSSES[name](logits, np.array([1]))
    assert np.isfinite(values).all() and np.isfinite(slope).all()
    assert slope.dtype == np.float32


def test_without_noise_forward_correction_is_cross_entropy():
    logits, labels = np.array([[1.0, -2.0, 0.5], [0.0, 0.3, 3.0]]), np.array([2, 0])
    ours, plain = forward_correction(np.eye(3))(logits, labels), cross_entropy(logits, labels)
    assert np.allclose(ours[0], plain[0]) and np.allclose(ours[1], plain[1])


@pytest.mark.parametrize(
    "matrix", [np.ones((2, 3)), np.full((2, 2), 0.4), np.array([[1.5, -0.5], [0, 1]])]
)
def test_what_is_no_transition_matrix_is_refused(matrix):
    with pytest.raises(ValueError, match="transition matrix"):
        forward_correction(matrix)


@pytest.mark.parametrize("labels", [np.array([3]), np.array([-1]), np.array([0, 1])])
def test_labels_that_are_no_columns_are_refused(labels):
    with pytest.raises(ValueError, match=r"label"):
        cross_entropy(QUARTERS, labels)
