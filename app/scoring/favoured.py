"""The label most of an example's neighbours have."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.arrays import Labels

FEWEST_VOTERS = 5
"""Fewer labelled neighbours outvote nobody."""


@dataclass(frozen=True)
class Favoured:
    """Commonest label (-1 for none), how many neighbours have it, and how many have any."""

    labels: NDArray[np.int64]
    votes: NDArray[np.int64]
    voters: NDArray[np.int64]


def favoured(neighbour_labels: Labels) -> Favoured:
    """The commonest label among the labelled neighbours; of equal ones the nearest's.

    Parameters
    ----------
    neighbour_labels : ndarray of shape (n_examples, count)
        Class indices, nearest neighbour first; -1 where there is none.

    Returns
    -------
    Favoured
        Arrays of shape (n_examples,); votes are at most ``count``.

    Raises
    ------
    ValueError
        If the array is not two-dimensional.
    """
    if neighbour_labels.ndim != 2:
        raise ValueError("neighbour_labels must have one row an example")
    labels = np.asarray(neighbour_labels, dtype=np.int64)
    present = labels >= 0
    if labels.shape[1] == 0:
        none = np.full(len(labels), -1, dtype=np.int64)
        return Favoured(none, np.zeros_like(none), np.zeros_like(none))
    votes = np.zeros(labels.shape, dtype=np.int64)
    for nth in range(labels.shape[1]):
        votes[:, nth] = ((labels == labels[:, nth : nth + 1]) & present).sum(axis=1)
    votes[~present] = 0
    best = votes.argmax(axis=1)[:, None]
    return Favoured(
        np.take_along_axis(labels, best, axis=1)[:, 0],
        np.take_along_axis(votes, best, axis=1)[:, 0],
        present.sum(axis=1),
    )


def outvoted(given_labels: Labels, favourites: Favoured) -> NDArray[np.bool_]:
    """Mark the examples whose neighbours mostly share one other label.

    Parameters
    ----------
    given_labels : ndarray of shape (n_examples,)
        Class indices, or -1 for none.
    favourites : Favoured
        Of the same examples.

    Returns
    -------
    ndarray of bool, shape (n_examples,)
        True where more than half of at least five labelled neighbours have one label that is not
        the given one. Without a given label: False.

    Raises
    ------
    ValueError
        If shapes disagree.

    References
    ----------
    Wilson (1972), Asymptotic properties of nearest neighbor rules using edited data.
    """
    if given_labels.shape != favourites.labels.shape:
        raise ValueError("given_labels must hold one label for each example")
    sure = (favourites.voters >= FEWEST_VOTERS) & (2 * favourites.votes > favourites.voters)
    return np.asarray(
        sure & (given_labels >= 0) & (favourites.labels != given_labels), dtype=np.bool_
    )
