"""What the random draws say of the wrong labels in a pool, as far as every answer is known."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.noise.bisection import first_where, last_where
from app.noise.clean_draws import CleanDraws
from app.noise.serves import Counts, Draws, Outcome

Floats = NDArray[np.float64]

HIT_WEIGHT, DRAW_WEIGHT = 0.5, 50.0
"""The rate forecast starts as if half a hit had been seen in 50 draws: about 1 %."""

PRIOR_DRAWS = 30
"""The prior of the wrong labels is beta-binomial(pool, 1, 30): about 3 %, seldom above 10 %."""

FINE_GRID, GRID_STEP = 1_000, 1.004
"""The grid holds every integer up to the first, from there on each is so many times the last."""

_FACTORS = 24
"""Counts up to 10^12 multiplied before one logarithm is taken: below the largest float."""


class Interval(NamedTuple):
    """Two whole numbers and all between them."""

    low: int
    high: int


class Grid(NamedTuple):
    """Counts of wrong labels, their prior as logarithm, and how many counts each stands for."""

    points: Floats
    log_prior: Floats
    width: Floats


@lru_cache(maxsize=32)
def grid(pool: int) -> Grid:
    """The counts over which the mixture goes.

    The prior is the probability of the count itself, not of all that lie between it and the next,
    and is not scaled to sum to 1: a mixture of less than 1 is valid.
    """
    points = [float(count) for count in range(min(pool, FINE_GRID) + 1)]
    at = float(FINE_GRID)
    while (at := at * GRID_STEP) <= pool:
        points.append(float(math.floor(at)))
    counts = np.array(points)
    # C(n, w) B(w + 1, n - w + 30) / B(1, 30), in which most factors cancel
    places = np.arange(1.0, PRIOR_DRAWS + 1)
    above = np.log(pool - counts[:, None] + places[:-1]).sum(axis=1)
    log_prior = math.log(PRIOR_DRAWS) + above - np.log(pool + places).sum()
    width = np.diff(counts, append=counts[-1] + 1)
    for array in (counts, log_prior, width):
        array.flags.writeable = False
    return Grid(counts, log_prior, width)


def rate_forecast(hits: Counts, draws: Counts) -> Floats:
    """Chance that the next draw is wrong, by how many of those before it were."""
    return np.asarray((HIT_WEIGHT + hits) / (DRAW_WEIGHT + draws), dtype=np.float64)


class PrefixEvidence:
    """The likelihood of each possible count of wrong labels, grown draw by draw.

    A draw is uniform over what is unserved, so it is wrong with probability
    ``(wrong - wrong_before) / unserved`` exactly, whatever served the others. Against the
    likelihood of a count stands the average of two forecasts made before each draw: a running
    rate, and a mixture over all counts. Their ratio exceeds ``1 / alpha`` at the true count, at
    any time whatever, with probability of at most ``alpha``.

    Parameters
    ----------
    pool : int
        Examples when the epoch opened.

    References
    ----------
    Waudby-Smith & Ramdas (2020), Confidence sequences for sampling without replacement,
    arXiv:2006.04347. Wasserman, Ramdas & Balakrishnan (2020), Universal inference,
    arXiv:1912.11436.
    """

    def __init__(self, pool: int) -> None:
        self._points, self._logs, self._width = grid(pool)
        self._rate_log = 0.0
        self._log_unserved = 0.0
        self._below = np.zeros(0)  # of wrong draws: known wrong before
        self._above = np.zeros(0)  # of right draws: known wrong before and unserved together
        self._possible = Interval(0, pool)
        self.draws = 0

    @property
    def hits(self) -> int:
        return len(self._below)

    def add(self, draws: Draws) -> None:
        """Take in further draws; all of them, and all serves before them, are known."""
        if not len(draws):
            return
        wrong = draws.outcome == Outcome.WRONG
        hits = self.hits + np.cumsum(wrong, dtype=np.int64) - wrong
        forecast = rate_forecast(hits, self.draws + np.arange(len(draws)))
        self._rate_log += float(np.log(np.where(wrong, forecast, 1.0 - forecast)).sum())
        below = draws.wrong_before[wrong].astype(np.float64)
        above = (draws.wrong_before + draws.unserved)[~wrong].astype(np.float64)
        log_unserved = float(np.log(draws.unserved).sum())
        self._keep_possible(draws)
        self._logs = self._logs - log_unserved
        self._logs += _sums_of_logs(above, -self._points)
        self._logs += _sums_of_logs(-below, self._points)
        self._log_unserved += log_unserved
        self._below = np.append(self._below, below)
        self._above = np.append(self._above, above)
        self.draws += len(draws)

    def _keep_possible(self, draws: Draws) -> None:
        """Counts that the last draw rules out are gone for good; it is the strictest."""
        wrong = int(draws.outcome[-1])
        least = int(draws.wrong_before[-1]) + wrong
        most = int(draws.wrong_before[-1] + draws.unserved[-1]) - (1 - wrong)
        self._possible = Interval(least, most)
        first, last = np.searchsorted(self._points, [least, most + 1])
        self._points = self._points[first:last]
        self._logs = self._logs[first:last]
        self._width = self._width[first:last]

    def log_likelihood(self, wrong: int) -> float:
        """Of a count that is possible after all draws taken in."""
        return float(
            np.log(self._above - wrong).sum()
            + np.log(wrong - self._below).sum()
            - self._log_unserved
        )

    def rises_to(self, wrong: int) -> bool:
        """Whether this count is at least as likely as the one below it; both are possible."""
        from_wrong = np.log1p(1.0 / (wrong - 1 - self._below)).sum()
        from_right = np.log1p(-1.0 / (self._above - wrong + 1)).sum()
        return bool(from_wrong + from_right >= 0.0)

    def log_forecast(self) -> float:
        """Of the average of the two forecasts."""
        return _log_average(self._rate_log, _log_sum(self._logs))

    def distance(self, wrong: int) -> float:
        """Nats by which the forecasts are better than this count, which must be possible."""
        return self.log_forecast() - self.log_likelihood(wrong)

    def interval(self, within: Interval, *, alpha: float) -> Interval | None:
        """All possible counts in this range that are not ruled out; None if there is none."""
        limit = self.log_forecast() - math.log(1.0 / alpha)

        def stays(wrong: int) -> bool:
            return limit < self.log_likelihood(wrong)

        peak = last_where(self.rises_to, within.low, within.high)
        if not stays(peak):
            return None
        return Interval(first_where(stays, within.low, peak), last_where(stays, peak, within.high))

    def rules_out_after(self, clean: CleanDraws, wrong: int, *, alpha: float) -> bool:
        """Whether so many wrong labels, and more, would be ruled out by further draws."""
        counts = np.array([wrong - 1.0, float(wrong)])
        of_clean = clean.log_likelihood(counts)
        below, at = (
            self.log_likelihood(count) + float(log)
            for count, log in zip((wrong - 1, wrong), of_clean, strict=True)
        )
        return at <= below and self._log_forecast_after(clean) - at >= math.log(1.0 / alpha)

    def _log_forecast_after(self, clean: CleanDraws) -> float:
        mixture = _log_sum(self._logs + clean.log_likelihood(self._points))
        every = self.draws + DRAW_WEIGHT
        right = every - self.hits - HIT_WEIGHT
        rate = math.lgamma(right + clean.draws) - math.lgamma(right)
        rate -= math.lgamma(every + clean.draws) - math.lgamma(every)
        return _log_average(self._rate_log + rate, mixture)

    def mean(self) -> float | None:
        """Mean of the count when the draws are weighed with the prior; None without draws.

        Each point of the grid counts for all up to the next. When none is possible any more, the
        few counts that are lie between two of them, and their middle stands in.
        """
        if not self.draws:
            return None
        if not len(self._points):
            return sum(self._possible) / 2
        weights = self._width * np.exp(self._logs - self._logs.max())
        return float((self._points + (self._width - 1) / 2) @ weights / weights.sum())


def _log_average(one: float, other: float) -> float:
    return float(np.logaddexp(one, other)) - math.log(2.0)


def _log_sum(logs: Floats) -> float:
    """Logarithm of the sum of what these are the logarithms of."""
    most = float(logs.max(initial=-math.inf))
    if most == -math.inf:
        return most
    return most + math.log(float(np.exp(logs - most).sum()))


def _sums_of_logs(left: Floats, right: Floats) -> Floats:
    """Of each in `right`: the sum of ``log(left + right)`` over all in `left`."""
    total = np.zeros(len(right))
    for first in range(0, len(left), _FACTORS):
        part = left[first : first + _FACTORS, None]
        total += np.log(np.multiply.reduce(part + right, axis=0))
    return total
