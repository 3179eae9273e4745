"""How often a reviewer is right, and who errs so much more than others that one should talk."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from app.arrays import Scores
from app.noise.limits import FEWEST, beta_quantile
from app.noise.shrinking import Counts, common_rate

CAREFUL = 0.03
"""Nobody is flagged for erring in 3 of 100 answers, however careful the others are."""

TIMES_THE_ODDS = 5.0
"""What is looked for: errors at five times the odds of the others (3 % of theirs make 13 %)."""

EVIDENCE = 30.0
"""How many times better that must explain the answers; by chance it ever does so in 1 of 30."""


@dataclass(frozen=True, slots=True)
class Quality:
    """One entry a reviewer: share of right answers with 95 % limits, in [0, 1].

    ``told``: there are answers enough (20) to show it.
    """

    share: Scores
    low: Scores
    high: Scores
    told: np.ndarray


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
        Limits are the 2.5 and 97.5 % points of the beta distribution behind each share.

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
    a = right + weight * common
    b = answers - right + weight * (1.0 - common)
    low, high = (
        np.array([beta_quantile(point, *both) for both in zip(a, b, strict=True)])
        for point in (0.025, 0.975)
    )
    return Quality(a / (a + b), low, high, answers >= FEWEST)


def is_flagged(wrong: tuple[int, int], answers: tuple[int, int]) -> bool:
    """Whether a reviewer errs clearly more than the others.

    The answers are explained by errors at five times the others' odds, and by errors as often as
    the others' (at least 3 %). Flagged if the first explains them 30 times better. Looked at
    after every answer, that happens to somebody no worse than the others in at most 1 of 30
    cases.

    Parameters
    ----------
    wrong, answers : tuple of int
        Of the reviewer, and of all others together; the kind of answers as in `quality`.

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
    if not (0 <= wrong[0] <= answers[0] and 0 <= wrong[1] <= answers[1]):
        raise ValueError("wrong answers must lie between 0 and all of them")
    if answers[0] < FEWEST:
        return False
    usual = max(CAREFUL, (wrong[1] + 0.5) / (answers[1] + 1.0) if answers[1] else 0.0)
    odds = TIMES_THE_ODDS * usual / (1.0 - usual)
    often = odds / (1.0 + odds)
    evidence = wrong[0] * math.log(often / usual)
    evidence += (answers[0] - wrong[0]) * math.log((1.0 - often) / (1.0 - usual))
    return evidence >= math.log(EVIDENCE)
