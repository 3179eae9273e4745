"""Array types and their checks."""

from collections.abc import Iterator
from typing import Any, NamedTuple

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

_CHUNK_ENTRIES = 2**17

_WITHIN_ROUNDING = 1e-5
"""More than a float32 sum of 10,000 probabilities is ever off by."""


class Chunk(NamedTuple):
    """Some rows, contiguous, as float32 or float64; ``sums`` are what each row sums to."""

    rows: slice
    probs: Probs
    sums: Scores


def row_chunks(pred_probs: Probs, block: slice | None = None) -> Iterator[slice]:
    """Slices over the rows (of a block), each small enough that its copy stays in the cache."""
    n_examples, n_classes = pred_probs.shape
    first, last, _ = (block or slice(None)).indices(n_examples)
    rows = max(1, _CHUNK_ENTRIES // max(1, n_classes))
    for start in range(first, last, rows):
        yield slice(start, min(start + rows, last))


def checked_chunks(pred_probs: Probs, block: slice | None = None) -> Iterator[Chunk]:
    """Read every row (of a block) once, and refuse it or hand it on.

    Parameters
    ----------
    pred_probs : ndarray of shape (n_examples, n_classes)
        Rows sum to 1 within 1e-3. Any float type, strides and byte order; may be memory-mapped.
    block : slice, optional
        The rows to read; all of them otherwise.

    Yields
    ------
    Chunk
        Not to be written to: it may be a view.

    Raises
    ------
    ValueError
        If the array is not one of probabilities; names the first row that is not.
    """
    _check_matrix(pred_probs)
    for rows in row_chunks(pred_probs, block):
        probs, sums, usable = _checked(pred_probs[rows])
        if not usable.all():
            raise ValueError(
                f"row {rows.start + int(np.argmin(usable))} of pred_probs is not a list of "
                "probabilities: entries must be finite, not negative, and sum to 1"
            )
        yield Chunk(rows, probs, sums)


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
    _check_matrix(pred_probs)
    usable = np.empty(len(pred_probs), dtype=np.bool_)
    for rows in row_chunks(pred_probs):
        usable[rows] = _checked(pred_probs[rows])[2]
    return usable


def _check_matrix(pred_probs: Probs) -> None:
    if pred_probs.ndim != 2 or pred_probs.shape[1] == 0:
        raise ValueError("pred_probs must have one row an example and one column a class")
    if not np.issubdtype(pred_probs.dtype, np.floating):
        raise ValueError("pred_probs must hold floating point numbers")


def _checked(rows: Probs) -> tuple[Probs, Scores, NDArray[np.bool_]]:
    """A few rows ready to compute with, their sums, and which of them are probabilities.

    A sum in float32 is quick and settles nearly every row. Where one is too close to the
    tolerance to tell, or an entry is negative, float64 judges; the sums stay what they were,
    so that a row scores the same whatever its company.
    """
    kind = np.float32 if rows.dtype.itemsize <= 4 else np.float64
    probs: Probs = np.ascontiguousarray(rows, dtype=kind)
    with np.errstate(invalid="ignore", over="ignore"):
        sums = np.einsum("ij->i", probs).astype(np.float64)
        usable = np.abs(sums - 1.0) <= ROW_SUM_TOLERANCE - _WITHIN_ROUNDING
        if not (usable.all() and probs.min(initial=0.0) >= 0.0):
            exact = probs.sum(axis=1, dtype=np.float64)
            usable = (np.abs(exact - 1.0) <= ROW_SUM_TOLERANCE) & (probs.min(axis=1) >= 0.0)
    return probs, sums, usable


def check_labels(given_labels: Labels, pred_probs: Probs) -> None:
    """Refuse labels that do not belong to the rows or the columns of ``pred_probs``.

    Parameters
    ----------
    given_labels : ndarray of shape (n_examples,)
        Class indices in ``[0, n_classes)``.
    pred_probs : ndarray of shape (n_examples, n_classes)
        Only its shape and type are looked at.

    Raises
    ------
    ValueError
        If shapes or types disagree, or a label is not a column of ``pred_probs``.
    """
    _check_matrix(pred_probs)
    if given_labels.shape != (len(pred_probs),):
        raise ValueError("given_labels must hold one label for each row of pred_probs")
    if not np.issubdtype(given_labels.dtype, np.integer):
        raise ValueError("given_labels must hold whole numbers")
    if len(given_labels) and not (
        given_labels.min() >= 0 and given_labels.max() < pred_probs.shape[1]
    ):
        raise ValueError("every given label must be a column of pred_probs")


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
    check_labels(given_labels, pred_probs)
    _check_rows(pred_probs)


def _check_rows(pred_probs: Probs) -> None:
    for _ in checked_chunks(pred_probs):
        pass


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
    _check_rows(pred_probs)
    clipped = np.maximum(pred_probs.astype(np.float64), SMALLEST_PROBABILITY)
    clipped /= clipped.sum(axis=1, keepdims=True)
    return clipped
