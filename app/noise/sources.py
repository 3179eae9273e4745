"""Which source brought in the wrong labels: an annotator, a vendor, a model, a rule."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2, fisher_exact

from app.arrays import Scores
from app.noise.limits import FEWEST
from app.noise.shrinking import Counts, shrunken_rates

ALPHA = 0.05
MOST_FROM, FEW_TO = 0.5, 0.2
"""More than half of the wrong labels are "most", fewer than a fifth are "few"."""

_RESAMPLES = 1_000
_UNSEEN_WRONG = 1 / 3
"""Measured: limits hold the true share in 96 of 100 cases, and in 87 at the worst."""


class Part(StrEnum):
    """How much of the wrong labels came by one source, as far as can be told."""

    MOST = "most"
    SOME = "some"
    FEW = "few"
    UNCLEAR = "not enough checks to say"


@dataclass(frozen=True)
class Tally:
    """One entry a source: ``wrong`` of ``checked`` examples, drawn at random, of ``size``."""

    wrong: Counts
    checked: Counts
    size: Counts

    def __post_init__(self) -> None:
        if len({self.wrong.shape, self.checked.shape, self.size.shape}) != 1:
            raise ValueError("wrong, checked and size must have one entry a source")
        if not ((self.wrong >= 0) & (self.wrong <= self.checked)).all():
            raise ValueError("wrong must lie between 0 and checked")
        if (self.checked > self.size).any():
            raise ValueError("a source cannot have more checks than examples")


@dataclass(frozen=True)
class Comparison:
    """One entry a source, in the order they came.

    ``p``: against all others, after Holm; ``differs``: p at most 0.05. ``named``: has checks
    enough to be shown by name.
    """

    p: Scores
    differs: NDArray[np.bool_]
    named: NDArray[np.bool_]


@dataclass(frozen=True)
class Attribution:
    """Share of all wrong labels that came by each source, with 95 % limits, and in words."""

    share: Scores
    low: Scores
    high: Scores
    part: tuple[Part, ...]


@dataclass(frozen=True)
class Stratified:
    """One source against the others at equal second factor: odds ratio (may be inf) and p."""

    odds_ratio: float
    p: float


def compare_sources(tally: Tally) -> Comparison:
    """Test each source against all others together.

    Fisher's exact test, two-sided, with Holm's correction over the sources, so that the chance
    to call any source different when none is stays at most 5 %.

    Parameters
    ----------
    tally : Tally

    Returns
    -------
    Comparison

    References
    ----------
    Holm (1979), A simple sequentially rejective multiple test procedure, Scand. J. Stat. 6.
    """
    right = tally.checked - tally.wrong
    raw = np.ones(len(tally.wrong))
    for source in range(len(raw)):
        others = [tally.wrong.sum() - tally.wrong[source], right.sum() - right[source]]
        raw[source] = fisher_exact([[tally.wrong[source], right[source]], others]).pvalue
    p = holm(raw)
    return Comparison(p=p, differs=p <= ALPHA, named=tally.checked >= FEWEST)


def holm(p: Scores) -> Scores:
    """Holm's adjusted p, in the order they came.

    Parameters
    ----------
    p : ndarray of shape (n_tests,)

    Returns
    -------
    ndarray of shape (n_tests,)
        At most 1; as many of them are at most alpha as Holm's procedure rejects.
    """
    order = np.argsort(p, kind="stable")
    steps = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    adjusted = np.empty(len(p))
    adjusted[order] = np.minimum(steps, 1.0)
    return adjusted


def attribution(tally: Tally, *, rng: np.random.Generator) -> Attribution:
    """How much of the wrong labels each source brought in.

    Share of a source: examples times shrunken rate, over the sum of the same. Limits: each
    source's own rate drawn 1,000 times from what its checks leave open (a third of a wrong
    label in one more check, so that a source without wrong ones may still have some), not
    shrunken, for that hides the one source that is far out. Shares of few checks are far off
    (up to 34 points at 200), hence words: most if the limits lie above a half, few if below a
    fifth, some in between.

    Parameters
    ----------
    tally : Tally
    rng : numpy.random.Generator

    Returns
    -------
    Attribution
        ``share`` sums to 1.
    """
    right = tally.checked - tally.wrong
    drawn = rng.beta(
        tally.wrong + _UNSEEN_WRONG,
        right + 1 - _UNSEEN_WRONG,
        size=(_RESAMPLES, len(tally.wrong)),
    )
    again = _shares(drawn, tally.size)
    share = _shares(shrunken_rates(tally.wrong, tally.checked), tally.size)
    low, high = (np.quantile(again, point, axis=0) for point in (0.025, 0.975))
    # The share that is shown belongs to the interval, however the draws lean.
    low, high = np.minimum(low, share), np.maximum(high, share)
    return Attribution(share, low, high, tuple(map(_in_words, low, high)))


def at_equal_factor(wrong: Counts, checked: Counts, source: int) -> Stratified:
    """Whether a source differs from the others where a second factor is the same.

    Mantel-Haenszel over the values of the factor (a guideline version, a batch): a source
    that only worked under the worse version is not blamed for it.

    Parameters
    ----------
    wrong : ndarray of shape (n_sources, n_values)
        Wrong labels by source and value of the factor.
    checked : ndarray of shape (n_sources, n_values)
    source : int
        Row of the source that is asked about.

    Returns
    -------
    Stratified
        p with continuity correction; 1 and an odds ratio of nan if no value of the factor has
        checks of both the source and others with a wrong label among them.

    References
    ----------
    Mantel and Haenszel (1959), J. Natl. Cancer Inst. 22.
    """
    hit, asked = wrong[source].astype(float), checked[source].astype(float)
    hit_others, others = wrong.sum(axis=0) - hit, checked.sum(axis=0) - asked
    total, hits = asked + others, hit + hit_others
    tells = (asked > 0) & (others > 0) & (hits > 0) & (hits < total)
    if not tells.any():
        return Stratified(float("nan"), 1.0)
    hit, asked, hit_others, others = (one[tells] for one in (hit, asked, hit_others, others))
    total, hits = total[tells], hits[tells]
    away = abs(float((hit - asked * hits / total).sum()))
    variance = (asked * others * hits * (total - hits) / (total**2 * (total - 1))).sum()
    p = float(chi2.sf(max(0.0, away - 0.5) ** 2 / variance, 1))
    more = float((hit * (others - hit_others) / total).sum())
    fewer = float((hit_others * (asked - hit) / total).sum())
    return Stratified(more / fewer if fewer else float("inf"), p)


def _shares(rates: Scores, size: Counts) -> Scores:
    brought = rates * size
    return np.asarray(brought / np.maximum(brought.sum(axis=-1, keepdims=True), 1e-12))


def _in_words(low: float, high: float) -> Part:
    if low > MOST_FROM:
        return Part.MOST
    if high < FEW_TO:
        return Part.FEW
    return Part.UNCLEAR if low < FEW_TO and high > MOST_FROM else Part.SOME
