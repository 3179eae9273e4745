"""Whether two sets of examples differ in content, whatever their labels."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray
from scipy.stats import fisher_exact, rankdata

from app.arrays import Embeddings, Scores
from app.noise.limits import newcombe

MOST_ROWS = 2_000
"""Of each set so many at random: more cost time and show what is too small to matter."""

FEWEST_ROWS = 50
"""With fewer in either set nothing is said."""

PERMUTATIONS = 200
FOLDS = 5

_MOST_DIRECTIONS = 30
_ROWS_A_DIRECTION = 10
"""Of the smaller set, so that few rows are not told apart by chance directions."""

_MOST_COLUMNS = 256
"""Longer vectors are projected at random first: the cost stays bounded."""

_LOOKED_AT = 3
"""So many times as many rows are searched for equal ones."""

_FAR = 3.0
"""Standard deviations beyond which a value counts as this far: one odd row decides nothing."""

_PROBABLY = NormalDist().inv_cdf(0.8)

Rows = NDArray[np.float64]


@dataclass(frozen=True)
class Difference:
    """How well a model tells one set from the other, and how surely it is not by chance.

    ``told_apart``: of one example of each set, how often the model says rightly which is which,
    0.5 by chance (AUROC). ``p``: of as much by chance. ``shows``: what would have shown in 8 of 10
    cases at the level that was asked for. ``rows``: how many of each set were looked at.
    """

    told_apart: float
    p: float
    shows: float
    rows: tuple[int, int]


@dataclass(frozen=True)
class ErrorGap:
    """Wrong labels of one set against those of another: exact p, and limits of the difference."""

    p: float
    low: float
    high: float


def two_sample(
    first: Embeddings,
    second: Embeddings,
    *,
    rng: np.random.Generator,
    alpha: float = 0.05,
    permutations: int = PERMUTATIONS,
) -> Difference | None:
    """Train a model to tell two sets apart, and see whether it can on rows it has not seen.

    A classifier two-sample test: at most 2,000 rows of each; their first directions (up to 30,
    each scaled to variance 1) and the squares of these; ridge regression in five folds; the mean
    of the folds' AUROC. The very same is done with set membership shuffled inside folds, so p is
    exact for exchangeable rows, however badly the model fits. Equal vectors count once: copies
    that stand in one set alone would be told apart by themselves.

    Parameters
    ----------
    first, second : ndarray of shape (n_rows, n_dimensions)
        Finite, in any unit.
    rng : numpy.random.Generator
        Draws rows, folds and permutations.
    alpha : float
        Level at which ``shows`` is told: 0.05 by the number of tests that are made together.
    permutations : int

    Returns
    -------
    Difference or None
        ``told_apart`` and ``shows`` in ``[0, 1]``, ``p`` in ``(0, 1]``. None if either set has
        fewer than 50 different rows, or no direction has any spread.

    Raises
    ------
    ValueError
        If the sets do not have the same dimensions, a number is not finite, or there is no
        permutation.

    References
    ----------
    Lopez-Paz and Oquab (2017), Revisiting classifier two-sample tests, ICLR.
    Rabanser, Guennemann and Lipton (2019), Failing loudly, NeurIPS.
    """
    _check(first, second, permutations)
    rows, is_first = _drawn(first, second, rng)
    sizes = (int(is_first.sum()), int((~is_first).sum()))
    if min(sizes) < FEWEST_ROWS:
        return None
    features = _features(rows, min(sizes) // _ROWS_A_DIRECTION, rng)
    if features.shape[1] == 0:
        return None
    folds = _folds(is_first, rng)
    apart = _told_apart(features, folds, _shuffled(is_first, folds, permutations, rng))
    seen, by_chance = float(apart[0]), apart[1:]
    as_much = np.count_nonzero(by_chance >= seen - 1e-12)
    reach = NormalDist().inv_cdf(1 - alpha) + _PROBABLY
    shows = float(by_chance.mean() + reach * by_chance.std())
    return Difference(seen, float((1 + as_much) / (1 + permutations)), min(1.0, shows), sizes)


def error_gap(wrong: tuple[int, int], checked: tuple[int, int]) -> ErrorGap:
    """Compare the wrong labels among random checks of two sets.

    Parameters
    ----------
    wrong, checked : tuple of int
        Of the first and of the second set.

    Returns
    -------
    ErrorGap
        ``p`` of Fisher's exact test, two-sided; ``low`` and ``high``, in ``[-1, 1]``, of the share
        of the first minus that of the second, 95 %.

    Raises
    ------
    ValueError
        If there are more wrong ones than checks.

    References
    ----------
    Limits by `newcombe`.
    """
    low, high = newcombe(wrong, checked)
    if 0 in checked:
        return ErrorGap(1.0, low, high)
    right = [of - hits for hits, of in zip(wrong, checked, strict=True)]
    return ErrorGap(float(fisher_exact([list(wrong), right]).pvalue), low, high)


def _check(first: Embeddings, second: Embeddings, permutations: int) -> None:
    if first.ndim != 2 or second.ndim != 2 or first.shape[1] != second.shape[1]:
        raise ValueError("both sets must hold one vector a row, all of one length")
    if not (np.isfinite(first).all() and np.isfinite(second).all()):
        raise ValueError("every number must be finite")
    if permutations < 1:
        raise ValueError("at least one permutation is needed")


def _drawn(
    first: Embeddings, second: Embeddings, rng: np.random.Generator
) -> tuple[Rows, NDArray[np.bool_]]:
    """Different rows in random order, of each set at most so many."""
    looked_at = [
        one[rng.permutation(len(one))[: _LOOKED_AT * MOST_ROWS]] for one in (first, second)
    ]
    rows = np.concatenate(looked_at)
    is_first = np.arange(len(rows)) < len(looked_at[0])
    order = rng.permutation(len(rows))
    plain = np.ascontiguousarray(rows[order] + 0.0)  # -0.0 is 0.0
    names = plain.view(np.dtype((np.void, plain.dtype.itemsize * plain.shape[1]))).ravel()
    if plain.shape[1]:
        order = order[np.sort(np.unique(names, return_index=True)[1])]
    mine, others = order[is_first[order]][:MOST_ROWS], order[~is_first[order]][:MOST_ROWS]
    taken = np.concatenate([mine, others])
    return rows[taken].astype(np.float64), is_first[taken]


def _features(rows: Rows, most: int, rng: np.random.Generator) -> Rows:
    """First directions scaled to variance 1, and their squares, blind to which set a row is of."""
    if rows.shape[1] > _MOST_COLUMNS:
        rows = rows @ rng.standard_normal((rows.shape[1], _MOST_COLUMNS)) / rows.shape[1] ** 0.5
    scale = float(np.abs(rows).max(initial=0.0)) or 1.0
    centred = rows / scale - (rows / scale).mean(axis=0)
    spread, directions = np.linalg.eigh(centred.T @ centred / len(rows))
    order = np.argsort(-spread)[: min(most, _MOST_DIRECTIONS)]
    least = max(1e-24, 1e-10 * float(spread.max(initial=0.0)))
    order = order[spread[order] > least]
    scaled = np.clip(centred @ directions[:, order] / np.sqrt(spread[order]), -_FAR, _FAR)
    squares = scaled**2
    return np.hstack([scaled, squares - squares.mean(axis=0)])


def _folds(is_first: NDArray[np.bool_], rng: np.random.Generator) -> NDArray[np.intp]:
    """Each set is dealt evenly."""
    folds = np.empty(len(is_first), dtype=np.intp)
    for side in (is_first, ~is_first):
        folds[side] = rng.permutation(np.arange(side.sum()) % FOLDS)
    return folds


def _shuffled(
    is_first: NDArray[np.bool_], folds: NDArray[np.intp], times: int, rng: np.random.Generator
) -> NDArray[np.bool_]:
    """Membership as it is in the first column, shuffled inside folds in the others."""
    dealt = np.repeat(is_first[:, None], 1 + times, axis=1)
    for fold in range(FOLDS):
        rows = np.flatnonzero(folds == fold)
        dealt[rows, 1:] = rng.permuted(dealt[rows, 1:], axis=0)
    return dealt


def _told_apart(features: Rows, folds: NDArray[np.intp], dealt: NDArray[np.bool_]) -> Scores:
    """AUROC of each column of ``dealt``, by models that have not seen the fold they judge."""
    total = np.zeros(dealt.shape[1])
    ridge = features.shape[1] * np.eye(features.shape[1])
    for fold in range(FOLDS):
        inside = folds == fold
        seen = features[~inside]
        wanted = dealt[~inside] - dealt[~inside].mean(axis=0)
        slope = np.linalg.solve(seen.T @ seen + ridge, seen.T @ wanted)
        total += _auroc(features[inside] @ slope, dealt[inside])
    return total / FOLDS


def _auroc(scores: Rows, is_first: NDArray[np.bool_]) -> Scores:
    n_first = is_first.sum(axis=0)
    ranks = (rankdata(scores, axis=0) * is_first).sum(axis=0)
    return np.asarray((ranks - n_first * (n_first + 1) / 2) / (n_first * (len(scores) - n_first)))
