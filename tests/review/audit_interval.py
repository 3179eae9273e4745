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


@dataclass(frozen=True)
class Served:
    """One serve: a random draw or not, unserved before it, wrong or not; None: not decided yet."""

    audit: bool
    unserved: int
    wrong: bool | None


@dataclass(frozen=True)
class Range:
    low: int
    high: int


@dataclass(frozen=True)
class Watched:
    """Wrong labels that are left or open: by the prefix, by all serves, and by both."""

    prefix: Range
    every: Range
    both: Range


def watched(size: int, serves: Sequence[Served]) -> Watched:
    """The intervals while answers are open (statistics.md, 1.10)."""
    found = sum(serve.wrong is True for serve in serves)
    still = size - len(serves) + sum(serve.wrong is None for serve in serves)
    upto = next((n for n, serve in enumerate(serves) if serve.wrong is None), len(serves))
    before = sum(serve.wrong is True for serve in serves[:upto])
    early = left(size, draws_of(serves[:upto]), found=before, unserved=size - upto)
    prefix = Range(max(0, before + early.low - found), before + early.high - found)
    whole = np.arange(found, found + still + 1)
    inside = whole[_least_worth(whole, serves) - np.log(2) < np.log(1 / ALPHA)]
    every = Range(int(inside[0]) - found, int(inside[-1]) - found)
    both = Range(max(prefix.low, every.low), min(prefix.high, every.high))
    return Watched(prefix, every, both)


def draws_of(serves: Sequence[Served]) -> list[Draw]:
    draws, found = [], 0
    for serve in serves:
        if serve.audit:
            draws.append(Draw(serve.unserved, found, bool(serve.wrong)))
        found += bool(serve.wrong)
    return draws


def _least_worth(whole: NDArray[np.int64], serves: Sequence[Served]) -> Floats:
    """What the draws are worth at least against each number, whatever the open ones become."""
    total = np.zeros(len(whole))
    found = is_open = hits = open_draws = place = 0
    with np.errstate(divide="ignore", invalid="ignore"):
        for serve in serves:
            if serve.audit:
                low = (0.5 + hits) / (50 + place)
                high = (0.5 + hits + open_draws) / (50 + place)
                share = (whole - found) / serve.unserved
                rest = np.maximum(0, (whole - found - is_open) / serve.unserved)
                wrong = np.where(share > 0, np.log(low) - np.log(share), np.inf)
                right = np.where(rest < 1, np.log(1 - high) - np.log(1 - rest), np.inf)
                worth = {True: wrong, False: right, None: np.minimum(wrong, right)}
                total = total + worth[serve.wrong]
                place, hits = place + 1, hits + (serve.wrong is True)
                open_draws += serve.wrong is None
            found += serve.wrong is True
            is_open += serve.wrong is None
    return total


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
