"""Groups of examples that are like each other, found in their vectors."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import MiniBatchKMeans
from sklearn.feature_extraction.text import CountVectorizer

from app.arrays import Embeddings

ROWS_A_GROUP, MOST_GROUPS = 50, 50
"""About the square root of one for each 50 examples, so that a group holds enough answers."""

WORDS_A_GROUP = 3
FEWEST_TEXTS = 3
"""A word of fewer texts of a group is not typical of it, and may name somebody."""

_SEED = 0
"""The same vectors give the same groups in every study, so that a probe finds its group again."""

_LONGEST_WORD = 30
_MOST_WORDS = 5_000


def how_many(n_examples: int) -> int:
    """How many groups so many examples are cut into; 0 where that makes fewer than two."""
    groups = min(MOST_GROUPS, round((n_examples / ROWS_A_GROUP) ** 0.5))
    return groups if groups > 1 else 0


def centres_of(vectors: Embeddings, groups: int) -> Embeddings:
    """The middles of so many groups of like examples, the largest group first.

    Parameters
    ----------
    vectors : ndarray of shape (n_examples, n_dimensions)
        A sample is enough. Finite; compared by direction, so their length does not matter.
    groups : int
        At least 1.

    Returns
    -------
    ndarray of shape (at most groups, n_dimensions)
        Fewer where there are fewer different directions.

    Raises
    ------
    ValueError
        If there are no vectors or no group is asked for.

    References
    ----------
    Sculley (2010), Web-scale k-means clustering, WWW.
    """
    if groups < 1 or len(vectors) == 0:
        raise ValueError("at least one vector and one group are needed")
    unit = _unit(vectors)
    groups = min(groups, len(np.unique(unit, axis=0)))
    model = MiniBatchKMeans(groups, batch_size=2_048, n_init=3, random_state=_SEED).fit(unit)
    sizes = np.bincount(model.labels_, minlength=groups)
    order = np.argsort(-sizes, kind="stable")
    return np.asarray(model.cluster_centers_[order[sizes[order] > 0]], dtype=np.float32)


def nearest_centre(vectors: Embeddings, centres: Embeddings) -> NDArray[np.intp]:
    """The group of each vector; -1 for a vector of zeros.

    Parameters
    ----------
    vectors : ndarray of shape (n_examples, n_dimensions)
    centres : ndarray of shape (n_groups, n_dimensions)
        As ``centres_of`` finds them.

    Returns
    -------
    ndarray of shape (n_examples,)
        In ``[-1, n_groups)``.
    """
    unit = _unit(vectors)
    far = (centres**2).sum(axis=1) - 2 * unit @ centres.T
    return np.where(unit.any(axis=1), far.argmin(axis=1), -1)


def typical_words(texts: Sequence[str], group: NDArray[np.intp]) -> list[list[str]]:
    """Of each group the words that its texts have more often than the others.

    Parameters
    ----------
    texts : sequence of str
    group : ndarray of shape (n_texts,)
        In ``[-1, n_groups)``; -1 is of no group.

    Returns
    -------
    list of list of str
        One list a group, up to three words each, the most telling first: those with the largest
        share inside times the logarithm of that share over the share of all. Empty where no word
        stands out.
    """
    n_groups = int(group.max(initial=-1)) + 1
    reader = CountVectorizer(binary=True, max_features=_MOST_WORDS, dtype=np.float64)
    try:
        found = reader.fit_transform(texts).tocsr()
    except ValueError:  # no text has a word
        return [[] for _ in range(n_groups)]
    names = reader.get_feature_names_out()
    everywhere = np.asarray(found.sum(axis=0)).ravel() / len(texts)
    lists = []
    for number in range(n_groups):
        rows = np.flatnonzero(group == number)
        counts = np.asarray(found[rows].sum(axis=0)).ravel()
        inside = counts / max(1, len(rows))
        telling = inside * np.log(np.maximum(inside, 1e-12) / everywhere)
        telling[(counts < FEWEST_TEXTS) | (inside <= everywhere)] = 0.0
        first = np.argsort(-telling, kind="stable")[:WORDS_A_GROUP]
        lists.append([str(names[place])[:_LONGEST_WORD] for place in first if telling[place] > 0])
    return lists


def _unit(vectors: Embeddings) -> Embeddings:
    plain = np.asarray(vectors, dtype=np.float32)
    lengths = np.linalg.norm(plain, axis=1, keepdims=True)
    return np.asarray(plain / np.maximum(lengths, 1e-12), dtype=np.float32)
