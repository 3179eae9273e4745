"""Whether random checks keep finding errors that the ranking does not see."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.noise.left import ALPHA, check_alpha
from app.noise.serves import Outcome, Serves
from app.noise.stopping import RECENT

Floats = NDArray[np.float64]

DRAWN_TOWARDS = 20
"""Draws that the queue's rate is worth against them: a single hit starts no alarm."""

MOST_PROMISED = 0.999
"""Above it no draw could break the promise."""

LEAST_QUEUE = 50
"""Queue answers below which the ranking has promised nothing yet."""


@dataclass(frozen=True, slots=True)
class Unseen:
    """Random draws against what the queue's own finds promise.

    Attributes
    ----------
    draws, hits : int
        Random draws that were compared, and how many of them were wrong.
    promised : float
        Wrong ones among so many by the rate that the queue found just before each.
    evidence : float
        At least 0; above 1 speaks for errors that the ranking does not see.
    alarm : bool
        Whether to say so.
    """

    draws: int
    hits: int
    promised: float
    evidence: float
    alarm: bool


def unseen_errors(serves: Serves, *, since: int = 0, alpha: float = ALPHA) -> Unseen:
    """Compare random draws with the queue: a ranking that works leaves less than it finds.

    What the ranking puts first should be wrong at least as often as a random example of the rest.
    Tested is: no draw was likelier wrong than the share found among the 500 queue answers before
    it, plus its standard error and half an error. Before each draw a bet against it is made if
    the 500 draws before were wrong more often; what is won and lost multiplies. As long as the
    ranking keeps its promise, this ever exceeds ``1 / alpha`` with probability of at most
    ``alpha``, however often one looks.

    Parameters
    ----------
    serves : Serves
        All serves of the epoch. Open draws count as right, open queue answers as wrong: both
        speak for the ranking.
    since : int
        Serves before the ranking that is judged was served; they are left out.
    alpha : float
        Chance of a false alarm, strictly between 0 and 1.

    Returns
    -------
    Unseen

    Raises
    ------
    ValueError
        If ``alpha`` is out of range.

    References
    ----------
    Waudby-Smith & Ramdas (2024), Estimating means of bounded random variables by betting,
    arXiv:2010.09686: the product of bets is a martingale.
    """
    check_alpha(alpha)
    queue, outcome = serves.queue[since:], serves.outcome[since:]
    places = np.flatnonzero(serves.drawn[since:])
    queue_before = np.cumsum(queue, dtype=np.int64)[places]
    promise = _promise(outcome[queue] != Outcome.RIGHT, queue_before)
    hit = outcome[places] == Outcome.WRONG
    told = queue_before >= LEAST_QUEUE
    promise, hit = promise[told], hit[told]
    stake = np.maximum(promise, _recent_rate(hit, promise))
    logs = np.where(hit, np.log(stake / promise), np.log((1.0 - stake) / (1.0 - promise)))
    total = float(logs.sum())
    return Unseen(
        draws=len(hit),
        hits=int(hit.sum()),
        promised=float(promise.sum()),
        evidence=math.exp(min(total, 700.0)),
        alarm=total >= math.log(1.0 / alpha),
    )


def _promise(wrong: NDArray[np.bool_], before: NDArray[np.int64]) -> Floats:
    """Share of wrong ones among the last queue answers before each draw, read generously."""
    sums = np.append(0, np.cumsum(wrong, dtype=np.int64))
    first = np.maximum(before - RECENT, 0)
    found = sums[before] - sums[first]
    promised = (found + np.sqrt(found) + 0.5) / (before - first + 1.0)
    return np.asarray(np.minimum(promised, MOST_PROMISED), dtype=np.float64)


def _recent_rate(hit: NDArray[np.bool_], promise: Floats) -> Floats:
    """Share of wrong ones among the draws before each, drawn towards the promise."""
    sums = np.append(0, np.cumsum(hit, dtype=np.int64))
    number = np.arange(len(hit))
    first = np.maximum(number - RECENT, 0)
    hits = sums[number] - sums[first]
    return np.asarray((hits + DRAWN_TOWARDS * promise) / (number - first + DRAWN_TOWARDS))
