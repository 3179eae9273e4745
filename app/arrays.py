"""Array types and their checks."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

Labels = NDArray[np.integer[Any]]
"""Class indices, shape (n_examples,); -1 where no label was given."""

Probs = NDArray[np.floating[Any]]
"""Class probabilities, shape (n_examples, n_classes); rows sum to 1."""

Scores = NDArray[np.float64]
"""One finite number an example, shape (n_examples,)."""

Embeddings = NDArray[np.float32]
"""One vector an example, shape (n_examples, n_dimensions)."""

ROW_SUM_TOLERANCE = 1e-3
"""How far a row may sum from 1: float16 files with hundreds of classes reach 5e-4."""

SMALLEST_PROBABILITY = 1e-9
"""Probabilities are raised to this before a logarithm is taken."""

_CHUNK_ENTRIES = 2**16


def row_chunks(pred_probs: Probs) -> Iterator[slice]:
    """Slices over the rows, each small enough that its float64 copy stays in the cache."""
    n_examples, n_classes = pred_probs.shape
    rows = max(1, _CHUNK_ENTRIES // max(1, n_classes))
    for start in range(0, n_examples, rows):
        yield slice(start, min(start + rows, n_examples))


def usable_rows(pred_probs: Probs) -> NDArray[np.bool_]:
    """Which rows are probabilities: finite, none negative, sum within 1e-3 of 1.

    Parameters
    ----------
    pred_probs : ndarray of shape (n_examples, n_classes)
        May be memory-mapped; it is read once, in chunks.

    Returns
    -------
    ndarray of bool, shape (n_examples,)
        False marks an example that cannot be scored.

    Raises
    ------
    ValueError
        If the array is not two-dimensional, or has no class, or does not hold floats.
    """
    if pred_probs.ndim != 2 or pred_probs.shape[1] == 0:
        raise ValueError("pred_probs must have one row an example and one column a class")
    if not np.issubdtype(pred_probs.dtype, np.floating):
        raise ValueError("pred_probs must hold floating point numbers")
    usable = np.empty(len(pred_probs), dtype=np.bool_)
    for rows in row_chunks(pred_probs):
        chunk = np.asarray(pred_probs[rows])
        with np.errstate(invalid="ignore", over="ignore"):
            sums = chunk.sum(axis=1, dtype=np.float64)
            usable[rows] = (np.abs(sums - 1.0) <= ROW_SUM_TOLERANCE) & (chunk.min(axis=1) >= 0.0)
    return usable


def check_predictions(given_labels: Labels, pred_probs: Probs) -> None:
    """Refuse labels and probabilities that do not belong together.

    Parameters
    ----------
    given_labels : ndarray of shape (n_examples,)
        Class indices in ``[0, n_classes)``.
    pred_probs : ndarray of shape (n_examples, n_classes)
        Rows sum to 1 within 1e-3.

    Raises
    ------
    ValueError
        If shapes disagree, a label is not a column of ``pred_probs``, or a row is not finite,
        has a negative entry or does not sum to 1.
    """
    usable = usable_rows(pred_probs)
    if given_labels.shape != (len(pred_probs),):
        raise ValueError("given_labels must hold one label for each row of pred_probs")
    if not np.issubdtype(given_labels.dtype, np.integer):
        raise ValueError("given_labels must hold whole numbers")
    if len(given_labels) and not (
        given_labels.min() >= 0 and given_labels.max() < pred_probs.shape[1]
    ):
        raise ValueError("every given label must be a column of pred_probs")
    if not usable.all():
        raise ValueError(
            f"row {int(np.argmin(usable))} of pred_probs is not a list of probabilities: "
            "entries must be finite, not negative, and sum to 1"
        )


def normalised(pred_probs: Probs) -> NDArray[np.float64]:
    """Probabilities raised to at least 1e-9, rows scaled to sum to 1; a new array.

    Parameters
    ----------
    pred_probs : ndarray of shape (n_examples, n_classes)
        Rows sum to 1 within 1e-3.

    Returns
    -------
    ndarray of float64, shape (n_examples, n_classes)

    Raises
    ------
    ValueError
        If a row is not finite, has a negative entry or does not sum to 1 within 1e-3.
    """
    usable = usable_rows(pred_probs)
    if not usable.all():
        raise ValueError(
            f"row {int(np.argmin(usable))} of pred_probs is not a list of probabilities"
        )
    clipped = np.maximum(pred_probs.astype(np.float64), SMALLEST_PROBABILITY)
    clipped /= clipped.sum(axis=1, keepdims=True)
    return clipped
