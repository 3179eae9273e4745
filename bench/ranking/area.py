"""How much of the gain that could be had an order has, and how early."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.arrays import Scores

Amounts = NDArray[np.number[Any]]
"""What the examples cost or bring, shape (n_examples,) or (n_draws, n_examples)."""


def order_of(scores: Scores) -> NDArray[np.intp]:
    """Rows by score, highest first; equal ones by row."""
    return np.argsort(-scores, kind="stable")


def area(gains: Amounts, votes: Amounts, budget: float) -> float:
    """Area under labels put right against votes spent, from no vote to ``budget``.

    Parameters
    ----------
    gains, votes : ndarray of shape (n_examples,) or (n_draws, n_examples)
        What each example brings (-1, 0 or 1) and costs, in the order of review. A gain counts
        from the vote that settles its example on.
    budget : float
        Votes, at least 0; past the last example the curve stays level.

    Returns
    -------
    float
        Labels × votes; the mean over draws.

    Raises
    ------
    ValueError
        If shapes disagree or the budget is negative.
    """
    _check(gains, votes, budget)
    left = np.maximum(budget - votes.cumsum(axis=-1, dtype=np.float64), 0.0)
    return float((gains * left).sum(axis=-1).mean())


def chance_area(gains: Amounts, votes: Amounts, budget: float) -> float:
    """Area under the straight line through the end of the curve, where random orders lie.

    The line is drawn on to ``budget`` even where every example has been voted on before: the
    stricter of two readings, since nobody gains by chance after the end.

    Parameters
    ----------
    gains, votes : ndarray of shape (n_examples,) or (n_draws, n_examples)
        As in ``area``; their order is irrelevant.
    budget : float
        Votes, at least 0.

    Returns
    -------
    float
        Labels × votes; the mean over draws.

    Raises
    ------
    ValueError
        If shapes disagree or the budget is negative.
    """
    _check(gains, votes, budget)
    gain = gains.sum(axis=-1, dtype=np.float64)
    cost = votes.sum(axis=-1, dtype=np.float64)
    slope = np.divide(gain, cost, out=np.zeros_like(gain), where=cost > 0)
    return float((slope * budget**2 / 2.0).mean())


def _check(gains: Amounts, votes: Amounts, budget: float) -> None:
    if gains.shape != votes.shape or budget < 0:
        raise ValueError("gains and votes must be of one shape, and the budget not negative")


def share(reached: float, *, by_chance: float, by_oracle: float) -> float:
    """Where ``reached`` lies between chance (0) and the oracle (1); below 0 is worse than chance.

    Raises
    ------
    ValueError
        If the oracle does not beat chance, so that there is no scale.
    """
    if by_oracle <= by_chance:
        raise ValueError("the oracle must beat chance")
    return (reached - by_chance) / (by_oracle - by_chance)
