"""Shares of few draws, drawn towards what all have in common."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from app.arrays import Scores

_LEAST_WEIGHT, _MOST_WEIGHT = 1.0, 200.0

Counts = NDArray[np.integer]


def shrunken_rates(wrong: Counts, checked: Counts) -> Scores:
    """Rates of wrong labels, drawn towards the common rate the more the fewer the checks.

    Beta-binomial by moments; without any checks a source (or a person) gets the common rate.

    Parameters
    ----------
    wrong : ndarray of shape (..., n_sources)
    checked : ndarray of shape (..., n_sources)
        Leading dimensions are separate sets of sources.

    Returns
    -------
    ndarray of shape (..., n_sources)
        In ``(0, 1)``; order sources by this, never by raw rates.
    """
    common, weight = common_rate(wrong, checked)
    return np.asarray((wrong + weight * common) / (checked + weight), dtype=np.float64)


def common_rate(wrong: Counts, checked: Counts) -> tuple[Scores, Scores]:
    """Common rate and the number of checks it weighs, by the moments of the raw rates.

    Parameters
    ----------
    wrong : ndarray of shape (..., n_sources)
    checked : ndarray of shape (..., n_sources)

    Returns
    -------
    tuple of ndarray of shape (..., 1)
        The rate, in ``(0, 1)``, and its weight, in ``[1, 200]`` checks.
    """
    seen = checked > 0
    n_seen = np.maximum(seen.sum(axis=-1, keepdims=True), 1)
    asked = checked.sum(axis=-1, keepdims=True)
    common = (wrong.sum(axis=-1, keepdims=True) + 0.5) / (asked + 1.0)
    raw = np.divide(wrong, checked, out=np.zeros(np.shape(wrong)), where=seen)
    middle = raw.sum(axis=-1, keepdims=True) / n_seen
    variance = (np.where(seen, raw - middle, 0.0) ** 2).sum(axis=-1, keepdims=True) / n_seen
    by_chance = common * (1 - common) / np.maximum(asked / n_seen, 1.0)
    weight = common * (1 - common) / np.maximum(variance - by_chance, 1e-4) - 1
    return common, np.clip(weight, _LEAST_WEIGHT, _MOST_WEIGHT)
