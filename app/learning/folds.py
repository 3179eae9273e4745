"""Who is held out when: stratified folds over the examples that have a label."""

from dataclasses import dataclass

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


def make_folds(given_labels: Labels, n_classes: int, rng: np.random.Generator) -> Folds:
    """Deal the labelled examples into folds, every frequent label evenly.

    Five folds, or fewer where labels with fewer members than folds would hold more than 5 % of
    the examples; never fewer than two. Labels with fewer members than folds are dealt without
    stratification and are not estimable.

    Parameters
    ----------
    given_labels : ndarray of shape (n_examples,)
        Class indices in ``[0, n_classes)``, or -1 for none.
    n_classes : int
    rng : numpy.random.Generator

    Returns
    -------
    Folds

    Raises
    ------
    ValueError
        ``no_given_labels`` if no example has a label, ``one_given_label`` if all have the same.
    """
    labelled = np.flatnonzero(given_labels >= 0)
    counts = np.bincount(given_labels[labelled], minlength=n_classes)
    if len(labelled) == 0:
        raise ValueError("no_given_labels: no example has a given label, so nothing can be learnt")
    if np.count_nonzero(counts) == 1:
        raise ValueError("one_given_label: every example has the same given label")
    n_folds = _number_of_folds(counts)
    estimable = counts >= n_folds
    shuffled = rng.permutation(labelled)
    stratum = np.where(estimable[given_labels[shuffled]], given_labels[shuffled], n_classes)
    dealt = shuffled[np.argsort(stratum, kind="stable")]
    fold_of = np.full(len(given_labels), -1, dtype=np.int64)
    fold_of[dealt] = np.arange(len(dealt)) % n_folds
    return Folds(n_folds, fold_of, estimable)


def _number_of_folds(counts: NDArray[np.int64]) -> int:
    for n_folds in range(MOST_FOLDS, FEWEST_FOLDS, -1):
        if counts[counts < n_folds].sum() <= _RARE_SHARE * counts.sum():
            return n_folds
    return FEWEST_FOLDS
