"""Where a batch of numbers ends, by its own quartiles."""

import numpy as np
from numpy.typing import NDArray

OUTSIDE = 1.5
"""Quartile ranges beyond a quartile where "outside" begins; Tukey (1977), ch. 2D."""


def fences(values: NDArray[np.float64], reach: float) -> tuple[float, float]:
    """Lower and upper fence: ``reach`` quartile ranges beyond the quartiles.

    Parameters
    ----------
    values : ndarray of shape (n_values,)
        Any unit; finite, at least one.
    reach : float
        In quartile ranges, at least 0.

    Returns
    -------
    tuple of float
        In the unit of the values.

    Raises
    ------
    ValueError
        If there is no value, one is not finite, or the reach is negative.

    References
    ----------
    Tukey (1977), Exploratory Data Analysis, chapter 2.
    """
    if len(values) == 0 or not np.isfinite(values).all() or reach < 0:
        raise ValueError("fences need finite values, at least one, and a reach of 0 or more")
    low, high = np.quantile(values, [0.25, 0.75])
    return float(low - reach * (high - low)), float(high + reach * (high - low))
