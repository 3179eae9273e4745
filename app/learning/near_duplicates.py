"""Examples that are nearly the same."""

import numpy as np
from numpy.typing import NDArray

from app.learning.connected import connected

NEARLY_SAME = 0.98
"""Cosine from which two examples count as nearly the same. Of BANKING77's questions 8 % have such
a neighbour by sentence vectors and 2 % by our own; at 0.95 it is 28 % and 5 %, mostly different
questions about one thing."""

CLOSER = 10.0
"""And so many times closer than neighbours commonly are: vectors that all lie close together, as
those of narrow tables do, must not all be duplicates."""


def nearly_same(similarities: NDArray[np.float32]) -> float:
    """The cosine from which neighbours are near-duplicates in this dataset.

    Parameters
    ----------
    similarities : ndarray of shape (n_examples, count)
        Cosines with the nearest others, nearest first; 0 where there is none.

    Returns
    -------
    float
        In ``[0.98, 1]``: 0.98, or what is ten times closer to 1 than the median cosine with the
        furthest neighbour listed, if that is more.

    Raises
    ------
    ValueError
        If the array is not two-dimensional.
    """
    if similarities.ndim != 2:
        raise ValueError("similarities must have one row an example")
    if similarities.size == 0:
        return NEARLY_SAME
    common = float(np.median(similarities[:, -1]))
    return min(1.0, max(NEARLY_SAME, 1.0 - (1.0 - common) / CLOSER))


def near_duplicates(
    neighbours: NDArray[np.int64], similarities: NDArray[np.float32], *, threshold: float
) -> NDArray[np.int64]:
    """Join examples with every neighbour at least this similar, and those with theirs.

    Parameters
    ----------
    neighbours : ndarray of shape (n_examples, count)
        Rows of other examples, -1 where there is none.
    similarities : ndarray of shape (n_examples, count)
        Cosines in ``[-1, 1]``.
    threshold : float
        Such as ``nearly_same`` finds.

    Returns
    -------
    ndarray of int64, shape (n_examples,)
        Number of the group, counted by first member; an example alone has its own.

    Raises
    ------
    ValueError
        If shapes disagree or a neighbour is no row.
    """
    if neighbours.shape != similarities.shape or neighbours.ndim != 2:
        raise ValueError("neighbours and similarities must be of one shape")
    n_examples = len(neighbours)
    if neighbours.size and not -1 <= neighbours.min() <= neighbours.max() < n_examples:
        raise ValueError("neighbours must be rows, or -1")
    # a cosine of equal vectors is rounded; what is as close as rounding allows is at the threshold
    linked = (neighbours >= 0) & (similarities >= min(threshold, 1.0 - 1e-6))
    one = np.nonzero(linked)[0]
    return _in_order(connected(one, neighbours[linked], n_examples))


def _in_order(groups: NDArray[np.int64]) -> NDArray[np.int64]:
    """The same groups, numbered from 0 by their first member."""
    _, first, place = np.unique(groups, return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    return rank[place]
