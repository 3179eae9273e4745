"""Answers that are alike but for what is asked about: the same quality, the same given label."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from app.arrays import Labels, Scores

LEAST_BANDS, MOST_BANDS, ANSWERS_A_BAND = 5, 20, 50
"""Quality is cut into bands of as many answers each: fifths, finer the more answers there are.

Inside a wide band quality still tells something, and what goes with quality looks like a
pattern; so bands are as narrow as the answers allow.
"""

ENOUGH_OF_A_CLASS = 25
"""With fewer answers a class does not stand alone but with classes like it."""

POOLS = 4
"""Small classes are put together by their mean quality into so many groups."""

_RIDGE = 1.0
_REACH = 2.0
_STEPS = 25
_LEAST_RATE, _MOST_RATE = 0.002, 0.95

Counts = NDArray[np.float64]


@dataclass(frozen=True)
class Answers:
    """What was reviewed: was the given label wrong, how good did it look, what was it.

    All of shape (n_answers,). ``wrong`` is what reviewers decided; ``quality`` is any score by
    which examples were picked for review, in any unit; ``given_labels`` are class indices.
    """

    wrong: NDArray[np.bool_]
    quality: Scores
    given_labels: Labels

    def __post_init__(self) -> None:
        shapes = {self.wrong.shape, self.quality.shape, self.given_labels.shape}
        if len(shapes) != 1 or self.wrong.ndim != 1:
            raise ValueError("wrong, quality and given_labels must have one entry an answer")
        if not np.isfinite(self.quality).all():
            raise ValueError("quality must be finite")

    def __len__(self) -> int:
        return len(self.wrong)


@dataclass(frozen=True)
class Strata:
    """The stratum of each answer, and of each stratum its band of quality and its classes."""

    of_answer: NDArray[np.intp]
    band: NDArray[np.intp]
    classes: NDArray[np.intp]

    def sizes(self) -> Counts:
        return np.bincount(self.of_answer, minlength=len(self.band)).astype(np.float64)

    def sums(self, values: NDArray[np.bool_] | Counts) -> Counts:
        sums = np.bincount(self.of_answer, weights=values, minlength=len(self.band))
        return np.asarray(sums, dtype=np.float64)


def quality_strata(answers: Answers) -> Strata:
    """Bands of quality; what the queue preferred is nearly the same inside each.

    Parameters
    ----------
    answers : Answers
        Selection for review must have followed quality or chance alone.

    Returns
    -------
    Strata
        Answers of equal quality are never parted, so there may be fewer bands.
    """
    return _crossed(_bands(answers.quality), np.zeros(len(answers), dtype=np.intp))


def class_strata(answers: Answers) -> Strata:
    """Bands of quality times given class: alike but for everything else.

    Classes with fewer than 25 answers are put together by their mean quality, which the
    answers have no part in.

    Parameters
    ----------
    answers : Answers
        Selection for review must have followed quality or chance alone.

    Returns
    -------
    Strata
        Neither the order of the answers nor that of the classes changes who is with whom.
    """
    return _crossed(_bands(answers.quality), _class_groups(answers))


def expected_rates(wrong: NDArray[np.bool_], strata: Strata) -> Scores:
    """The share of wrong labels to expect of each answer if only band and class matter.

    A logistic curve over the bands, bent once, with a shift for each group of classes that
    ridge 1 holds back. It is fitted to the counts of the strata alone, so shuffling answers
    inside strata leaves it as it is; a permutation test that uses it stays exact.

    Parameters
    ----------
    wrong : ndarray of bool, shape (n_answers,)
    strata : Strata

    Returns
    -------
    ndarray of shape (n_answers,)
        In ``[0.002, 0.95]``.
    """
    n_groups = int(strata.classes.max(initial=-1)) + 1
    top = max(1, int(strata.band.max(initial=0)))
    height = _REACH * (2 * strata.band / top - 1)
    shifts = np.eye(n_groups)[strata.classes]
    design = np.column_stack([np.ones(len(height)), height, height**2, shifts])
    penalty = np.full(design.shape[1], _RIDGE)
    penalty[0] = 1e-6
    sizes, hits = strata.sizes(), strata.sums(wrong)
    slope = np.zeros(design.shape[1])
    for _ in range(_STEPS):
        rates = _logistic(design @ slope)
        weight = np.maximum(sizes * rates * (1 - rates), 1e-6)
        bend = (design.T * weight) @ design + np.diag(penalty)
        pull = design.T @ (hits - sizes * rates) - penalty * slope
        slope = slope + np.clip(np.linalg.solve(bend, pull), -2.0, 2.0)
    rates = np.clip(_logistic(design @ slope), _LEAST_RATE, _MOST_RATE)
    return np.asarray(rates[strata.of_answer], dtype=np.float64)


def shuffled(
    wrong: NDArray[np.bool_], strata: Strata, times: int, *, rng: np.random.Generator
) -> csr_array:
    """The same answers dealt out anew inside their strata, again and again.

    Parameters
    ----------
    wrong : ndarray of bool, shape (n_answers,)
    strata : Strata
    times : int
    rng : numpy.random.Generator

    Returns
    -------
    csr_array of float32, shape (times, n_answers)
        1 where a deal says wrong; every row has as many in each stratum as there were.
    """
    by_stratum = np.argsort(strata.of_answer, kind="stable")
    n_wrong = int(np.count_nonzero(wrong))
    rows = np.empty((times, n_wrong), dtype=np.int32)
    for turn in range(times):
        at_random = np.argsort(strata.of_answer + rng.random(len(wrong)))
        rows[turn] = np.sort(by_stratum[wrong[at_random]])
    ends = np.arange(times + 1) * n_wrong
    ones = np.ones(rows.size, dtype=np.float32)
    return csr_array((ones, rows.ravel(), ends), shape=(times, len(wrong)))


def _bands(quality: Scores) -> NDArray[np.intp]:
    if len(quality) == 0:
        return np.zeros(0, dtype=np.intp)
    bands = min(MOST_BANDS, max(LEAST_BANDS, len(quality) // ANSWERS_A_BAND))
    edges = np.quantile(quality, np.arange(1, bands) / bands)
    return np.searchsorted(edges, quality).astype(np.intp)


def _class_groups(answers: Answers) -> NDArray[np.intp]:
    """A number for each large class; small ones share a number with classes of like quality."""
    classes, of_answer = np.unique(answers.given_labels, return_inverse=True)
    sizes = np.bincount(of_answer, minlength=len(classes))
    means = np.bincount(of_answer, weights=answers.quality, minlength=len(classes)) / sizes
    small = sizes < ENOUGH_OF_A_CLASS
    groups = np.arange(len(classes))
    if small.any():
        edges = np.quantile(means[small], np.arange(1, POOLS) / POOLS)
        groups[small] = len(classes) + np.searchsorted(edges, means[small])
    return groups[of_answer]


def _crossed(bands: NDArray[np.intp], groups: NDArray[np.intp]) -> Strata:
    _, groups = np.unique(groups, return_inverse=True)
    codes, of_answer = np.unique(groups * MOST_BANDS + bands, return_inverse=True)
    return Strata(of_answer.astype(np.intp), codes % MOST_BANDS, codes // MOST_BANDS)


def _logistic(values: Counts) -> Counts:
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(values, -30.0, 30.0))), dtype=np.float64)
