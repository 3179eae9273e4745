"""How many wrong labels are left: an interval that holds whenever one looks.

Each audit draw is uniform over what is unserved, so P(wrong) = (W - F) / u exactly, whatever the
queue did before. M(W) = forecast / likelihood is a supermartingale at the true W (Ville): all W
with M(W) < 1 / alpha form the interval.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaln, gammaln, logsumexp

ALPHA = 0.05
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Draw:
    """One audit serve: unserved before it, wrong among what was served before it, itself wrong."""

    unserved: int
    found: int
    wrong: bool


@dataclass(frozen=True)
class Left:
    """Wrong labels among what is not served yet; no estimate without a draw."""

    low: int
    estimate: float | None
    high: int


def left(size: int, draws: Sequence[Draw], *, found: int, unserved: int) -> Left:
    """The interval after these draws, with `found` wrong so far among all that was served."""
    whole = np.arange(found, found + unserved + 1)
    if not draws:
        return Left(0, None, unserved)
    grid = _grid(size)
    posterior = _log_prior(grid, size) + _log_likelihood(grid, draws)
    forecast = np.logaddexp(_rate_forecast(draws), logsumexp(posterior)) - np.log(2)
    likely = _log_likelihood(whole, draws)
    inside = whole[forecast - likely < np.log(1 / ALPHA)]
    low, high = int(inside[0]) - found, int(inside[-1]) - found
    weights = np.exp(posterior - logsumexp(posterior))
    mean = float((weights * grid).sum()) - found
    return Left(low, min(max(mean, low), high), high)


def _grid(size: int) -> NDArray[np.int64]:
    """All integers to 1,000, then steps of 0.4 %."""
    points = list(range(min(size, 1_000) + 1))
    while points[-1] < size:
        points.append(min(size, max(points[-1] + 1, round(points[-1] * 1.004))))
    return np.array(points)


def _log_prior(grid: NDArray[np.int64], size: int) -> Floats:
    """Beta-binomial(size, 1, 30), the pmf itself."""
    chosen = gammaln(size + 1) - gammaln(grid + 1) - gammaln(size - grid + 1)
    result: Floats = chosen + betaln(grid + 1, size - grid + 30) - betaln(1, 30)
    return result


def _log_likelihood(wrong: NDArray[np.int64], draws: Sequence[Draw]) -> Floats:
    total = np.zeros(len(wrong))
    with np.errstate(divide="ignore", invalid="ignore"):
        for draw in draws:
            share = (wrong - draw.found) / draw.unserved
            step = np.log(share if draw.wrong else 1 - share)
            total += np.where((share < 0) | (share > 1), -np.inf, step)
    return total


def _rate_forecast(draws: Sequence[Draw]) -> float:
    """Beta(1/2, 49.5), about one per cent, learning from each draw."""
    total, hits = 0.0, 0
    for place, draw in enumerate(draws):
        rate = (0.5 + hits) / (50 + place)
        total += np.log(rate if draw.wrong else 1 - rate)
        hits += draw.wrong
    return float(total)
