"""How good predictions are on checked examples, how far that may be off, and which to choose."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta

from app.arrays import Labels
from app.training.interval import Interval
from app.training.race import Entry
from app.training.remedies.remedy import Simplicity

RESAMPLES = 2_000
ALPHA, Z = 0.05, 1.959963984540054
"""Intervals hold in 95 of 100 cases."""

Costs = NDArray[np.float64]
"""What it costs to give a label (column) for another (row), shape (n_classes, n_classes)."""


def plain_costs(n_classes: int) -> Costs:
    """Every wrong label costs 1."""
    return 1.0 - np.eye(n_classes)


def exact_difference(first: NDArray[np.bool_], second: NDArray[np.bool_]) -> Interval:
    """By how much the share that is right is higher in the second, on the same examples.

    Parameters
    ----------
    first, second : ndarray of bool, shape (n,)
        Whether each example is right.

    Returns
    -------
    Interval
        In ``[-1, 1]``, 95 %. It leaves out 0 exactly where the exact test of McNemar gives
        p < 0.05: where the limits of Agresti and Min would say otherwise of 0, those that follow
        from the test stand in their place.

    Raises
    ------
    ValueError
        If there is no example, or shapes differ.

    References
    ----------
    McNemar (1947), Note on the sampling error of the difference between correlated proportions.
    Agresti and Min (2005), Simple improved confidence intervals for comparing matched
    proportions.
    """
    if first.shape != second.shape or not len(first):
        raise ValueError("both say of the same examples, at least one, whether they are right")
    won = int((second & ~first).sum())
    lost = int((first & ~second).sum())
    n = len(first)
    low, high = _wide(won, lost, n)
    exact_low, exact_high = _by_the_test(won, lost, n)
    return Interval(
        (won - lost) / n,
        low if (low > 0) == (exact_low > 0) else exact_low,
        high if (high < 0) == (exact_high < 0) else exact_high,
    )


def _wide(won: int, lost: int, n: int) -> tuple[float, float]:
    """Half an example is added to each of the four kinds."""
    total, up, down = n + 2, won + 0.5, lost + 0.5
    middle = (up - down) / total
    reach = Z * math.sqrt(((up + down) / total - middle**2) / total)
    value = (won - lost) / n
    return max(-1.0, min(value, middle - reach)), min(1.0, max(value, middle + reach))


def _by_the_test(won: int, lost: int, n: int) -> tuple[float, float]:
    """Limits of Clopper and Pearson, among the examples where the two differ."""
    low = beta.ppf(ALPHA / 2, won, lost + 1) if won else 0.0
    high = beta.ppf(1 - ALPHA / 2, won + 1, lost) if lost else 1.0
    scale = (won + lost) / n
    return float(2 * low - 1) * scale, float(2 * high - 1) * scale


@dataclass(frozen=True)
class Judge:
    """Scores predictions against the right labels of the checked examples."""

    right: Labels
    costs: Costs
    draws: NDArray[np.int64]
    """Resamples of the examples, shape (2000, n): the same for all, so that pairs stay pairs."""

    @classmethod
    def of(cls, right: Labels, costs: Costs, rng: np.random.Generator) -> Judge:
        if not len(right):
            raise ValueError("there is no checked example to score by")
        if costs.ndim != 2 or not 0 <= right.min() <= right.max() < len(costs):
            raise ValueError("costs have one row and one column a class")
        if not (np.isfinite(costs) & (costs >= 0)).all():
            raise ValueError("costs are finite and not negative")
        return cls(right, costs, rng.integers(len(right), size=(RESAMPLES, len(right))))

    def hits(self, favored: Labels) -> NDArray[np.bool_]:
        return np.asarray(favored == self.right)

    def accuracy(self, hits: NDArray[np.float64] | NDArray[np.bool_]) -> Interval:
        """The mean of hits, which may themselves be means over several networks."""
        return self._around(float(hits.mean()), hits[self.draws].mean(axis=1))

    def ahead(self, first: NDArray[np.float64], second: NDArray[np.float64]) -> Interval:
        """By how much the mean of the second hits is higher, on the same examples."""
        return self.accuracy(second - first)

    def balanced(self, favored: Labels) -> Interval:
        """The mean over labels of the share that is right; labels nobody checked are left out."""
        sizes = np.bincount(self.right, minlength=len(self.costs))
        weights = 1.0 / sizes[self.right]
        gains = weights * self.hits(favored)
        value = float(gains.sum() / (sizes > 0).sum())
        return self._around(value, gains[self.draws].sum(axis=1) / weights[self.draws].sum(axis=1))

    def cost(self, favored: Labels) -> Interval:
        """Mean cost an example."""
        paid = self.costs[self.right, favored]
        return self._around(float(paid.mean()), paid[self.draws].mean(axis=1))

    def saved(self, first: Labels, second: Labels) -> Interval:
        """How much less the second costs an example, on the same examples."""
        saved = self.costs[self.right, first] - self.costs[self.right, second]
        return self._around(float(saved.mean()), saved[self.draws].mean(axis=1))

    @property
    def plain(self) -> bool:
        """Whether all that is wrong costs the same."""
        return bool((self.costs == plain_costs(len(self.costs))).all())

    def gain(self, first: Labels, second: Labels) -> Interval:
        """How much better the second is: by the cost matrix if there is one, else by accuracy."""
        if self.plain:
            return exact_difference(self.hits(first), self.hits(second))
        return self.saved(first, second)

    def _around(self, value: float, means: NDArray[np.float64]) -> Interval:
        low, high = np.quantile(means, [ALPHA / 2, 1 - ALPHA / 2])
        return Interval(value, min(value, float(low)), max(value, float(high)))


def recommended(entries: Sequence[Entry], judge: Judge) -> Entry:
    """The simplest remedy that no other is surely better than.

    From simple to costly: of each kind the one that scores best takes the place of what was
    chosen so far only if it is surely better, that is if the interval of the paired difference
    leaves out 0. Each remedy is judged with the first of its heads; controls never win.

    Parameters
    ----------
    entries : sequence of Entry
        With one that is "as it is".
    judge : Judge

    Returns
    -------
    Entry
    """
    main = [one for one in entries if one.width == one.remedy.widths[0] and not one.remedy.control]
    chosen = next(one for one in main if one.remedy.simplicity is Simplicity.NOTHING)
    for kind in Simplicity:
        rivals = [one for one in main if one.remedy.simplicity is kind]
        if not rivals or kind is Simplicity.NOTHING:
            continue
        best = max(rivals, key=lambda one: -judge.cost(one.favored).value)
        if judge.gain(chosen.favored, best.favored).above:
            chosen = best
    return chosen
