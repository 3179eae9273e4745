"""Bounds on a mean that hold however often one looks, from draws that are not put back."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

ALPHA = 0.05
"""The bounds ever miss the mean in at most 5 of 100 cases."""

STAKES = (0.1, 0.22, 0.45, 0.8)
"""Shares of its capital that a gambler may risk on one draw; a quarter of the money plays each.

Small stakes win where the mean is close to the one that is tried, large ones where it is far off
or the values hardly vary. On values of models' differences the mixture was up to 17 % narrower
than one stake set from the variance so far (c = 1/2), and never more than 5 % wider.
"""

_CLOSE = 1e-9
_SMALLEST_MEAN = 1e-12

Values = NDArray[np.floating[Any]]


class Bounds(NamedTuple):
    """Lower and upper bound of a mean, both in ``[0, 1]``."""

    low: float
    high: float


def mean_bounds(values: Values, size: int, *, alpha: float = ALPHA, running: bool = True) -> Bounds:
    """Bound the mean of a finite population from uniform draws without replacement.

    A gambler who bets that the next value lies above a candidate mean cannot grow rich if the
    candidate is right. Candidates against which one gambler's capital ever reached 2 / alpha are
    ruled out; another bets on values below. Capital falls as the candidate rises, whatever was
    drawn, so each bound is found by bisection.

    Parameters
    ----------
    values : ndarray of shape (n_draws,)
        In ``[0, 1]``, in drawing order; every order of the population was equally likely. NaN
        where the value is not known yet: each bound takes it in the way that rules out least.
    size : int
        How many the population has, at least ``n_draws``.
    alpha : float
        Chance of ever missing the mean, strictly between 0 and 1.
    running : bool
        Keep what was ruled out at any draw, so that bounds never widen. Otherwise only what the
        capital says now, which holds too and is a little wider.

    Returns
    -------
    Bounds
        Within what the unread and unknown values leave possible; a point when all are read.
        Should the two contradict each other, which happens in at most ``alpha`` of all cases,
        that certain range alone.

    Raises
    ------
    ValueError
        If a value lies outside ``[0, 1]``, there are more than ``size``, or ``alpha`` is out of
        range.

    Notes
    -----
    1,000 draws take about 5 ms.

    References
    ----------
    Waudby-Smith & Ramdas (2024), Estimating means of bounded random variables by betting,
    J. R. Stat. Soc. B 86:1, section 4 and its form for sampling without replacement.
    """
    _check(values, size, alpha)
    least, most = _worst(values)
    sure = certain(values, size)
    limit = math.log(2.0 / alpha)
    low = _ruled_out_below(least, size, sure, limit=limit, running=running)
    mirrored = Bounds(1.0 - sure.high, 1.0 - sure.low)
    high = 1.0 - _ruled_out_below(1.0 - most, size, mirrored, limit=limit, running=running)
    low, high = max(low, sure.low), min(high, sure.high)
    return Bounds(low, high) if low < high else sure


def certain(values: Values, size: int) -> Bounds:
    """The least and the largest mean that the unread values leave possible.

    Parameters
    ----------
    values : ndarray of shape (n_draws,)
        In ``[0, 1]``; NaN where not known yet.
    size : int
        At least ``n_draws``.

    Returns
    -------
    Bounds
        Nothing is known of an empty population: 0 and 1.
    """
    if size == 0:
        return Bounds(0.0, 1.0)
    least, most = (float(each.sum()) for each in _worst(values))
    if least == most and len(values) == size:
        return Bounds(least / size, least / size)
    return Bounds(least / size, min(1.0, (most + size - len(values)) / size))


def first_ruled_out(values: Values, size: int, mean: float, *, alpha: float = ALPHA) -> int | None:
    """After how many draws this mean was outside the bounds for the first time.

    Parameters
    ----------
    values, size, alpha
        As in `mean_bounds`.
    mean : float
        The candidate, in ``[0, 1]``.

    Returns
    -------
    int or None
        In ``[1, n_draws]``; None as long as it is inside.

    Raises
    ------
    ValueError
        As `mean_bounds`.
    """
    _check(values, size, alpha)
    (least, most), limit = _worst(values), math.log(2.0 / alpha)
    out = _capital(least, size, mean) >= limit
    out |= _capital(1.0 - most, size, 1.0 - mean) >= limit
    unread = size - np.arange(1, len(values) + 1)
    out |= np.cumsum(least) > size * mean + _CLOSE
    out |= np.cumsum(most) + unread < size * mean - _CLOSE
    return int(np.argmax(out)) + 1 if out.any() else None


def _ruled_out_below(
    values: NDArray[np.float64], size: int, sure: Bounds, *, limit: float, running: bool
) -> float:
    """The largest mean such that it and all below are ruled out; the certain one if none is."""
    low, high = sure
    if high - low < _CLOSE or not len(values):
        return low

    def is_out(mean: float) -> bool:
        capital = _capital(values, size, mean)
        return bool((capital.max() if running else capital[-1]) >= limit)

    if not is_out(low):
        return low
    if is_out(high):
        return high
    while high - low > _CLOSE:
        middle = (low + high) / 2
        low, high = (middle, high) if is_out(middle) else (low, middle)
    return low


def _capital(values: NDArray[np.float64], size: int, mean: float) -> NDArray[np.float64]:
    """Logarithm of the capital after each draw of who bets on values above the mean.

    Before each draw the values that are left average (size * mean - their sum so far) / left if
    the candidate is right; risking a share s of the capital then multiplies it by
    1 - s + s * value / average, which never falls below 1 - s and rises as the candidate falls.
    """
    before = np.cumsum(values) - values
    left = size - np.arange(len(values))
    average = np.clip((size * mean - before) / left, _SMALLEST_MEAN, 1.0)
    gain = values / average - 1.0
    capital = np.array([np.cumsum(np.log1p(stake * gain)) for stake in STAKES])
    most = capital.max(axis=0)
    together: NDArray[np.float64] = most + np.log(np.exp(capital - most).mean(axis=0))
    return together


def _worst(values: Values) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Unknown values as low and as high as they can be; capital never falls as a value rises."""
    drawn, unknown = values.astype(np.float64), np.isnan(values)
    return np.where(unknown, 0.0, drawn), np.where(unknown, 1.0, drawn)


def _check(values: Values, size: int, alpha: float) -> None:
    if values.ndim != 1 or len(values) > size:
        raise ValueError(f"{values.size:,} values were drawn from a population of {size:,}")
    if ((values < 0.0) | (values > 1.0)).any():
        raise ValueError("every value must lie between 0 and 1")
    if not 0.0 < alpha < 1.0:
        raise ValueError(f"alpha is {alpha}: it lies between 0 and 1")
