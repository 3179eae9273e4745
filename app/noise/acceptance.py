"""How many random checks prove that a group is right often enough.

Without SciPy: pages ask it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

CONFIDENCE = 0.95
DEFAULT_PRECISION, DEFAULT_FAILURES = 0.90, 1
REVIEW_ALL_UP_TO = 30
"""A group no larger is reviewed whole: checks would take nearly as many answers."""

FLOORS = (0.80, 0.90, 0.95, 0.98)
"""Shares that may be asked for; of a test set 0.95."""

MOST_FAILURES = 3
"""A plan that lets more of its checks fail takes too many of them."""

_PRIOR_RIGHT, _PRIOR_ASKED = 4.75, 5.0
"""The forecast after each check starts at 95 % right, worth five checks."""


@dataclass(frozen=True)
class Plan:
    """Check so many at random; accept if no more than ``failures`` are wrong."""

    checks: int
    failures: int

    def is_whole(self, size: int) -> bool:
        """Whether nothing of a group of this size is spared: it is reviewed, not sampled."""
        return self.checks >= size


@dataclass(frozen=True)
class Checked:
    """What a sample showed, in a group of ``size`` examples (None: without end)."""

    asked: int
    failed: int
    size: int | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.failed <= self.asked:
            raise ValueError("failed must lie between 0 and asked")
        if self.size is not None and self.asked > self.size:
            raise ValueError("more were asked than there are")


def plan(precision: float, *, failures: int = DEFAULT_FAILURES, size: int | None = None) -> Plan:
    """The fewest checks that prove the precision at 95 %.

    Parameters
    ----------
    precision : float
        Share that must be right, in ``(0, 1)``. "At most 5 % wrong" is 0.95.
    failures : int
        How many of the checks may fail.
    size : int, optional
        Examples in the group; without it, or in a large one, the limit without end.

    Returns
    -------
    Plan
        A group of up to 30, or one too small to prove it, is checked whole; then the allowed
        failures are what the precision leaves.

    Raises
    ------
    ValueError
        If precision is not inside 0 and 1, or failures or size are negative.
    """
    if not 0.0 < precision < 1.0:
        raise ValueError("precision must lie between 0 and 1")
    if failures < 0 or (size is not None and size < 0):
        raise ValueError("failures and size must not be negative")
    if size is not None and size <= REVIEW_ALL_UP_TO:
        return Plan(size, _most_wrong(size, precision))
    checks = failures + 1
    while size is None or checks < size:
        if _chance_of_so_few(Checked(checks, failures, size), precision) <= 1 - CONFIDENCE:
            return Plan(checks, failures)
        checks += 1
    return Plan(checks, _most_wrong(checks, precision))


def chance_to_accept(asked: Plan, true_precision: float) -> float:
    """How likely a large group passes, if so many of it are truly right.

    Parameters
    ----------
    asked : Plan
    true_precision : float
        In ``[0, 1]``. A reviewer who errs in e of the checks lowers it by about e.

    Returns
    -------
    float
    """
    return _so_few_of_many(asked.failures, asked.checks, true_precision)


def accepted(checked: Checked, precision: float) -> bool:
    """Whether the sample proves that more than ``precision`` of the group is right, at 95 %.

    A group reviewed whole passes with just that share.

    Parameters
    ----------
    checked : Checked
        Drawn at random, its size fixed beforehand (else see ``accepted_while_looking``).
    precision : float
        In ``(0, 1)``.

    Returns
    -------
    bool
    """
    if checked.asked == checked.size:
        return checked.failed <= _most_wrong(checked.asked, precision)
    return _chance_of_so_few(checked, precision) <= 1 - CONFIDENCE


def lower_limit(checked: Checked) -> float:
    """At least this share of the group is right (95 % sure).

    The right labels that are known count as right; what else the group holds is bounded by the
    hypergeometric distribution, without end by the beta.

    Parameters
    ----------
    checked : Checked

    Returns
    -------
    float
        In ``[0, 1]``; 0 without checks or when all failed.
    """
    good = checked.asked - checked.failed
    if good == 0:
        return 0.0
    if checked.size is None:
        return _share_below(checked)
    low, high = checked.failed, checked.size - good  # wrong ones there may be
    while low < high:
        middle = (low + high + 1) // 2
        if _so_few_of_group(checked, middle, checked.size) > 1 - CONFIDENCE:
            low = middle
        else:
            high = middle - 1
    return 1.0 - low / checked.size


def expected_new_errors(checked: Checked) -> float:
    """Wrong labels to expect among those of the group that were not checked, if all are changed.

    Parameters
    ----------
    checked : Checked
        With a size.

    Returns
    -------
    float
        Examples; the posterior mean of Beta(1 + right, 1 + failed) times what is unchecked.

    Raises
    ------
    ValueError
        If the group has no size.
    """
    if checked.size is None:
        raise ValueError("new errors can be expected only in a group with a size")
    return (checked.size - checked.asked) * (checked.failed + 1) / (checked.asked + 2)


def accepted_while_looking(
    right: Sequence[bool], precision: float, *, size: int | None = None
) -> int | None:
    """After how many checks the precision was proved, when each is looked at as it comes.

    A bet against "no more than ``precision`` is right": before each check the forecast of it
    is (right so far + 4.75) / (checks + 5), never below the bet's own share. Wealth of 20
    proves it, at whatever moment it is reached (Ville's inequality).

    Parameters
    ----------
    right : sequence of bool
        The checks in the order they were drawn.
    precision : float
        In ``(0, 1)``.
    size : int, optional
        Examples in the group.

    Returns
    -------
    int or None
        None if it was not proved.

    References
    ----------
    Waudby-Smith and Ramdas (2024), Estimating means of bounded random variables by betting.
    """
    wealth, good = 0.0, 0
    for place, fits in enumerate(right):
        share = _share_left(precision, good, place, size)
        if share is None:
            return place
        if share == 0.0 and fits:
            return place + 1
        forecast = max((good + _PRIOR_RIGHT) / (place + _PRIOR_ASKED), share)
        won, lost = (forecast, share) if fits else (1 - forecast, 1 - share)
        if won == 0.0:  # the bet was that none is left that fails, and it is lost for good
            return None
        wealth += math.log(won) - math.log(lost)
        good += fits
        if wealth >= math.log(1 / (1 - CONFIDENCE)) - 1e-12:
            return place + 1
    return None


def _share_left(precision: float, good: int, asked: int, size: int | None) -> float | None:
    """The largest chance that the next one is right if the group is not; None if it must be."""
    if size is None:
        return precision
    good_left = size - _fewest_wrong(size, precision) - good
    if good_left < 0:
        return None
    return min(1.0, good_left / (size - asked))


def _most_wrong(size: int, precision: float) -> int:
    """How many of a whole group may be wrong; rounded first, for 1 - 0.9 is not quite 0.1."""
    return math.floor(round(size * (1 - precision), 9))


def _fewest_wrong(size: int, precision: float) -> int:
    """How many wrong ones the checks must rule out.

    A group that is right in just the asked share is not let through by a sample, only when it
    is reviewed whole.
    """
    return math.ceil(round(size * (1 - precision), 9))


def _chance_of_so_few(checked: Checked, precision: float) -> float:
    """That so few fail if the group is only just not right often enough."""
    if checked.size is None:
        if checked.failed == checked.asked:
            return 1.0
        return _so_few_of_many(checked.failed, checked.asked, precision)
    return _so_few_of_group(checked, _fewest_wrong(checked.size, precision), checked.size)


def _so_few_of_many(failed: int, asked: int, precision: float) -> float:
    """The binomial distribution: at most so many fail where this share is right."""
    return sum(
        math.comb(asked, few) * (1 - precision) ** few * precision ** (asked - few)
        for few in range(failed + 1)
    )


def _so_few_of_group(checked: Checked, bad: int, size: int) -> float:
    """The hypergeometric one: at most so many fail where ``bad`` of ``size`` would. In integers."""
    ways = sum(
        math.comb(bad, few) * math.comb(size - bad, checked.asked - few)
        for few in range(checked.failed + 1)
    )
    return ways / math.comb(size, checked.asked)


def _share_below(checked: Checked) -> float:
    """By halves: the share at which so few failures have the chance that is left to be wrong."""
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        if _so_few_of_many(checked.failed, checked.asked, middle) <= 1 - CONFIDENCE:
            low = middle
        else:
            high = middle
    return low
