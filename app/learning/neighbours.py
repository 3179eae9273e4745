"""The nearest other examples by cosine."""

from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from app.arrays import Embeddings
from app.learning.pool import Pool, threads
from app.learning.threads import one_thread

N_NEIGHBOURS = 15

EXACT_UP_TO = 20_000
"""Beyond this many different vectors the quadratic search gives way to a graph."""

_LINKS = 32
_BUILD_WIDTH = 80
_SEARCH_WIDTH = 64
_CHUNK = 8192

_SHARD = 4096
"""Vectors searched for in one call; the same everywhere, so that all get the same bits."""


@dataclass(frozen=True)
class Neighbours:
    """Both of shape (n_examples, count), nearest first; index -1 and likeness 0 where none."""

    indices: NDArray[np.int64]
    similarities: NDArray[np.float32]


@one_thread
def nearest_neighbours(
    embeddings: Embeddings,
    *,
    count: int = N_NEIGHBOURS,
    exact_up_to: int = EXACT_UP_TO,
    pool: Pool | None = None,
) -> Neighbours:
    """Find for every example the others most like it, never itself.

    Parameters
    ----------
    embeddings : ndarray of shape (n_examples, n_dimensions)
        Any length; a row of zeros has no neighbours and is nobody's neighbour.
    count : int
        At most ``n_examples - 1`` are returned.
    exact_up_to : int
        Number of different vectors searched exactly; more use an HNSW graph built by one thread.
    pool : Pool, optional
        Where the searches run; two threads here otherwise. The result does not depend on it.

    Returns
    -------
    Neighbours
        Cosines in ``[-1, 1]``. Equal vectors are searched once and then all listed, lower
        index first, so that many copies of one example cannot break the graph.

    Raises
    ------
    ValueError
        If the embeddings are not a finite matrix.
    """
    if embeddings.ndim != 2 or not np.isfinite(embeddings).all():
        raise ValueError("embeddings must be a finite matrix with one row an example")
    count = max(0, min(count, len(embeddings) - 1))
    indices = np.full((len(embeddings), count), -1, dtype=np.int64)
    similarities = np.zeros((len(embeddings), count), dtype=np.float32)
    lengths = np.linalg.norm(embeddings, axis=1)
    present = np.flatnonzero(lengths > 0)
    if count == 0 or len(present) < 2:
        return Neighbours(indices, similarities)
    vectors = (embeddings[present] / lengths[present, None]).astype(np.float32)
    different, group_of = _groups(vectors)
    with nullcontext(pool) if pool is not None else threads() as workers:
        near, likeness = _search(vectors[different], count + 1, exact_up_to, workers)
    members = _members(group_of, len(different), count + 1)
    for start in range(0, len(present), _CHUNK):
        rows = np.arange(start, min(start + _CHUNK, len(present)))
        groups = near[group_of[rows]]
        flat = np.where(groups[:, :, None] >= 0, members[groups], -1).reshape(len(rows), -1)
        cosines = np.repeat(likeness[group_of[rows]], members.shape[1], axis=1)
        flat[flat == rows[:, None]] = -1
        first = np.argsort(flat < 0, axis=1, kind="stable")[:, :count]
        chosen = np.take_along_axis(flat, first, axis=1)
        width = chosen.shape[1]
        filled = chosen >= 0
        indices[present[rows], :width] = np.where(filled, present[chosen], -1)
        cosines = np.take_along_axis(cosines, first, axis=1)
        similarities[present[rows], :width] = np.where(filled, np.clip(cosines, -1.0, 1.0), 0.0)
    return Neighbours(indices, similarities)


def _groups(vectors: Embeddings) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """First row of every different vector, and the group each row belongs to."""
    rows = np.ascontiguousarray(vectors + np.float32(0.0))  # turns -0 into 0
    keys = rows.view(np.dtype((np.void, rows.dtype.itemsize * rows.shape[1]))).ravel()
    _, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
    in_order = np.argsort(first)
    place = np.empty_like(in_order)
    place[in_order] = np.arange(len(in_order))
    return first[in_order], place[inverse.ravel()]


def _members(group_of: NDArray[np.int64], n_groups: int, most: int) -> NDArray[np.int64]:
    """The first ``most`` rows of each group, -1 where it has fewer."""
    order = np.argsort(group_of, kind="stable")
    sizes = np.bincount(group_of, minlength=n_groups)
    starts = np.cumsum(sizes) - sizes
    place = np.arange(len(order)) - starts[group_of[order]]
    within = place < most
    members = np.full((n_groups, min(most, int(sizes.max()))), -1, dtype=np.int64)
    members[group_of[order[within]], place[within]] = order[within]
    return members


def _search(
    vectors: Embeddings, count: int, exact_up_to: int, pool: Pool
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Nearest vectors with the vector itself put first, whatever the search returned."""
    width = min(count, len(vectors))
    shared = pool.share(vectors)
    if len(vectors) <= exact_up_to:
        shards = [
            pool.submit(_search_exactly, shared, start, width)
            for start in range(0, len(vectors), _SHARD)
        ]
    else:
        shards = [pool.submit(_search_graph, shared, width)]
    results = [shard.result() for shard in shards]
    near = np.concatenate([indices for indices, _ in results])
    likeness = np.concatenate([cosines for _, cosines in results])
    own = np.arange(len(vectors))
    others_first = np.argsort((near == own[:, None]) | (near < 0), axis=1, kind="stable")
    others = others_first[:, : width - 1]
    near = np.column_stack([own, np.take_along_axis(near, others, axis=1)])
    likeness = np.column_stack(
        [np.ones(len(own), dtype=np.float32), np.take_along_axis(likeness, others, axis=1)]
    )
    near[:, 1:][near[:, 1:] == own[:, None]] = -1
    return near, likeness


@one_thread
def _search_exactly(
    vectors: Embeddings, start: int, width: int
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Nearest to some of the vectors among all."""
    wanted = vectors[start : start + _SHARD]
    likeness, near = faiss.knn(wanted, vectors, width, metric=faiss.METRIC_INNER_PRODUCT)
    return near, likeness


@one_thread
def _search_graph(vectors: Embeddings, width: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Nearest by a graph, which one thread builds: its links depend on the order of building."""
    index: Any = faiss.IndexHNSWFlat(vectors.shape[1], _LINKS, faiss.METRIC_INNER_PRODUCT)
    index.hnsw.efConstruction = _BUILD_WIDTH
    index.hnsw.efSearch = _SEARCH_WIDTH
    index.add(vectors)
    likeness, near = index.search(vectors, width)
    return near, likeness
