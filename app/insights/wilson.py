"""How far a share may be from what a few examples show."""

from __future__ import annotations

import math

Z = 1.959963984540054
"""97.5 % point of the normal distribution: intervals hold in 95 of 100 cases."""


def wilson(hits: int, of: int) -> tuple[float, float]:
    """Lower and upper bound of a share, 95 %.

    Parameters
    ----------
    hits : int
        In ``[0, of]``.
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
    if not 0 <= hits <= of:
        raise ValueError("hits must lie between 0 and the number of draws")
    if of == 0:
        return 0.0, 1.0
    share, square = hits / of, Z * Z
    middle = share + square / (2 * of)
    reach = Z * math.sqrt(share * (1 - share) / of + square / (4 * of * of))
    low, high = ((middle + sign * reach) / (1 + square / of) for sign in (-1, 1))
    return (0.0 if hits == 0 else max(0.0, low)), (1.0 if hits == of else min(1.0, high))
