"""Krippendorff's alpha for labels: how far annotators agree, whoever answered what."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from app.agreement.by_items import Agreement, Rows, check_votes, coefficient, counts_of
from app.arrays import Labels, Scores


def alpha(votes: Labels) -> float | None:
    """1 minus observed over expected disagreement, nominal.

    Parameters
    ----------
    votes : ndarray of shape (n_items, n_annotators)
        Class indices, or -1 for none; items with fewer than two are left out.

    Returns
    -------
    float or None
        At most 1; 0 is chance. None if no item has two votes or all votes are of one class.

    Raises
    ------
    ValueError
        If it is no such matrix.

    References
    ----------
    Krippendorff (2011), Computing Krippendorff's alpha-reliability, section C.
    """
    found = float(_alpha(_terms(votes).sum(axis=0, keepdims=True))[0])
    return found if np.isfinite(found) else None


def alpha_with_limits(votes: Labels, *, rng: np.random.Generator) -> Agreement:
    """`alpha` with 95 % limits by drawing items again.

    Parameters
    ----------
    votes : ndarray of shape (n_items, n_annotators)
        As in `alpha`; of reads asked for whatever the answers were, for on items that were picked
        because they look wrong people agree less.
    rng : numpy.random.Generator

    Returns
    -------
    Agreement

    Raises
    ------
    ValueError
        If it is no such matrix.
    """
    return coefficient(_terms(votes), _alpha, rng=rng)


def coincidences(votes: Labels, n_classes: int) -> NDArray[np.float64]:
    """How often each two labels stand side by side on one item: who is taken for whom.

    Parameters
    ----------
    votes : ndarray of shape (n_items, n_annotators)
        As in `alpha`.
    n_classes : int

    Returns
    -------
    ndarray of shape (n_classes, n_classes)
        Symmetric; it sums to the number of votes on items with two or more, and each row to those
        of its class. Agreement stands on the diagonal.

    Raises
    ------
    ValueError
        If it is no such matrix, or a vote is none of the classes.
    """
    counts = counts_of(votes, n_classes)
    voters = counts.sum(axis=1)
    counts, voters = counts[voters >= 2], voters[voters >= 2]
    weighed = counts / np.maximum(voters - 1, 1)[:, None]
    table: NDArray[np.float64] = counts.T @ weighed
    table[np.diag_indices(n_classes)] -= weighed.sum(axis=0)
    return table


def _terms(votes: Labels) -> Rows:
    """Of each item with two votes or more: its disagreeing pairs by voter, and its counts."""
    check_votes(votes)
    counts = counts_of(votes)
    voters = counts.sum(axis=1)
    counts, voters = counts[voters >= 2], voters[voters >= 2]
    apart = (voters**2 - (counts**2).sum(axis=1)) / np.maximum(voters - 1, 1)
    return np.column_stack([apart, counts]).astype(np.float64)


def _alpha(sums: Rows) -> Scores:
    classes = sums[:, 1:]
    total = classes.sum(axis=1)
    expected = total**2 - (classes**2).sum(axis=1)
    found = np.full(len(sums), np.nan)
    told = expected > 0
    found[told] = 1.0 - (total[told] - 1.0) * sums[told, 0] / expected[told]
    return found
