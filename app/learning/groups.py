"""Examples that belong together, so that no model is tested on what it nearly saw."""

import numpy as np
from numpy.typing import NDArray

from app.arrays import Labels
from app.learning.connected import connected
from app.learning.folds import FEWEST_FOLDS, groups_of_labels
from app.learning.near_duplicates import near_duplicates, nearly_same
from app.learning.neighbours import Neighbours

Groups = NDArray[np.int64]

MOST_NEAR = 50
"""Near-duplicates beyond this many in a row of likenesses are a dense region, not copies."""

_LOST_SHARE = 0.05
"""Labels with a single group may hold this share of the examples before groups are given up."""


def united(one: Groups, other: Groups) -> Groups:
    """Groups of both kinds joined wherever they share a member.

    Parameters
    ----------
    one, other : ndarray of shape (n_examples,)
        A number for each group.

    Returns
    -------
    ndarray of int64, shape (n_examples,)
        A number for each group.

    Raises
    ------
    ValueError
        If shapes disagree.
    """
    if one.shape != other.shape or one.ndim != 1:
        raise ValueError("groups must hold one number for each example")
    if len(one) == 0:
        return np.zeros(0, dtype=np.int64)
    names, left = np.unique(one, return_inverse=True)
    others, right = np.unique(other, return_inverse=True)
    return connected(left, len(names) + right, len(names) + len(others))[left]


def kept_apart(groups: Groups, near: Neighbours, given_labels: Labels) -> Groups | None:
    """The groups that folds keep whole: those given, joined through near-duplicates.

    Parameters
    ----------
    groups : ndarray of shape (n_examples,)
        A number for each group.
    near : Neighbours
        Of the same examples.
    given_labels : ndarray of shape (n_examples,)
        Class indices, -1 for none.

    Returns
    -------
    ndarray of int64, shape (n_examples,), or None
        None where a label that matters would be left with a single group, so that nothing could
        be learnt about it elsewhere; the groups as given where only the joined ones are too few.

    Raises
    ------
    ValueError
        If shapes disagree.
    """
    if groups.shape != given_labels.shape:
        raise ValueError("groups must hold one number for each example")
    for wanted in (united(groups, _nearly_same(near)), groups):
        if _leaves_enough(wanted, given_labels):
            return wanted
    return None


def _nearly_same(near: Neighbours) -> Groups:
    threshold = nearly_same(near.similarities)
    groups = near_duplicates(near.indices, near.similarities, threshold=threshold)
    many = np.bincount(groups)[groups] > MOST_NEAR if len(groups) else np.zeros(0, dtype=np.bool_)
    return np.where(many, len(groups) + np.arange(len(groups)), groups)


def _leaves_enough(groups: Groups, given_labels: Labels) -> bool:
    """Whether most examples have a label that is the commonest of several groups."""
    labelled = np.flatnonzero(given_labels >= 0)
    labels = given_labels[labelled]
    names, place = np.unique(groups[labelled], return_inverse=True)
    if len(names) == len(labelled):
        return True
    n_classes = int(labels.max(initial=0)) + 1
    pairs, counts = np.unique(place * n_classes + labels, return_counts=True)
    best_last = np.lexsort((counts, pairs // n_classes))
    best = pairs[best_last]
    last = np.append(best[1:] // n_classes != best[:-1] // n_classes, True)[: len(best)]
    commonest = best[last] % n_classes
    several = groups_of_labels(commonest, np.arange(len(commonest)), n_classes) >= FEWEST_FOLDS
    return float((~several[labels]).sum()) <= _LOST_SHARE * len(labels)


def others_only(near: Neighbours, groups: Groups) -> NDArray[np.int64]:
    """The neighbours of each example that are not of its own group, -1 in place of the others."""
    same = groups[near.indices] == groups[:, None]
    return np.where((near.indices >= 0) & same, -1, near.indices)
