"""How many wrong labels are left, at any time while people review."""

from __future__ import annotations

from dataclasses import dataclass

from app.noise.prefix import Interval, PrefixEvidence
from app.noise.serves import Draws, Outcome, Serves
from app.noise.worst_case import WorstCase

ALPHA = 0.05
"""The interval misses the truth, at any moment someone looks, in at most 5 of 100 projects."""


@dataclass(frozen=True, slots=True)
class Left:
    """Wrong labels among the examples of the pool that are unserved or whose answer is open.

    Attributes
    ----------
    low, high : int or None
        Bounds that hold with 95 %, watched as often as one likes; in ``[0, unserved +
        open_answers]``. None if there is a conflict: then there is no number.
    estimate : float or None
        Between them, by all draws whose answer is known; None as long as there is none.
    prefix, all_serves : Interval or None
        The two intervals whose common part it is: of the serves before the first open answer,
        and of all with open answers at their worst. None: no count is possible.
    prefix_serves, draws_in_prefix : int
        What the first rests on.
    draws, open_draws : int
        Random draws, and those of them whose answer is open: these cost most.
    found, unserved, open_answers : int
        Known wrong labels, examples not served yet, served ones without a final answer.
    """

    low: int | None
    estimate: float | None
    high: int | None
    prefix: Interval | None
    prefix_serves: int
    all_serves: Interval | None
    draws: int
    draws_in_prefix: int
    found: int
    unserved: int
    open_answers: int
    open_draws: int

    @property
    def conflict(self) -> bool:
        """No count fits: the draws were not uniform, or history was changed. An error to show."""
        return self.low is None


def wrong_left(serves: Serves, *, alpha: float = ALPHA) -> Left:
    """Bound the wrong labels that are left, from the random draws among what was served.

    Parameters
    ----------
    serves : Serves
        All serves of the epoch, in serving order. Whatever rule chose those that were not drawn,
        and however the share of draws was changed on the way, the bounds hold.
    alpha : float
        Chance of ever missing the truth, strictly between 0 and 1.

    Returns
    -------
    Left
        Counts of examples.

    Raises
    ------
    ValueError
        If ``alpha`` is out of range.

    Notes
    -----
    Open answers count as left. With N = 100,000 and 2,000 draws it takes some 20 ms.

    References
    ----------
    Waudby-Smith & Ramdas (2020), arXiv:2006.04347; see `PrefixEvidence` and `WorstCase`.
    """
    check_alpha(alpha)
    draws, evidence = serves.draws(), PrefixEvidence(serves.pool)
    evidence.add(draws.between(0, draws_within(serves, serves.prefix)))
    return left_by(evidence, serves, draws, alpha=alpha)


def check_alpha(alpha: float) -> None:
    if not 0.0 < alpha < 1.0:
        raise ValueError(f"alpha is {alpha}: it lies between 0 and 1")


def draws_within(serves: Serves, prefix: int) -> int:
    """Random draws among the first so many serves."""
    return int(serves.drawn[:prefix].sum())


def left_by(evidence: PrefixEvidence, serves: Serves, draws: Draws, *, alpha: float) -> Left:
    """What is left by the evidence of the prefix and the worst case of all draws."""
    prefix, found = serves.prefix, serves.found()
    opened = int((serves.outcome == Outcome.OPEN).sum())
    known = serves.found(prefix)
    early = evidence.interval(Interval(known, known + serves.pool - prefix), alpha=alpha)
    late = WorstCase(draws).interval(Interval(found, found + opened + serves.unserved), alpha=alpha)
    low, high = _common(early, late)
    estimate = _middle(evidence, serves, draws)
    if low is None or high is None or estimate is None:
        estimate = None
    else:
        estimate = min(max(estimate, low), high) - found
    return Left(
        low=None if low is None else low - found,
        estimate=estimate,
        high=None if high is None else high - found,
        prefix=_left_of(early, found),
        prefix_serves=prefix,
        all_serves=_left_of(late, found),
        draws=len(draws),
        draws_in_prefix=evidence.draws,
        found=found,
        unserved=serves.unserved,
        open_answers=opened,
        open_draws=int((draws.outcome == Outcome.OPEN).sum()),
    )


def _middle(evidence: PrefixEvidence, serves: Serves, draws: Draws) -> float | None:
    """Mean by every draw whose answer is known: one open answer early on hides none of them.

    What is open counts as not found yet, so the mean leans a little towards what is left.
    """
    known = draws.known()
    if evidence.draws == len(known):
        return evidence.mean()
    every = PrefixEvidence(serves.pool)
    every.add(known)
    return every.mean()


def _common(one: Interval | None, other: Interval | None) -> tuple[int, int] | tuple[None, None]:
    """The counts in both; none if there are none."""
    if one is None or other is None:
        return None, None
    low, high = max(one.low, other.low), min(one.high, other.high)
    return (low, high) if low <= high else (None, None)


def _left_of(wrong: Interval | None, found: int) -> Interval | None:
    """Counts of wrong labels as counts of what is left of them."""
    if wrong is None or wrong.high < found:
        return None
    return Interval(max(0, wrong.low - found), wrong.high - found)
