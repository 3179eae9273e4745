"""At how many wrong labels in a test set one model would overtake another."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from app.noise.limits import wilson

FEWEST_WRONG = 300
"""Under so many confirmed wrong labels the interval of a flip is too wide to be told."""

RESAMPLES = 2_000


class Flip(StrEnum):
    """Whether wrong labels would change which model is ahead."""

    AT = "flips"
    NEVER = "does not flip"
    POSSIBLE = "flip possible"
    NOT_SEEN = "flip not seen"


@dataclass(frozen=True, slots=True)
class Pair:
    """Examples of one kind, by which of two models predicts their right label."""

    first_only: int
    second_only: int
    both: int
    neither: int

    def __post_init__(self) -> None:
        if min(self.first_only, self.second_only, self.both, self.neither) < 0:
            raise ValueError("there are no fewer examples than none")

    @property
    def size(self) -> int:
        return self.first_only + self.second_only + self.both + self.neither

    @property
    def lead(self) -> float:
        """Share that only the second predicts minus share that only the first does."""
        return (self.second_only - self.first_only) / self.size if self.size else 0.0


@dataclass(frozen=True, slots=True)
class FlipPoint:
    """A share of wrong labels in [0, 1], and its interval, as far as they are told.

    An interval that ends at 1 says that it may be that nothing flips.
    """

    flip: Flip
    share: float | None = None
    low: float | None = None
    high: float | None = None


def accuracy_at(wrong: float, clean: float, mislabeled: float) -> float:
    """Share of right predictions in a test set where this share of labels was wrong.

    Parameters
    ----------
    wrong : float
        Share of examples with a wrong label, in ``[0, 1]``.
    clean, mislabeled : float
        Shares of predictions that are the right label, among examples whose given label is right
        and among those whose label is wrong; both in ``[0, 1]``.

    Returns
    -------
    float
        In ``[0, 1]``.

    References
    ----------
    Northcutt, Athalye & Mueller (2021), arXiv:2103.14749: the noise prevalence of a test set.
    """
    return (1.0 - wrong) * clean + wrong * mislabeled


def band_at(
    wrong: float, clean: tuple[int, int], mislabeled: tuple[int, int]
) -> tuple[float, float]:
    """Bounds, 95 %, of `accuracy_at`: two samples, MOVER of their Wilson limits.

    Parameters
    ----------
    wrong : float
        In ``[0, 1]``.
    clean, mislabeled : tuple of int
        Right predictions and examples of each kind.

    Returns
    -------
    tuple of float
        In ``[0, 1]``.
    """
    weights = (1.0 - wrong, wrong)
    middle = down = up = 0.0
    for weight, (hits, of) in zip(weights, (clean, mislabeled), strict=True):
        share = hits / of if of else 0.5
        low, high = wilson(hits, of)
        middle += weight * share
        down += (weight * (share - low)) ** 2
        up += (weight * (high - share)) ** 2
    return max(0.0, middle - math.sqrt(down)), min(1.0, middle + math.sqrt(up))


def flip_point(
    clean: Pair, mislabeled: Pair, *, rng: np.random.Generator, resamples: int = RESAMPLES
) -> FlipPoint:
    """The share of wrong labels at which the model that is ahead on clean examples is overtaken.

    Both lines of `accuracy_at` are straight, so they cross at a / (a - b), where a is the lead
    on clean and b that on mislabeled examples, if a and b have opposite signs.

    Parameters
    ----------
    clean, mislabeled : Pair
        Reviewed examples whose given label was right, and those whose label was wrong, both
        judged by the right label.
    rng : numpy.random.Generator
        For the bootstrap; models are resampled together, kinds apart.
    resamples : int
        Of the bootstrap.

    Returns
    -------
    FlipPoint
        Under 300 wrong labels only whether a flip is possible or was not seen.

    Notes
    -----
    The interval is the middle 95 % of where resampled lines cross. A resampled leader that is
    never overtaken counts as 1, one that leads nowhere as 0.
    """
    a, b = clean.lead, mislabeled.lead
    crosses = a * b < 0.0
    if mislabeled.size < FEWEST_WRONG:
        return FlipPoint(Flip.POSSIBLE if crosses else Flip.NOT_SEEN)
    sign = math.copysign(1.0, a or -b)
    ahead, behind = (sign * _leads(pair, rng, resamples) for pair in (clean, mislabeled))
    ends = np.quantile(_crossings(ahead, behind), (0.025, 0.975), method="nearest")
    low, high = float(ends[0]), float(ends[1])
    if crosses:
        share = a / (a - b)
        return FlipPoint(Flip.AT, share, min(low, share), max(high, share))
    return FlipPoint(Flip.NEVER) if low == 1.0 else FlipPoint(Flip.POSSIBLE, None, low, high)


def _leads(pair: Pair, rng: np.random.Generator, resamples: int) -> np.ndarray:
    rest = pair.both + pair.neither
    shares = np.array([pair.first_only, pair.second_only, rest]) / pair.size
    drawn = rng.multinomial(pair.size, shares, size=resamples)
    leads: np.ndarray = (drawn[:, 1] - drawn[:, 0]) / pair.size
    return leads


def _crossings(ahead: np.ndarray, behind: np.ndarray) -> np.ndarray:
    """Where the leader of all examples loses its lead: 0 if it has none, 1 if it never does."""
    crosses = (ahead > 0.0) & (behind < 0.0)
    gap = np.where(crosses, ahead - behind, 1.0)
    return np.where(crosses, ahead / gap, (ahead > 0.0).astype(np.float64))
