"""How far a share may be from what a few examples show."""

from __future__ import annotations

import math
from collections.abc import Callable

Z = 1.959963984540054
"""97.5 % point of the normal distribution: intervals hold in 95 of 100 cases."""


FEWEST = 20
"""Of fewer nothing is said: one wrong label alone would change a share by 5 points or more."""

_MOST_STEPS, _CLOSE, _TINY = 10_000, 1e-15, 1e-30


def wilson(hits: float, of: int) -> tuple[float, float]:
    """Lower and upper bound of a share, 95 %.

    Parameters
    ----------
    hits : float
        In ``[0, of]``; no whole number where draws do not count alike.
    of : int
        Independent draws; without any the share may be anything.

    Returns
    -------
    tuple of float
        In ``[0, 1]``.

    Raises
    ------
    ValueError
        If there are more hits than draws, or fewer than none.

    References
    ----------
    Wilson (1927), Probable inference, the law of succession, and statistical inference, JASA 22.
    """
    _check(hits, of)
    if of == 0:
        return 0.0, 1.0
    share, square = hits / of, Z * Z
    middle = share + square / (2 * of)
    reach = Z * math.sqrt(share * (1 - share) / of + square / (4 * of * of))
    low, high = ((middle + sign * reach) / (1 + square / of) for sign in (-1, 1))
    return (0.0 if hits == 0 else max(0.0, low)), (1.0 if hits == of else min(1.0, high))


def clopper_pearson(hits: int, of: int, *, alpha: float = 0.05) -> tuple[float, float]:
    """Lower and upper bound of a share, never too narrow, however few the draws.

    Parameters
    ----------
    hits : int
        In ``[0, of]``.
    of : int
        Independent draws; without any the share may be anything.
    alpha : float
        Chance that the share lies outside, strictly between 0 and 1.

    Returns
    -------
    tuple of float
        In ``[0, 1]``.

    Raises
    ------
    ValueError
        If there are more hits than draws, or fewer than none, or ``alpha`` is out of range.

    Notes
    -----
    For one look. Looked at again after every draw it misses far more often.

    References
    ----------
    Clopper & Pearson (1934), The use of confidence or fiducial limits illustrated in the case of
    the binomial, Biometrika 26.
    """
    _check(hits, of)
    if not 0.0 < alpha < 1.0:
        raise ValueError(f"alpha is {alpha}: it lies between 0 and 1")
    low = beta_quantile(alpha / 2, hits, of - hits + 1) if hits > 0 else 0.0
    high = beta_quantile(1.0 - alpha / 2, hits + 1, of - hits) if hits < of else 1.0
    return low, high


def newcombe(hits: tuple[int, int], of: tuple[int, int]) -> tuple[float, float]:
    """Lower and upper bound, 95 %, of one share minus another.

    Parameters
    ----------
    hits, of : tuple of int
        Of the first and of the second share, independent of each other.

    Returns
    -------
    tuple of float
        In ``[-1, 1]``; all of it without a draw on either side.

    Raises
    ------
    ValueError
        As `wilson`.

    References
    ----------
    Newcombe (1998), Interval estimation for the difference between independent proportions,
    Stat. Med. 17, method 10.
    """
    (low, high), (other_low, other_high) = map(wilson, hits, of)
    if 0 in of:
        return -1.0, 1.0
    one, other = hits[0] / of[0], hits[1] / of[1]
    down = math.hypot(one - low, other_high - other)
    up = math.hypot(high - one, other - other_low)
    return one - other - down, one - other + up


def errors_inside(overturned: int, rechecked: int, reviewed: int) -> tuple[int, int]:
    """Bounds, 95 %, of the wrong answers among everything that was reviewed.

    Parameters
    ----------
    overturned, rechecked : int
        Of the reviewed examples that were read again at random and blind: how many came out
        otherwise, and how many there were.
    reviewed : int
        Decided examples, at least as many as were read again.

    Returns
    -------
    tuple of int
        In ``[overturned, reviewed]``: those that were overturned are known.

    Raises
    ------
    ValueError
        If one of the counts is greater than the next, or negative.
    """
    low, high = clopper_pearson(overturned, rechecked)
    if rechecked > reviewed:
        raise ValueError(f"{rechecked:,} of {reviewed:,} reviewed examples were read again")
    most = reviewed - (rechecked - overturned)
    return max(overturned, math.floor(low * reviewed)), min(most, math.ceil(high * reviewed))


def beta_cdf(share: float, a: float, b: float) -> float:
    """The regularised incomplete beta function.

    Parameters
    ----------
    share : float
        In ``[0, 1]``.
    a, b : float
        Greater than 0.

    Returns
    -------
    float
        In ``[0, 1]``; right to about 1e-12.

    References
    ----------
    Its continued fraction is DLMF 8.17.22 (https://dlmf.nist.gov/8.17), evaluated by the method
    of Lentz.
    """
    if share <= 0.0 or share >= 1.0:
        return float(share > 0.0)
    if share > (a + 1.0) / (a + b + 2.0):  # the fraction converges fast on the other side
        return 1.0 - _lower_tail(1.0 - share, b, a)
    return _lower_tail(share, a, b)


def beta_quantile(chance: float, a: float, b: float) -> float:
    """The share under which a beta distribution has this chance.

    Parameters
    ----------
    chance : float
        Strictly between 0 and 1.
    a, b : float
        Greater than 0.

    Returns
    -------
    float
        In ``[0, 1]``; right to about 1e-12.
    """
    return _root(lambda share: beta_cdf(share, a, b) - chance)


def _lower_tail(share: float, a: float, b: float) -> float:
    log_front = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
    log_front += a * math.log(share) + b * math.log1p(-share)
    value = above = _TINY
    below = 0.0
    for step in range(_MOST_STEPS):
        term = _term(step, share, a, b)
        below = 1.0 / (1.0 + term * below or _TINY)
        above = 1.0 + term / above or _TINY
        value *= above * below
        if step and abs(above * below - 1.0) < _CLOSE:
            break
    return math.exp(log_front) * value / a


def _term(step: int, share: float, a: float, b: float) -> float:
    """Numerator of the continued fraction; every denominator is 1."""
    if step == 0:
        return 1.0
    half = step // 2
    if step % 2:
        return -(a + half) * (a + b + half) * share / ((a + step - 1) * (a + step))
    return half * (b - half) * share / ((a + step - 1) * (a + step))


def _root(rises: Callable[[float], float]) -> float:
    """Where a function that rises over [0, 1] is 0."""
    low, high = 0.0, 1.0
    while low < (middle := (low + high) / 2) < high:
        low, high = (middle, high) if rises(middle) < 0.0 else (low, middle)
    return high


def _check(hits: float, of: int) -> None:
    if not 0 <= hits <= of:
        raise ValueError("hits must lie between 0 and the number of draws")
