"""What all random draws say of the wrong labels, open answers taken at their worst."""

from __future__ import annotations

import math

import numpy as np

from app.noise.bisection import first_where, last_where
from app.noise.prefix import Interval, rate_forecast
from app.noise.serves import Counts, Draws, Outcome


class WorstCase:
    """How far each count of wrong labels is at least from the forecast, over all draws.

    The rate forecast alone, with every open answer, before a draw or its own, read in favour of
    the count. So a count is ruled out only where it would be with all answers known.

    Parameters
    ----------
    draws : Draws
        All draws of the epoch so far.
    """

    def __init__(self, draws: Draws) -> None:
        wrong, right = draws.outcome == Outcome.WRONG, draws.outcome == Outcome.RIGHT
        is_open = ~(wrong | right)
        before, unserved = draws.wrong_before.astype(np.float64), draws.unserved.astype(np.float64)
        hits, opened = np.cumsum(wrong) - wrong, np.cumsum(is_open) - is_open
        number = np.arange(len(draws))
        log_least = np.log(rate_forecast(hits, number))
        log_most = np.log1p(-rate_forecast(hits + opened, number))
        log_unserved = np.log(unserved)
        # A count is `wrong - below` above what was known, and `above - wrong` short of too many.
        above = unserved + before + draws.open_before
        self._below, self._above, self._most = before[wrong], above[right], unserved[right]
        self._known = float(
            (log_least + log_unserved)[wrong].sum() + (log_most + log_unserved)[right].sum()
        )
        self._open_below, self._open_above = before[is_open], above[is_open]
        self._open_most = unserved[is_open]
        self._as_wrong = (log_least + log_unserved)[is_open]
        self._as_right = (log_most + log_unserved)[is_open]
        self._turns = self._turns_of(draws.open_before[is_open])

    def _turns_of(self, open_before: Counts) -> list[int]:
        """The counts up to which each open draw is read as right, from there on as wrong."""
        odds = np.exp(self._as_wrong - self._as_right)
        beyond = odds * (self._open_most + open_before) / (1.0 + odds)
        left = np.where(beyond >= open_before, beyond, odds * self._open_most)
        return sorted({int(turn) for turn in self._open_below + left})

    def distance(self, wrong: int) -> float:
        """Nats by which the forecast is better than this count, at the least."""
        known = self._known
        known -= float(np.log(wrong - self._below).sum())
        known -= float(np.log(np.minimum(self._above - wrong, self._most)).sum())
        if len(self._open_most):
            counted = np.maximum(wrong - self._open_below, 0.0)
            spared = np.maximum(np.minimum(self._open_above - wrong, self._open_most), 0.0)
            with np.errstate(divide="ignore"):  # impossible one way, it is read the other
                as_wrong = self._as_wrong - np.log(counted)
                as_right = self._as_right - np.log(spared)
            known += float(np.minimum(as_wrong, as_right).sum())
        return known - math.log(2.0)

    def interval(self, within: Interval, *, alpha: float) -> Interval | None:
        """From the first to the last count of this range that is not ruled out, if there is one.

        Between two turns every open draw is read one way, and there the distance is convex.
        """
        limit = math.log(1.0 / alpha)

        def stays(wrong: int) -> bool:
            return self.distance(wrong) < limit

        def falls_to(wrong: int) -> bool:
            return self.distance(wrong) <= self.distance(wrong - 1)

        def lowest(part: Interval) -> int | None:
            if stays(part.low):
                return part.low
            nearest = last_where(falls_to, *part)
            return first_where(stays, part.low, nearest) if stays(nearest) else None

        def highest(part: Interval) -> int | None:
            if stays(part.high):
                return part.high
            nearest = last_where(falls_to, *part)
            return last_where(stays, nearest, part.high) if stays(nearest) else None

        parts = self._parts(within)
        low = next((low for part in parts if (low := lowest(part)) is not None), None)
        high = next((high for part in parts[::-1] if (high := highest(part)) is not None), None)
        return None if low is None or high is None else Interval(low, high)

    def _parts(self, within: Interval) -> list[Interval]:
        """The range, cut after each turn."""
        ends = [turn for turn in self._turns if within.low <= turn < within.high]
        starts = [within.low, *(turn + 1 for turn in ends)]
        return [Interval(*part) for part in zip(starts, [*ends, within.high], strict=True)]
