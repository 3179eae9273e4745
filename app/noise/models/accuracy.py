"""How good one model is on right labels, from what was reviewed of its test set."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from app.noise.limits import wilson

_ENDS = ("low", "high")


@dataclass(frozen=True, slots=True)
class Corrections:
    """Reviewed examples, by what their right label did to one model.

    ``gained``: the prediction is the right label and was not the given one; ``lost``: it was the
    given label and is not the right one (also where no label fits); ``reviewed``: all of them.
    """

    gained: int
    lost: int
    reviewed: int

    def __post_init__(self) -> None:
        if min(self.gained, self.lost) < 0 or self.gained + self.lost > self.reviewed:
            raise ValueError("what was gained and lost is part of what was reviewed")

    @property
    def net(self) -> int:
        return self.gained - self.lost


@dataclass(frozen=True, slots=True)
class AsDrawn:
    """What draws say where the queue went on between and after them.

    At the moment of a draw it speaks of what the queue had not served by then: on average of
    ``rest`` examples, while ``known`` was the net of those it had. ``gained`` and ``lost`` are
    shares of the draws, each weighted by the rest of its moment.
    """

    rest: float
    known: float
    gained: float
    lost: float


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Shares of right predictions, in [0, 1]: on given labels, and on right ones with bounds."""

    on_given: float
    estimate: float | None
    low: float
    high: float
    exact: bool


def accuracy(
    given_right: int,
    n: int,
    queue: Corrections,
    draws: Corrections,
    *,
    as_drawn: AsDrawn | None = None,
) -> Accuracy:
    """Share of right predictions on right labels, by the difference estimator.

    On given labels the share is known; review adds how far right labels move it. Of what the
    queue served that is known exactly; of all the rest uniform draws from it tell. Correcting
    only what the queue found leaves a third to two thirds of the bias and looks finished.

    Parameters
    ----------
    given_right : int
        Predictions that are the given label, among all ``n``.
    n : int
        Examples of the test set that stay: what left it is in none of these counts.
    queue : Corrections
        Every example that the queue served.
    draws : Corrections
        Uniform draws among the others, at one look: of the examples the queue never served.
    as_drawn : AsDrawn, optional
        Where the queue served some after the first draw: else what it found counts twice.

    Returns
    -------
    Accuracy
        Its bounds hold with 95 % at one look; no estimate before the first draw, unless the queue
        read everything.

    Raises
    ------
    ValueError
        If counts disagree.

    References
    ----------
    MOVER of two Wilson limits: Zou & Donner (2008), Stat. Med. 27:1693.
    """
    rest = n - queue.reviewed
    lost, gained = queue.lost + draws.lost, queue.gained + draws.gained
    if n <= 0 or rest < draws.reviewed or not lost <= given_right <= n - gained:
        raise ValueError("more predictions are right, or more was reviewed, than there is")
    unread, now = rest - draws.reviewed, given_right + gained - lost
    # What is unread may still lose the predictions that are right as given, or gain the others.
    least = (now - min(unread, given_right - lost)) / n
    most = (now + min(unread, n - given_right - gained)) / n
    if unread == 0:
        return Accuracy(given_right / n, least, least, least, exact=True)
    if draws.reviewed == 0:
        return Accuracy(given_right / n, None, least, most, exact=False)
    drawn = as_drawn or _of_the_rest(rest, queue, draws)
    estimate, low, high = _told_by(drawn, given_right, n, draws.reviewed)
    if low > most or high < least:  # they missed, as they may: what is certain
        low, high = least, most
    low, high = (min(max(bound, least), most) for bound in (low, high))
    return Accuracy(given_right / n, min(max(estimate, low), high), low, high, exact=False)


def _told_by(drawn: AsDrawn, given_right: int, n: int, draws: int) -> tuple[float, float, float]:
    """The share of right predictions by so many draws, and its bounds.

    Two shares of one sample go together (Zou & Donner 2008); both ways to the bound shrink by the
    root of what the draws left of the rest.
    """
    low, high = _moved(drawn, draws)
    middle = drawn.gained - drawn.lost
    left = math.sqrt(max(0.0, 1.0 - draws / drawn.rest))
    start = given_right + drawn.known
    ends = (middle, middle + left * (low - middle), middle + left * (high - middle))
    estimate, low, high = ((start + drawn.rest * one) / n for one in ends)
    return estimate, low, high


def together(parts: Sequence[tuple[int, Accuracy]]) -> Accuracy:
    """Share of right predictions over parts of a test set that were drawn from at unequal rates.

    Draws tell only of the part they are uniform draws of: were those of a part that was read to
    its end put together with those of a part hardly read, the first would count many times over.

    Parameters
    ----------
    parts : sequence of (int, Accuracy)
        How many examples each part has, and what is known of it.

    Returns
    -------
    Accuracy
        No estimate where a part has none: then its bounds are certain, and are added as they are.

    Raises
    ------
    ValueError
        If there is no example.

    References
    ----------
    MOVER of a sum of independent estimates: Zou & Donner (2008), Stat. Med. 27:1693.
    """
    n = sum(size for size, _ in parts)
    if n <= 0:
        raise ValueError("there is no example")
    shares = [(size / n, one) for size, one in parts if size]
    on_given = sum(share * one.on_given for share, one in shares)
    if any(one.estimate is None for _, one in shares):
        low, high = (sum(share * getattr(one, end) for share, one in shares) for end in _ENDS)
        return Accuracy(on_given, None, low, high, exact=False)
    known = [(share, one, one.estimate or 0.0) for share, one in shares]
    estimate = sum(share * middle for share, _, middle in known)
    down = math.sqrt(sum((share * (middle - one.low)) ** 2 for share, one, middle in known))
    up = math.sqrt(sum((share * (one.high - middle)) ** 2 for share, one, middle in known))
    exact = all(one.exact for _, one in shares)
    return Accuracy(on_given, estimate, estimate - down, estimate + up, exact)


def _of_the_rest(rest: int, queue: Corrections, draws: Corrections) -> AsDrawn:
    """Draws from what the queue has left, once it has served all it did."""
    gained, lost = draws.gained / draws.reviewed, draws.lost / draws.reviewed
    return AsDrawn(rest, queue.net, gained, lost)


def _moved(drawn: AsDrawn, of: int) -> tuple[float, float]:
    """Bounds of the share gained minus the share lost, by so many draws."""
    gained, lost = drawn.gained, drawn.lost
    (gained_low, gained_high), (lost_low, lost_high) = (
        wilson(min(share, 1.0) * of, of) for share in (gained, lost)
    )
    spread = max(0.0, gained * (1.0 - gained) * lost * (1.0 - lost))
    together = -gained * lost / math.sqrt(spread) if spread > 0.0 else 0.0
    down = _length(gained - gained_low, lost_high - lost, together)
    up = _length(gained_high - gained, lost - lost_low, together)
    return gained - lost - down, gained - lost + up


def _length(one: float, other: float, correlation: float) -> float:
    return math.sqrt(max(0.0, one * one + other * other - 2.0 * correlation * one * other))
