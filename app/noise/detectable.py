"""How large a group must be to have shown among the answers there are."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from scipy.special import ndtri
from scipy.stats import binom

from app.arrays import Scores
from app.noise.probe import FIRST, IN_ALL, wrong_needed
from app.noise.slice_test import LEAST_SUPPORT, weights_of
from app.noise.strata import Answers, class_strata, expected_rates

MOSTLY_WRONG = 0.6
""""Most labels wrong" is taken as six in ten."""

PROBABLY = 0.8
"""A group would "probably" have shown if it does in 8 of 10 cases."""

SHARES = (0.005, 0.01, 0.015, 0.02, 0.03, 0.05, 0.07, 0.10, 0.15, 0.20)
"""Sizes of group that are tried, as shares of the data."""

_DRAWS = 400


HALF_BLIND = 0.6
"""What the model is taken to see in the group: the AUROC of its wrong labels there."""

_SHIFT = NormalDist().inv_cdf(HALF_BLIND) * 2**0.5
_DRAWS = 400


@dataclass(frozen=True)
class Hurdle:
    """What a group must pass: its evidence that of the last candidate probed, then the probe.

    ``evidence`` is 0 if every candidate was probed that had any; ``limit`` is that of
    ``probe.limit_share``.
    """

    evidence: float
    limit: float


@dataclass(frozen=True)
class Detectable:
    """The smallest group that would probably have shown, and how probably.

    ``share`` of the data, None if not even a fifth of it would; ``power`` at that share, or at
    the largest one tried.
    """

    share: float | None
    power: float


def detectable(
    answers: Answers, all_quality: Scores, hurdle: Hurdle, *, rng: np.random.Generator
) -> Detectable:
    """Find the smallest group that the slice test and the probe together would have confirmed.

    Parameters
    ----------
    answers : Answers
    all_quality : ndarray of shape (n_examples,)
        Quality of all examples, answered or not, in the unit of the answers'.
    hurdle : Hurdle
    rng : numpy.random.Generator

    Returns
    -------
    Detectable
        Of a few sizes between 0.5 and 20 % of the data.
    """
    power = 0.0
    for share in SHARES:
        power = power_at(share, answers, all_quality, hurdle, rng=rng)
        if power >= PROBABLY:
            return Detectable(share, power)
    return Detectable(None, power)


def power_at(
    share: float,
    answers: Answers,
    all_quality: Scores,
    hurdle: Hurdle,
    *,
    rng: np.random.Generator,
) -> float:
    """How probably a group of this size, 60 % of it wrong, would have been confirmed.

    Simulated on these very answers. The group's right labels look like others; its wrong ones
    only a little worse (AUROC 0.6), so the queue hardly brings them up: an answer whose quality
    is z standard scores below the middle of all stands for exp(d z - d²/2) as many wrong labels
    of the group as right ones, d = 0.36. The group shows if its evidence beats that of the last
    candidate probed and if fresh examples then confirm it.

    Parameters
    ----------
    share : float
        Of the data, in ``(0, 1)``.
    answers, all_quality, hurdle, rng
        As in ``detectable``.

    Returns
    -------
    float
    """
    below = _below_the_middle(answers.quality, all_quality)
    wrong = MOSTLY_WRONG * np.exp(_SHIFT * below - _SHIFT**2 / 2)
    standing_for = wrong + 1 - MOSTLY_WRONG
    times = rng.poisson(share * standing_for, size=(_DRAWS, len(answers)))
    draw, who = np.nonzero(times)
    draw, who = (np.repeat(one, times[times > 0]) for one in (draw, who))
    is_wrong = rng.random(len(who)) < (wrong / standing_for)[who]
    rates = expected_rates(answers.wrong, class_strata(answers))
    total = np.full(_DRAWS, -np.inf)
    shapes = weights_of(rates)
    for beyond, right in shapes:
        ratio = np.bincount(draw, weights=right[who] + beyond[who] * is_wrong, minlength=_DRAWS)
        total = np.logaddexp(total, ratio)
    evidence = total - np.log(len(shapes))
    evidence[np.bincount(draw, minlength=_DRAWS) < LEAST_SUPPORT] = -np.inf
    shows = float(np.mean(evidence > max(hurdle.evidence, 0.0)))
    return shows * _chance_to_confirm(hurdle.limit)


def _below_the_middle(quality: Scores, all_quality: Scores) -> Scores:
    """How many standard scores worse than the middle of all, by rank."""
    ranked = np.sort(all_quality)
    better = len(ranked) - np.searchsorted(ranked, quality, side="right")
    return np.asarray(ndtri((better + 0.5) / (len(ranked) + 1)), dtype=np.float64)


def _chance_to_confirm(limit: float) -> float:
    """That a group passes both rounds of the probe: some of the first wrong, enough of all."""
    needed = wrong_needed(IN_ALL, limit)
    first = np.arange(1, FIRST + 1)
    still = binom.sf(needed - first - 1, IN_ALL - FIRST, MOSTLY_WRONG)
    return float((binom.pmf(first, FIRST, MOSTLY_WRONG) * still).sum())
