"""How often a reviewer is right, and who errs so much more than others that one should talk."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from app.arrays import Scores
from app.noise.limits import FEWEST, beta_quantile
from app.noise.shrinking import Counts, common_rate, shrunken_rates

CAREFUL = 0.035
"""Nobody is flagged for erring in 3 of 100 answers, however careful the others are."""

TIMES_THE_ODDS = 4.0
"""What is looked for: errors at four times the odds of the others (3.5 % of theirs make 13 %)."""

EVIDENCE = 25.0
"""How many times better that must explain the answers; by chance it ever does so in 1 of 25."""

MOST_WEIGHT_OF_LIMITS = 10.0
"""Limits do not lean on the common share by more answers than these. With the weight by moments
alone, up to 200, what should be inside in 95 of 100 cases was in 68 to 90; so it is in 92 to 98."""


@dataclass(frozen=True, slots=True)
class Quality:
    """One entry a reviewer: share of right answers with 95 % limits, in [0, 1].

    ``told``: there are answers enough (20) to show it.
    """

    share: Scores
    low: Scores
    high: Scores
    told: np.ndarray

    def limits(self, nth: int) -> tuple[float, float, float] | None:
        """The share of one reviewer and its limits, where there are answers enough."""
        if not self.told[nth]:
            return None
        return float(self.share[nth]), float(self.low[nth]), float(self.high[nth])


def quality(right: Counts, answers: Counts) -> Quality:
    """Shares of right answers, drawn towards the common one the more the fewer there are.

    Parameters
    ----------
    right, answers : ndarray of shape (n_reviewers,)
        Of answers whose right outcome is known: known answers, and reads asked for whatever the
        first answer was. Where the outcome is a consensus, the reviewer's own vote is not in it.

    Returns
    -------
    Quality
        Limits are the 2.5 and 97.5 % points of a beta distribution in which the common share
        weighs at most 10 answers.

    Raises
    ------
    ValueError
        If shapes disagree or more answers are right than there are.

    References
    ----------
    Beta-binomial by moments: `common_rate`.
    """
    if right.shape != answers.shape or right.ndim != 1:
        raise ValueError("there must be one count of each kind a reviewer")
    if not ((right >= 0) & (right <= answers)).all():
        raise ValueError("right answers must lie between 0 and all of them")
    common, weight = common_rate(right, answers)
    share = (right + weight * common) / (answers + weight)
    leaning = np.minimum(weight, MOST_WEIGHT_OF_LIMITS)
    a, b = right + leaning * common, answers - right + leaning * (1.0 - common)
    low, high = (
        np.array([beta_quantile(point, *both) for both in zip(a, b, strict=True)])
        for point in (0.025, 0.975)
    )
    told = answers >= FEWEST
    return Quality(share, np.minimum(low, share), np.maximum(high, share), told)


def is_flagged(wrong: int, answers: int, others_wrong: Counts, others_answers: Counts) -> bool:
    """Whether a reviewer errs clearly more than the others.

    The answers are explained by errors at four times the others' odds, and by errors as often as
    theirs: the median of their shares, drawn together as in `quality`, and at least 3.5 %.
    Flagged if the first explains them 25 times better.

    Parameters
    ----------
    wrong, answers : int
        Of the reviewer; the kind of answers as in `quality`.
    others_wrong, others_answers : ndarray of shape (n_others,)
        Of each other reviewer.

    Returns
    -------
    bool
        Never under 20 answers.

    Raises
    ------
    ValueError
        If more answers are wrong than there are, or fewer than none.

    References
    ----------
    Wald (1945), Sequential tests of statistical hypotheses, Ann. Math. Stat. 16.
    """
    if not 0 <= wrong <= answers or others_wrong.shape != others_answers.shape:
        raise ValueError("wrong answers must lie between 0 and all of them")
    if not ((others_wrong >= 0) & (others_wrong <= others_answers)).all():
        raise ValueError("wrong answers of others must lie between 0 and all of them")
    if answers < FEWEST:
        return False
    usual = CAREFUL
    asked = others_answers > 0
    if asked.any():
        rates = shrunken_rates(others_wrong[asked], others_answers[asked])
        usual = max(usual, float(np.median(rates)))
    odds = TIMES_THE_ODDS * usual / (1.0 - usual)
    often = odds / (1.0 + odds)
    evidence = wrong * math.log(often / usual)
    evidence += (answers - wrong) * math.log((1.0 - often) / (1.0 - usual))
    return evidence >= math.log(EVIDENCE)
