"""When reviewing may stop, what it costs to get there, and when random checks come first."""

from __future__ import annotations

import math

import numpy as np

from app.noise.bisection import first_where
from app.noise.clean_draws import CleanDraws
from app.noise.left import ALPHA, Left, check_alpha
from app.noise.prefix import PrefixEvidence
from app.noise.serves import Outcome, Serves

RECENT = 500
"""Queue answers that tell how much the queue still finds."""

DECIDED_EVERY = 50
"""Serves after which it is decided again whether random checks come first."""


def allowed(pool: int, target: float) -> int:
    """Wrong labels that may stay for a target to be met.

    Parameters
    ----------
    pool : int
        Examples, at least 0.
    target : float
        Share of them, strictly between 0 and 1, as 0.01.

    Raises
    ------
    ValueError
        If the target is out of range.
    """
    if not 0.0 < target < 1.0:
        raise ValueError(f"a target of {target}: it is a share between 0 and 1, as 0.01")
    return math.floor(round(pool * target, 6))  # 0.29 x 100 is 28.999... in floats


def is_shown(high: int, pool: int, target: float) -> bool:
    """Whether at most this share of the pool's labels is wrong, if at most `high` are."""
    return high <= allowed(pool, target)


def may_stop(left: Left, pool: int, target: float) -> bool:
    """Whether at most this share of the pool's labels is wrong and still there, 95 % sure."""
    return left.high is not None and is_shown(left.high, pool, target)


def queue_rate(serves: Serves) -> float | None:
    """Share of wrong labels among the last answered queue serves; None without any."""
    known = serves.outcome[serves.queue & (serves.outcome != Outcome.OPEN)][-RECENT:]
    return float((known == Outcome.WRONG).mean()) if len(known) else None


def random_first(left: Left, serves: Serves, target: float) -> bool:
    """Whether nine of ten serves should be random checks by now: the queue has little to find.

    On if the queue finds at most three times the target and what is left is within it, or if the
    queue finds at most the target and twice as much is left. It may be decided anew at any time,
    from anything known: the bounds stay valid.

    Notes
    -----
    With twice instead of three times, certificates cost up to 6 % more answers in six settings of
    `bench/audit`; with five times they cost the same as with three.
    """
    rate = queue_rate(serves)
    if rate is None or left.estimate is None:
        return False
    most = target * serves.pool
    calm, quiet = rate <= 3 * target, rate <= target
    return (calm and left.estimate <= most) or (quiet and left.estimate <= 2 * most)


def draws_needed(
    target: float, pool: int, *, after: Serves | None = None, alpha: float = ALPHA
) -> int:
    """Further random draws that show a target if none of them finds anything wrong.

    The least a certificate costs; what the draws find makes it dearer.

    Parameters
    ----------
    target : float
        Share of the pool's labels that may stay wrong, strictly between 0 and 1.
    pool : int
        Examples when the epoch opened, at least 0.
    after : Serves
        What was served of it so far; by default nothing. Open answers are taken as right.
    alpha : float
        As in `wrong_left`.

    Returns
    -------
    int
        At least 0.

    Raises
    ------
    ValueError
        If the target or ``alpha`` is out of range, or the serves are of another pool.

    Notes
    -----
    In a large pool 77, 134, 209, 450, 972 for targets of 5, 3, 2, 1, 0.5 %.
    """
    check_alpha(alpha)
    serves = Serves.none(pool) if after is None else _all_known(after)
    if serves.pool != pool:
        raise ValueError(f"the serves are of a pool of {serves.pool:,} examples, not {pool:,}")
    evidence, most = PrefixEvidence(pool), allowed(pool, target)
    evidence.add(serves.draws())
    unserved, found = serves.unserved, serves.found()

    def shown_by(draws: int) -> bool:
        clean = CleanDraws(draws, unserved, found)
        return unserved - draws <= most or evidence.rules_out_after(
            clean, found + most + 1, alpha=alpha
        )

    return first_where(shown_by, 0, max(0, unserved - most))


def _all_known(serves: Serves) -> Serves:
    """Open answers as if they had come back right."""
    return Serves(serves.pool, serves.drawn, np.maximum(serves.outcome, np.int8(Outcome.RIGHT)))
