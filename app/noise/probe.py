"""A suspicious group is asked again, with fresh examples, before it is called a slice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import ceil, comb

MOST_PROBED = 12
"""So many groups are probed: one planted in 2 % of the data is among them in 92 of 100 runs."""

FIRST, IN_ALL = 5, 20
"""Fresh examples of each group at first, and in all of those that go on.

Twenty let twelve groups share 5 %: 7 wrong of 20 have a chance of 0.0024 at one in ten, and a
group with 60 % wrong has them in 98 of 100 cases (with sixteen 97, and 94 where the limit is
a little higher).
"""

ALPHA = 0.05
LEAST_LIMIT = 0.10
"""A group with one label in ten wrong is not called a slice, however clean the rest is."""


class ProbeState(StrEnum):
    """What the fresh answers of a group say so far; a group nobody goes on with is not finished."""

    ASKING = "asking"
    CONFIRMED = "confirmed"
    NOT_CONFIRMED = "not confirmed"
    NOT_FINISHED = "not finished"


@dataclass(frozen=True)
class Probe:
    """Fresh answers of one group: ``wrong`` of ``asked``, ``size`` could be asked.

    ``size`` counts the unreviewed examples of the group when the probe began; the asked ones
    are drawn from them at random.
    """

    wrong: int
    asked: int
    size: int

    def __post_init__(self) -> None:
        if not 0 <= self.wrong <= self.asked <= self.size:
            raise ValueError("wrong must be at most asked, and asked at most size")


def limit_share(audit_rate: float) -> float:
    """The share of wrong labels a group must be shown to exceed.

    Parameters
    ----------
    audit_rate : float
        Share of wrong labels in the whole set by random draws, in ``[0, 1]``.

    Returns
    -------
    float
        The larger of one in ten and twice the rate, at most 0.95.
    """
    return min(max(LEAST_LIMIT, 2.0 * audit_rate), 0.95)


def wrong_needed(asked: int, limit: float, *, groups: int = MOST_PROBED) -> int:
    """How many wrong of so many confirm a group, when so many groups share 5 %.

    Parameters
    ----------
    asked : int
    limit : float
        Of ``limit_share``.
    groups : int
        How many groups are probed, whatever becomes of them.

    Returns
    -------
    int
        Larger than ``asked`` if not even all wrong would do.
    """
    return next(
        (k for k in range(1, asked + 1) if _at_least(k, asked, limit) <= ALPHA / groups),
        asked + 1,
    )


def _at_least(wrong: int, asked: int, share: float) -> float:
    """The chance of so many wrong or more; the sum itself, for so few needs no library."""
    return sum(
        comb(asked, k) * share**k * (1 - share) ** (asked - k) for k in range(wrong, asked + 1)
    )


def next_checks(probe: Probe, limit: float, *, groups: int = MOST_PROBED) -> int:
    """How many fresh examples of the group to ask for now; 0 when its probe is over.

    Five at first. A group none of which is wrong is given up; the others are asked up to 20,
    or as many as they have. Giving up early can only make a false confirmation rarer, so the
    test at 20 holds.

    Parameters
    ----------
    probe : Probe
    limit : float
        Of ``limit_share``.
    groups : int
        How many groups are probed.

    Returns
    -------
    int
    """
    last = min(IN_ALL, probe.size)
    if probe.asked < min(FIRST, last):
        return min(FIRST, last) - probe.asked
    needed = wrong_needed(last, limit, groups=groups)
    out_of_reach = probe.wrong + (last - probe.asked) < needed
    if probe.wrong == 0 or probe.wrong >= needed or out_of_reach:
        return 0
    return last - probe.asked


def judged(probe: Probe, limit: float, *, groups: int = MOST_PROBED) -> ProbeState:
    """Whether the group is a slice.

    Exact binomial test of "the share of wrong labels is at most ``limit``" at 5 % divided by
    the number of groups. The draws are from a finite group without putting back, which makes
    the test a little too strict, never too lax.

    Parameters
    ----------
    probe : Probe
    limit : float
        Of ``limit_share``.
    groups : int
        How many groups are probed.

    Returns
    -------
    ProbeState
    """
    last = min(IN_ALL, probe.size)
    if probe.wrong >= wrong_needed(last, limit, groups=groups):
        return ProbeState.CONFIRMED
    if next_checks(probe, limit, groups=groups) > 0:
        return ProbeState.ASKING
    return ProbeState.NOT_CONFIRMED


FEW_GO_ON, MANY_GO_ON = 0.05, 0.2
"""Shares of the groups that are asked on after the first five, from clean data to noisy."""


def price(sizes: Sequence[int]) -> tuple[int, int]:
    """About how many answers the probe of groups of these sizes takes, from little to much.

    Parameters
    ----------
    sizes : sequence of int
        How many fresh examples each group has.

    Returns
    -------
    tuple of int
        Rounded to fives from 20 on; never more than there is to ask.
    """
    first = sum(min(FIRST, size) for size in sizes)
    all_of_them = sum(min(IN_ALL, size) for size in sizes)
    more = IN_ALL - FIRST
    least = first + int(more * FEW_GO_ON * len(sizes))
    most = first + more * ceil(MANY_GO_ON * len(sizes))
    low, high = (min(_told(number), all_of_them) for number in (least, most))
    return low, high


def _told(number: int) -> int:
    return number if number < 20 else number - number % 5
