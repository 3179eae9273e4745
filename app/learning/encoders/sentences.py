"""Sentences as vectors: an average of word pieces and of what two, three and five of them say.

The Universal Sentence Encoder in its multilingual, convolutional form (Yang et al. 2019,
arXiv:1907.04307): deep averaging over pieces and n-grams of pieces.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from app.arrays import Embeddings
from app.learning.encoders.pieces import Pieces

WIDTH = 512
_TABLES = 17
"""The vectors of pieces lie in so many tables: piece n is row n // 17 of table n % 17."""

_SIDE = 256
_WINDOWS = ((2, 0), (3, 1), (5, 2))
"""Pieces looked at together, and how many of these stand before the one in question."""

_MOST_PIECES = 512
"""Of one text: its beginning says what it is about."""

_AT_ONCE = 1024
"""Pieces in one product of matrices: larger ones leave the cache."""

Weights = Mapping[str, NDArray[np.generic]]
Dense = NDArray[np.float32]


class SentenceEncoder:
    """What the weights of one file make of texts."""

    def __init__(self, weights: Weights, pieces: Pieces) -> None:
        self._pieces = pieces
        tables = [weights[f"q{nth + 1}"] for nth in range(_TABLES)]
        self._table = np.stack(tables, axis=1).reshape(-1, WIDTH)  # still bytes: a quarter
        self._at = {
            name: np.asarray(array, dtype=np.float32)
            for name, array in weights.items()
            if not name.startswith("q")
        }
        self._eps = np.float32(self._at["eps"])

    def __call__(self, texts: Sequence[str]) -> Embeddings:
        """Vectors of length 1, shape (n_texts, 512)."""
        vectors = np.empty((len(texts), WIDTH), dtype=np.float32)
        for rows, numbers in self._batches(texts):
            vectors[rows] = self._encoded(numbers)
        return vectors

    def _batches(self, texts: Sequence[str]) -> Iterator[tuple[slice, list[list[int]]]]:
        batch: list[list[int]] = []
        first, size = 0, 0
        for row, text in enumerate(texts):
            numbers = self._pieces.numbers(text, most=_MOST_PIECES)
            if batch and size + len(numbers) > _AT_ONCE:
                yield slice(first, row), batch
                batch, first, size = [], row, 0
            batch.append(numbers)
            size += len(numbers)
        if batch:
            yield slice(first, len(texts)), batch

    def _encoded(self, batch: Sequence[Sequence[int]]) -> Dense:
        numbers = np.concatenate([np.asarray(one, dtype=np.int64) for one in batch])
        sizes = np.array([len(one) for one in batch], dtype=np.int64)
        starts = np.array([0, *accumulate(sizes[:-1].tolist())], dtype=np.int64)
        words = self._words(numbers)
        seen = [words]
        for length, before in _WINDOWS:
            around = _around(starts, sizes, length, before)
            seen.append(self._window(words, around, length))
        together = self._levelled(np.hstack(seen), "ln_g", "ln_b")
        summed = np.add.reduceat(together, starts, axis=0) @ self._at["cnn_W"]
        lengths = sizes.astype(np.float32)[:, None]
        mean = (summed + lengths * self._at["cnn_b"]) / np.sqrt(lengths)
        return self._deep(np.asarray(mean, dtype=np.float32))

    def _words(self, numbers: NDArray[np.int64]) -> Dense:
        table = numbers % _TABLES
        steps = self._table[numbers].astype(np.float32)
        return np.asarray(
            steps * self._at["scale"][table, None] + self._at["lo"][table, None], np.float32
        )

    def _window(self, words: Dense, around: NDArray[np.int64], length: int) -> Dense:
        """What `length` neighbouring pieces say, by two layers that each add to the one before."""
        level = words @ self._at[f"proj{length}"] + self._at[f"proj_b{length}"]
        level = self._levelled(level, f"ln_g{length}", f"ln_b{length}")
        for layer in (1, 2):
            beyond = np.vstack([level, np.zeros((1, _SIDE), dtype=np.float32)])
            side_by_side = beyond[around].reshape(len(words), length * _SIDE)
            more = side_by_side @ self._at[f"w{layer}_{length}"] + self._at[f"b{layer}_{length}"]
            level = level + np.maximum(more, 0.0)
        return level

    def _levelled(self, rows: Dense, gain: str, shift: str) -> Dense:
        """Layer normalization."""
        rows = rows - rows.mean(axis=1, keepdims=True)
        spread = np.sqrt(np.square(rows).mean(axis=1, keepdims=True) + self._eps)
        return np.asarray(rows / spread * self._at[gain] + self._at[shift], dtype=np.float32)

    def _deep(self, mean: Dense) -> Dense:
        """Two blocks of two layers with a way past each, and unit length."""
        at = self._at
        block = np.maximum(mean @ at["d0"], 0.0) @ at["d1"] + mean @ at["p1"]
        block = np.maximum(block, 0.0)
        last = np.tanh(np.maximum(block @ at["d2"], 0.0) @ at["d3"] + block @ at["p3"])
        length = np.sqrt(np.maximum(np.square(last).sum(axis=1, keepdims=True), self._eps))
        return np.asarray(last / length, dtype=np.float32)


def _around(
    starts: NDArray[np.int64], sizes: NDArray[np.int64], length: int, before: int
) -> NDArray[np.int64]:
    """Rows around every piece; the row behind the last one where its text has none there."""
    total = int(sizes.sum())
    rows = np.arange(total)[:, None] + np.arange(-before, length - before)
    inside = (rows >= np.repeat(starts, sizes)[:, None]) & (
        rows < np.repeat(starts + sizes, sizes)[:, None]
    )
    return np.where(inside, rows, total)
