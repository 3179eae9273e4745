"""What the neighbours are labelled."""

import numpy as np
from numpy.typing import NDArray

from app.arrays import Labels


def label_shares(
    neighbours: NDArray[np.int64], given_labels: Labels, n_classes: int
) -> NDArray[np.float32]:
    """Share of every label among the labelled neighbours of each example.

    Parameters
    ----------
    neighbours : ndarray of shape (n_examples, count)
        Rows of other examples, -1 where there is none.
    given_labels : ndarray of shape (n_examples,)
        Class indices in ``[0, n_classes)``, or -1 for none.
    n_classes : int

    Returns
    -------
    ndarray of float32, shape (n_examples, n_classes)
        Rows sum to 1. Without a labelled neighbour: the shares of the whole dataset, or an
        even split if nothing is labelled.

    Raises
    ------
    ValueError
        If a label is out of range.
    """
    if len(given_labels) and given_labels.max() >= n_classes:
        raise ValueError("given labels must lie below n_classes")
    shares = np.zeros((len(neighbours), n_classes), dtype=np.float32)
    rows = np.arange(len(neighbours))
    for nth in range(neighbours.shape[1]):
        neighbour = neighbours[:, nth]
        labels = np.where(neighbour >= 0, given_labels[neighbour], -1)
        counted = labels >= 0
        shares[rows[counted], labels[counted]] += 1.0
    totals = shares.sum(axis=1, keepdims=True)
    alone = totals[:, 0] == 0
    shares[alone] = class_priors(given_labels, n_classes)
    totals[alone] = 1.0
    shares /= totals
    return shares


def class_priors(given_labels: Labels, n_classes: int) -> NDArray[np.float32]:
    """Share of every label in the dataset, one example of each added so that none is 0."""
    counts = np.bincount(given_labels[given_labels >= 0], minlength=n_classes) + 1.0
    return np.asarray(counts / counts.sum(), dtype=np.float32)
