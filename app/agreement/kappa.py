"""Cohen's and Fleiss' kappa: agreement beyond chance, of two and of several annotators."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from app.agreement.by_items import FEWEST_SHARED, Agreement, Rows, coefficient, counts_of
from app.arrays import Labels, Scores
from app.noise.limits import Z


def cohen(table: NDArray[np.integer]) -> tuple[float, float] | None:
    """Kappa of two annotators, and its standard error.

    Parameters
    ----------
    table : ndarray of shape (n_classes, n_classes)
        Items by the first annotator's class (rows) and the second's.

    Returns
    -------
    tuple of float, or None
        At most 1, and at least 0. None without an item, and if both always gave one class.

    Raises
    ------
    ValueError
        If the table is not square or counts are negative.

    References
    ----------
    Cohen (1960), Educ. Psychol. Meas. 20:37; Fleiss, Cohen & Everitt (1969), Psychol. Bull.
    72:323, for the error where agreement is not chance.
    """
    if table.ndim != 2 or table.shape[0] != table.shape[1] or table.min(initial=0) < 0:
        raise ValueError("the table must be square, of counts")
    total = float(table.sum())
    if total == 0.0:
        return None
    shares = table / total
    rows, columns = shares.sum(axis=1), shares.sum(axis=0)
    same = np.diagonal(shares)
    chance = float(rows @ columns)
    if chance >= 1.0:
        return None
    kappa = (float(same.sum()) - chance) / (1.0 - chance)
    agreed = float(same @ (1.0 - (rows + columns) * (1.0 - kappa)) ** 2)
    apart = shares * (columns[:, None] + rows[None, :]) ** 2
    differed = (1.0 - kappa) ** 2 * float(apart.sum() - np.diagonal(apart).sum())
    variance = agreed + differed - (kappa - chance * (1.0 - kappa)) ** 2
    return kappa, math.sqrt(max(0.0, variance) / total) / (1.0 - chance)


def cohen_with_limits(first: Labels, second: Labels) -> Agreement:
    """Cohen's kappa of the items both answered, with 95 % limits.

    Parameters
    ----------
    first, second : ndarray of shape (n_items,)
        Class indices, or -1 for none.

    Returns
    -------
    Agreement

    Raises
    ------
    ValueError
        If shapes disagree or labels are no class indices.
    """
    if first.shape != second.shape or first.ndim != 1:
        raise ValueError("there must be one label of each annotator an item")
    counts_of(np.column_stack([first, second]))
    both = (first >= 0) & (second >= 0)
    one, other = first[both].astype(np.int64), second[both].astype(np.int64)
    shared = len(one)
    if shared < FEWEST_SHARED:
        return Agreement(None, None, None, shared)
    n = int(max(one.max(), other.max())) + 1
    found = cohen(np.bincount(one * n + other, minlength=n * n).reshape(n, n))
    if found is None:
        return Agreement(None, None, None, shared)
    kappa, error = found
    low, high = max(-1.0, kappa - Z * error), min(1.0, kappa + Z * error)
    return Agreement(kappa, low, high, shared)


def fleiss(counts: NDArray[np.integer]) -> float | None:
    """Kappa of several annotators, as many for each item, not always the same.

    Parameters
    ----------
    counts : ndarray of shape (n_items, n_classes)
        How many gave each class; rows sum to the same number, at least 2.

    Returns
    -------
    float or None
        At most 1. None without an item, and if all votes are of one class.

    Raises
    ------
    ValueError
        If rows do not sum to one number.

    References
    ----------
    Fleiss (1971), Measuring nominal scale agreement among many raters, Psychol. Bull. 76:378.
    """
    found = float(_fleiss(_terms(counts).sum(axis=0, keepdims=True))[0]) if len(counts) else np.nan
    return found if np.isfinite(found) else None


def fleiss_with_limits(counts: NDArray[np.integer], *, rng: np.random.Generator) -> Agreement:
    """`fleiss` with 95 % limits by drawing items again.

    Parameters
    ----------
    counts : ndarray of shape (n_items, n_classes)
        As in `fleiss`.
    rng : numpy.random.Generator

    Returns
    -------
    Agreement

    Raises
    ------
    ValueError
        If rows do not sum to one number.
    """
    return coefficient(_terms(counts), _fleiss, rng=rng)


def _terms(counts: NDArray[np.integer]) -> Rows:
    """Of each item: 1, the share of its pairs that agree, and the share of each class."""
    if counts.ndim != 2 or counts.min(initial=0) < 0:
        raise ValueError("counts must have one row an item and one column a class")
    voters = counts.sum(axis=1)
    if len(counts) and not (voters.min() == voters.max() >= 2):
        raise ValueError("every item must have the same number of votes, two or more")
    each = int(voters[0]) if len(counts) else 2
    agree = (counts.astype(np.int64) * (counts - 1)).sum(axis=1) / (each * (each - 1))
    return np.column_stack([np.ones(len(counts)), agree, counts / each])


def _fleiss(sums: Rows) -> Scores:
    items = sums[:, :1]
    agreed = (sums[:, 1:2] / items)[:, 0]
    chance = ((sums[:, 2:] / items) ** 2).sum(axis=1)
    found = np.full(len(sums), np.nan)
    told = chance < 1.0
    found[told] = (agreed[told] - chance[told]) / (1.0 - chance[told])
    return found
