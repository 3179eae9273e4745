"""Who is held out when: stratified folds over the examples that have a label."""

from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from app.arrays import Labels

MOST_FOLDS = 5
FEWEST_FOLDS = 2

_RARE_SHARE = 0.05
"""Labels too rare for the folds may hold this share of the examples before folds are lowered."""


@dataclass(frozen=True)
class Folds:
    """``fold_of`` is -1 for an example without a label; ``estimable`` has one entry a class."""

    n_folds: int
    fold_of: NDArray[np.int64]
    estimable: NDArray[np.bool_]


def make_folds(
    given_labels: Labels,
    n_classes: int,
    rng: np.random.Generator,
    groups: NDArray[np.int64] | None = None,
) -> Folds:
    """Deal the labelled examples into folds, every frequent label evenly.

    Five folds, or fewer where labels with fewer members than folds would hold more than 5 % of
    the examples; never fewer than two. Labels with fewer members than folds are dealt without
    stratification and are not estimable.

    Members of one group share a fold: then it is groups that a label needs as many of as there
    are folds, labels are dealt as evenly as groups allow, and folds differ in size by at most the
    largest group. Without two groups there is nothing to keep apart, and groups are not heeded.

    Parameters
    ----------
    given_labels : ndarray of shape (n_examples,)
        Class indices in ``[0, n_classes)``, or -1 for none.
    n_classes : int
    rng : numpy.random.Generator
    groups : ndarray of shape (n_examples,), optional
        A number for each group; only labelled examples are looked at.

    Returns
    -------
    Folds

    Raises
    ------
    ValueError
        ``no_given_labels`` if no example has a label, ``one_given_label`` if all have the same;
        if the groups are not one number an example.
    """
    if groups is not None and groups.shape != given_labels.shape:
        raise ValueError("groups must hold one number for each example")
    labelled = np.flatnonzero(given_labels >= 0)
    counts = np.bincount(given_labels[labelled], minlength=n_classes)
    if len(labelled) == 0:
        raise ValueError("no_given_labels: no example has a given label, so nothing can be learnt")
    if np.count_nonzero(counts) == 1:
        raise ValueError("one_given_label: every example has the same given label")
    own_groups = None if groups is None else groups[labelled]
    if own_groups is None or len(np.unique(own_groups)) in (
        1,
        len(own_groups),
    ):  # nothing to keep apart
        return _singly(given_labels, counts, rng)
    apart = groups_of_labels(given_labels[labelled], own_groups, n_classes)
    n_folds = min(_number_of_folds(counts, apart), len(np.unique(own_groups)))
    estimable = apart >= n_folds
    shuffled = rng.permutation(labelled)
    stratum = np.where(estimable[given_labels[shuffled]], given_labels[shuffled], n_classes)
    fold_of = np.full(len(given_labels), -1, dtype=np.int64)
    fold_of[shuffled] = _dealt(stratum, np.asarray(groups)[shuffled], n_folds)
    # groups may be so large that all of a label end in one fold, where nobody could know it
    folds_of_label = groups_of_labels(given_labels[labelled], fold_of[labelled], n_classes)
    return Folds(n_folds, fold_of, estimable & (folds_of_label >= FEWEST_FOLDS))


def groups_of_labels(
    labels: Labels, groups: NDArray[np.int64], n_classes: int
) -> NDArray[np.int64]:
    """In how many groups each label occurs, shape (n_classes,)."""
    names, place = np.unique(groups, return_inverse=True)
    there = np.unique(labels.astype(np.int64) * len(names) + place)
    return np.bincount(there // max(1, len(names)), minlength=n_classes)


def _singly(given_labels: Labels, counts: NDArray[np.int64], rng: np.random.Generator) -> Folds:
    n_classes, labelled = len(counts), np.flatnonzero(given_labels >= 0)
    n_folds = _number_of_folds(counts, counts)
    estimable = counts >= n_folds
    shuffled = rng.permutation(labelled)
    stratum = np.where(estimable[given_labels[shuffled]], given_labels[shuffled], n_classes)
    dealt = shuffled[np.argsort(stratum, kind="stable")]
    fold_of = np.full(len(given_labels), -1, dtype=np.int64)
    fold_of[dealt] = np.arange(len(dealt)) % n_folds
    return Folds(n_folds, fold_of, estimable)


def _dealt(
    stratum: NDArray[np.int64], groups: NDArray[np.int64], n_folds: int
) -> NDArray[np.int64]:
    """The fold of every row: largest groups first, each where its labels are fewest.

    A group may go to any fold that it does not make larger than the smallest by more than the
    largest group, and the last groups fill the folds that are still empty.
    """
    _, first, number, sizes = np.unique(
        groups, return_index=True, return_inverse=True, return_counts=True
    )
    order = np.lexsort((first, -sizes))
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    by_group = np.argsort(rank[number], kind="stable")
    members = iter(stratum[by_group].tolist())
    have = [[0] * (int(stratum.max()) + 1) for _ in range(n_folds)]
    filled = [0] * n_folds
    largest, chosen = int(sizes.max()), []
    for place, size in enumerate(sizes[order].tolist()):
        labels = list(islice(members, size))
        most = min(filled) + largest - size
        if len(order) - place <= filled.count(0):
            most = 0
        _, _, fold = min(
            (sum(map(have[fold].__getitem__, labels)), filled[fold], fold)
            for fold in range(n_folds)
            if filled[fold] <= most
        )
        for label in labels:
            have[fold][label] += 1
        filled[fold] += size
        chosen.append(fold)
    return np.array(chosen, dtype=np.int64)[rank[number]]


def _number_of_folds(counts: NDArray[np.int64], apart: NDArray[np.int64]) -> int:
    for n_folds in range(MOST_FOLDS, FEWEST_FOLDS, -1):
        if counts[apart < n_folds].sum() <= _RARE_SHARE * counts.sum():
            return n_folds
    return FEWEST_FOLDS
