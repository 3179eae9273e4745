"""Examples that lie far from the others of their label."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.arrays import Embeddings, Labels, Scores
from app.scoring.fences import OUTSIDE, fences

FEWEST = 20
"""Labels with fewer members have no fence: their quartiles tell nothing."""

NEAREST = 10
"""Members whose likeness is averaged. 5, 10 and 20 marked the same examples, but for one in ten."""

MOST_REFERENCES = 512
"""Members an example is compared with, so that the work grows with the examples alone."""

_CHUNK = 4096


@dataclass(frozen=True)
class Outliers:
    """``scores``: NaN where there is nothing to compare; ``marked``: beyond the label's fence."""

    scores: Scores
    marked: NDArray[np.bool_]


def outlier(given_labels: Labels, embeddings: Embeddings) -> Outliers:
    """How far each example lies from its label's others, and which lie outside.

    One minus the mean cosine with the 10 most similar members of the label, among 512 of them
    taken evenly. An example is marked above the upper quartile of its label by more than 1.5
    quartile ranges.

    Parameters
    ----------
    given_labels : ndarray of shape (n_examples,)
        Class indices, or -1 for none.
    embeddings : ndarray of shape (n_examples, n_dimensions)
        Any length; a row of zeros is compared with nothing.

    Returns
    -------
    Outliers
        Scores in ``[0, 2]``, higher means farther; NaN without a label, without direction, or
        where the label has fewer than 20 members, of which none is marked.

    Raises
    ------
    ValueError
        If shapes disagree or an entry is not finite.

    References
    ----------
    Kuan and Mueller (2022), Back to the basics: revisiting out-of-distribution detection
    baselines (mean distance to the nearest neighbours); the fence is Tukey's (1977).
    """
    if embeddings.ndim != 2 or given_labels.shape != (len(embeddings),):
        raise ValueError("embeddings must hold one row for each given label")
    if not np.isfinite(embeddings).all():
        raise ValueError("embeddings must be finite")
    scores = np.full(len(given_labels), np.nan)
    marked = np.zeros(len(given_labels), dtype=np.bool_)
    lengths = np.linalg.norm(embeddings, axis=1)
    for members in _by_label(np.where(lengths > 0, given_labels, -1)):
        if len(members) < FEWEST:
            continue
        unit = embeddings[members] / lengths[members, None]
        scores[members] = _distances(unit.astype(np.float32))
        _, high = fences(scores[members], OUTSIDE)
        marked[members] = scores[members] > high
    return Outliers(scores, marked)


def _by_label(labels: Labels) -> list[NDArray[np.int64]]:
    """Rows of each label, in order."""
    order = np.argsort(labels, kind="stable")
    order = order[labels[order] >= 0]
    starts = np.flatnonzero(np.diff(labels[order])) + 1
    return list(np.split(order, starts)) if len(order) else []


def _distances(unit: Embeddings) -> Scores:
    """One minus the mean cosine with the nearest references, never with itself."""
    n_references = min(MOST_REFERENCES, len(unit))
    places = np.linspace(0, len(unit) - 1, n_references).round().astype(np.int64)
    references = unit[places]
    distances = np.empty(len(unit))
    for start in range(0, len(unit), _CHUNK):
        rows = np.arange(start, min(start + _CHUNK, len(unit)))
        cosines = unit[rows] @ references.T
        own = np.searchsorted(places, rows)
        own[own == n_references] = 0
        itself = np.flatnonzero(places[own] == rows)
        cosines[itself, own[itself]] = -np.inf
        nearest = np.partition(cosines, n_references - NEAREST, axis=1)[:, -NEAREST:]
        distances[rows] = 1.0 - np.clip(nearest.astype(np.float64), -1.0, 1.0).mean(axis=1)
    return distances
