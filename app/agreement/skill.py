"""How well each reviewer reads each label, for whom to ask first."""

from __future__ import annotations

import numpy as np

from app.agreement.reviewer_quality import MOST_WEIGHT_OF_LIMITS
from app.arrays import Probs, Scores
from app.noise.limits import Z
from app.noise.shrinking import Counts, common_rate, shrunken_rates

LEAST_WEIGHT, MOST_WEIGHT = 1.0, 200.0
"""Answers that what is expected of a reviewer on a label weighs at least and at most."""


def lower_skills(right: Counts, answers: Counts) -> Probs:
    """Lower limits of how often each reviewer is right on examples that end with each label.

    A share of few answers is drawn towards what is expected there: how often the team is right on
    the label, moved by how much better or worse the reviewer is than the team on the labels they
    met. Without the label's part, whoever never met a hard one would seem to read it best.

    Parameters
    ----------
    right, answers : ndarray of shape (n_reviewers, n_labels)
        Of answers whose right outcome is known from others, by the label it is.

    Returns
    -------
    ndarray of shape (n_reviewers, n_labels)
        Lower ends of 95 % intervals (Wilson), in [0, 1); the expectation weighs in them at most 10
        answers, and as many as the spread of the shares around it says, if those are fewer.

    Raises
    ------
    ValueError
        If shapes disagree or more answers are right than there are.

    References
    ----------
    Beta-binomial by moments, overdispersion: Williams (1982), Appl. Stat. 31; Wilson (1927).
    """
    if right.shape != answers.shape or right.ndim != 2:
        raise ValueError("there must be one count of each kind a reviewer and label")
    if not ((right >= 0) & (right <= answers)).all():
        raise ValueError("right answers must lie between 0 and all of them")
    expected = _expected(right, answers)
    leaning = min(_weight(right, answers, expected), MOST_WEIGHT_OF_LIMITS)
    count = np.asarray(answers + leaning, dtype=np.float64)
    return _lower(np.asarray((right + leaning * expected) / count, dtype=np.float64), count)


def _expected(right: Counts, answers: Counts) -> Probs:
    """How hard each label is for all, moved on the log odds by how the reviewer does elsewhere.

    A reviewer is held against what anybody would get right on the labels they met.
    """
    asked = answers.sum(axis=1)
    common, weight = common_rate(right.sum(axis=1), asked)
    of_label = shrunken_rates(right.sum(axis=0), answers.sum(axis=0))
    own, anybody = (
        _log_odds((hits + weight * common) / (asked + weight))
        for hits in (right.sum(axis=1), answers @ of_label)
    )
    odds = np.exp(_log_odds(of_label)[None, :] + (own - anybody)[:, None])
    return np.asarray(odds / (1.0 + odds), dtype=np.float64)


def _weight(right: Counts, answers: Counts, expected: Probs) -> float:
    """How many answers the expectation is worth: few where shares spread wider than by chance."""
    variance = expected * (1.0 - expected)
    beyond = ((right - answers * expected) ** 2 - answers * variance).sum()
    couples = (answers * (answers - 1.0) * variance).sum()
    if couples <= 0.0:
        return MOST_WEIGHT
    alike = float(np.clip(beyond / couples, 1.0 / (MOST_WEIGHT + 1.0), 1.0 / (LEAST_WEIGHT + 1.0)))
    return 1.0 / alike - 1.0


def _lower(share: Scores, count: Scores) -> Probs:
    middle = share + Z * Z / (2.0 * count)
    half = Z * np.sqrt(share * (1.0 - share) / count + (Z / (2.0 * count)) ** 2)
    return np.asarray(np.maximum(0.0, (middle - half) / (1.0 + Z * Z / count)), dtype=np.float64)


def _log_odds(share: Scores) -> Scores:
    return np.asarray(np.log(share) - np.log1p(-share), dtype=np.float64)
