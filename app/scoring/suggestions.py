"""The labels to offer for each example, likeliest first."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.arrays import Probs, row_chunks, usable_rows

MOST_SUGGESTIONS = 9
"""One for each digit key of the desk."""


@dataclass(frozen=True)
class Suggestions:
    """Labels and their probabilities, both of shape (n_examples, count), best first."""

    labels: NDArray[np.int32]
    probabilities: NDArray[np.float32]


def suggestions(pred_probs: Probs, *, count: int = MOST_SUGGESTIONS) -> Suggestions:
    """The ``count`` likeliest labels of every example; equal ones by lower class index.

    Parameters
    ----------
    pred_probs : ndarray of shape (n_examples, n_classes)
        Out-of-sample probabilities; rows sum to 1 within 1e-3. May be memory-mapped.
    count : int
        At least 1; fewer columns come back when there are fewer classes.

    Returns
    -------
    Suggestions

    Raises
    ------
    ValueError
        If ``count`` is below 1 or a row is not a list of probabilities.
    """
    if count < 1:
        raise ValueError("count must be at least 1")
    if not usable_rows(pred_probs).all():
        raise ValueError("every row of pred_probs must be a list of probabilities")
    width = min(count, pred_probs.shape[1])
    labels = np.empty((len(pred_probs), width), dtype=np.int32)
    probabilities = np.empty((len(pred_probs), width), dtype=np.float32)
    for rows in row_chunks(pred_probs):
        left = np.array(pred_probs[rows])
        for nth in range(width):
            best = left.argmax(axis=1)[:, None]
            labels[rows, nth] = best[:, 0]
            probabilities[rows, nth] = np.take_along_axis(left, best, axis=1)[:, 0]
            np.put_along_axis(left, best, -1.0, axis=1)
    return Suggestions(labels, probabilities)
