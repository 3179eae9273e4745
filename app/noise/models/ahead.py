"""Which of two models is ahead on right labels, from reads of the examples where they differ."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.arrays import Labels
from app.noise.limits import FEWEST
from app.noise.models.mean_without_replacement import ALPHA, mean_bounds

Changes = NDArray[np.integer[Any]]
"""What reading did to the second model's lead on each example drawn: whole numbers in [-2, 2]."""

BEFORE_ANY_READ = np.array([0, 0, 1, 0, 0, -1, 0, 0, 2, 0, 0, -2])
"""Where models differ labels are wrong far oftener than elsewhere. A plan made before the first
read reckons with one change in three."""

OPEN = 9
"""In a list of changes: this example was drawn, and its answer is not final yet."""

_ROUNDING = 1e-6


class Ahead(StrEnum):
    """What the interval of a difference says."""

    FIRST = "first ahead"
    SECOND = "second ahead"
    TOO_CLOSE = "too close to call"
    NONE_VISIBLE = "no visible difference"


@dataclass(frozen=True, slots=True)
class Difference:
    """Share of right predictions of the second model minus that of the first, in [-1, 1].

    Attributes
    ----------
    estimate : float or None
        Within the bounds; None before the first read.
    low, high : float
        Bounds that hold however often one looks; both are the difference itself if exact.
    exact : bool
        Every example where the models differ was read.
    reads, differ : int
        Examples with a final answer, and those where the models differ.
    """

    estimate: float | None
    low: float
    high: float
    exact: bool
    reads: int
    differ: int

    @property
    def verdict(self) -> Ahead:
        if self.low > 0.0:
            return Ahead.SECOND
        if self.high < 0.0:
            return Ahead.FIRST
        return Ahead.NONE_VISIBLE if self.exact else Ahead.TOO_CLOSE

    def plus(self, lead: int, n: int) -> Difference:
        """With the lead on examples whose right label was known before any draw.

        Those are not in D: it is drawn from what nobody had decided when the audit opened.
        """
        share = lead / n
        estimate = None if self.estimate is None else self.estimate + share
        return replace(self, estimate=estimate, low=self.low + share, high=self.high + share)


def leads(first: Labels, second: Labels, labels: Labels) -> NDArray[np.int64]:
    """How far the second model leads on each example: 1 if it alone is right, -1 if the first is.

    Parameters
    ----------
    first, second : ndarray of shape (n_examples,)
        Predicted classes.
    labels : ndarray of shape (n_examples,)
        Given or right classes; -1 where no label fits (or several do): both models are wrong.

    Returns
    -------
    ndarray of int64, shape (n_examples,)
        In {-1, 0, 1}.

    Raises
    ------
    ValueError
        If shapes disagree.
    """
    if not first.shape == second.shape == labels.shape:
        raise ValueError("there must be one prediction of each model and one label an example")
    fits = labels >= 0
    ahead: NDArray[np.int64] = np.where(fits & (second == labels), 1, 0)
    ahead -= fits & (first == labels)
    return ahead


def difference(
    given_part: int, differ: int, n: int, read: Changes, *, alpha: float = ALPHA
) -> Difference:
    """How far the second model is ahead on right labels.

    D is the set of examples where the two predict differently. With d(y) = 1 if the second alone
    is right under label y, -1 if the first alone is, the number of right predictions differs by
    the sum over D of d(right) = d(given) + e. The sum of d(given) is known; e is 0 wherever the
    given label stands, and reading uniform draws from D bounds its mean:

        difference = (sum over D of d(given) + |D| * mean(e)) / N

    Parameters
    ----------
    given_part, differ : int
        Sum of d(given) over D, and |D|, as they were when the audit opened.
    n : int
        N: examples of the split that stay. Those known to have left (unreadable, duplicate,
        private) are not counted; in ``read`` they have e = -d(given), for they take their part
        of the lead along. Were they taken out of D as well, nobody would know its size before
        the last read; once all is read both ways give the same.
    read : ndarray of shape (n_draws,)
        e of the examples drawn, in the order of their draw, or `OPEN`: an open answer is taken
        in the way that rules out least. Where no label fits or several do both models are wrong:
        d(right) = 0, so e = -d(given).
    alpha : float
        Chance of ever missing the difference; of several pairs see `alpha_of_pairs`.

    Returns
    -------
    Difference

    Raises
    ------
    ValueError
        If counts disagree or a change lies outside [-2, 2].

    Notes
    -----
    Examples of D whose right label is known before the audit opens need no draw: leave them out
    of D, and add the lead they make with `Difference.plus`. With more than two models one order
    of draws serves all pairs: of the union of their D the draws that fall into a pair's D are
    uniform draws from that, in the same order.
    """
    _check(given_part, differ, n, read)
    known = read[read != OPEN]
    reads = len(known)
    if n == 0 or differ == 0:
        return Difference(0.0, 0.0, 0.0, True, reads, differ)
    fewest, largest = _totals(given_part, differ, n, read, alpha=alpha)
    estimate = None
    if reads:
        middle = given_part + differ * float(known.mean())
        estimate = min(max(middle, fewest), largest) / n
    return Difference(estimate, fewest / n, largest / n, reads == differ, reads, differ)


def _totals(
    given_part: int, differ: int, n: int, read: Changes, *, alpha: float
) -> tuple[int, int]:
    """Bounds of the sum of d(right), a whole number, over the examples that stay."""
    low, high = mean_bounds(_scaled(read), differ, alpha=alpha)
    known = read[read != OPEN]
    seen, unread = given_part + int(known.sum()), differ - len(known)
    most_of_all = min(differ, n)
    least, most = max(-most_of_all, seen - 2 * unread), min(most_of_all, seen + 2 * unread)
    fewest = max(least, given_part + math.ceil(differ * (4.0 * low - 2.0) - _ROUNDING))
    largest = min(most, given_part + math.floor(differ * (4.0 * high - 2.0) + _ROUNDING))
    # Should the bounds have missed, as they may in 5 of 100 cases: what is certain.
    return (fewest, largest) if fewest <= largest else (least, most)


def _scaled(changes: Changes) -> NDArray[np.float64]:
    """From 0 to 1, NaN where open."""
    return np.where(changes == OPEN, np.nan, (changes + 2) / 4.0)


def alpha_of_pairs(models: int, *, alpha: float = ALPHA) -> float:
    """The share of ``alpha`` that each pair of so many models may spend, watched all the time.

    Parameters
    ----------
    models : int
        At least 2.
    alpha : float
        Chance that any pair is ever told wrong.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If there are fewer than two models.
    """
    if models < 2:
        raise ValueError(f"{models} models make no pair: give two or more")
    return alpha / math.comb(models, 2)


def reads_needed(found: Difference) -> int | None:
    """About how many more reads would decide, if the estimate stays where it is.

    The way from the estimate to the bound on the side of 0 shrinks like the root of
    1 / reads - 1 / |D|: it ends where it is as long as the estimate is far from 0.

    Parameters
    ----------
    found : Difference

    Returns
    -------
    int or None
        In ``[0, |D| - reads]``, 0 when it is decided; None under 20 reads, when an estimate says
        nothing yet.
    """
    left = found.differ - found.reads
    if found.verdict is not Ahead.TOO_CLOSE:
        return 0
    if found.estimate is None or found.reads < FEWEST:
        return None
    reach = found.estimate - found.low if found.estimate > 0.0 else found.high - found.estimate
    if found.estimate == 0.0 or left == 0:
        return left
    now = 1.0 / found.reads - 1.0 / found.differ
    then = now * (found.estimate / reach) ** 2 if reach else now
    return min(left, max(1, math.ceil(1.0 / (then + 1.0 / found.differ)) - found.reads))


def reach_after(
    reads: int, differ: int, n: int, *, read: Changes = BEFORE_ANY_READ, alpha: float = ALPHA
) -> float:
    """About how far the bounds will lie from the difference after so many reads in all.

    Parameters
    ----------
    reads : int
        In ``[0, differ]``; of more it is what all give: nothing.
    differ, n : int
        |D| and N.
    read : ndarray of shape (n_reads,)
        What was read so far: the plan goes on in the same manner.
    alpha : float
        As in `difference`.

    Returns
    -------
    float
        Half the width of the interval, in ``[0, 1]``.
    """
    if reads >= differ:
        return 0.0
    like = read if len(read) >= FEWEST else BEFORE_ANY_READ
    low, high = mean_bounds(_scaled(np.resize(like, reads)), differ, alpha=alpha)
    return min(2.0 * (high - low), 1.0) * differ / n


def _check(given_part: int, differ: int, n: int, read: Changes) -> None:
    if differ < 0 or n < 0 or abs(given_part) > differ:
        raise ValueError(f"a lead of {given_part:,} on {differ:,} of {n:,} examples is impossible")
    if read.ndim != 1 or len(read) > differ:
        raise ValueError(f"{read.size:,} were read of {differ:,} where the models differ")
    if not np.issubdtype(read.dtype, np.integer):
        raise ValueError("a change of a lead is a whole number")
    if ((np.abs(read) > 2) & (read != OPEN)).any():
        raise ValueError("a change of a lead lies between -2 and 2, or is open")
