"""What remedies are tried on: vectors, labels before and after review, and what was checked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.arrays import Embeddings, Labels, Scores
from app.training.network import Rows

NO_LABEL = -1
"""An example that nothing is learned from: it came without a label, or was removed."""

FEWEST_CHECKED = 100
"""Under so many checked examples no remedy can be told from another."""

N_FOLDS = 4
MOST_AT_ONCE = 0.5
"""Where checked examples are at most this share, a curve holds all of them out at once."""


@dataclass(frozen=True)
class Material:
    """A dataset as its remedies see it; labels are class indices, or -1 for none.

    ``before`` are the labels as they came, ``after`` with every decision applied. ``checked``
    are the rows drawn at random whose label is final, ``right`` the final label of each;
    ``reviewed`` says of every row whether people decided it, these included.
    ``quality`` (0 surely wrong to 1 surely right), ``difficulty`` (nats) and ``consistent`` (a
    model that never saw the label favors it) say what a ranking thinks of each row. ``transition``
    is P(given | right), rows: right.
    """

    vectors: Embeddings
    before: Labels
    after: Labels
    checked: NDArray[np.int64]
    right: Labels
    reviewed: NDArray[np.bool_]
    quality: Scores
    difficulty: Scores
    consistent: NDArray[np.bool_]
    transition: NDArray[np.float64]

    def __post_init__(self) -> None:
        n = len(self.vectors)
        each = [self.before, self.after, self.reviewed, self.quality, self.difficulty]
        each.append(self.consistent)
        if self.vectors.ndim != 2 or any(one.shape != (n,) for one in each):
            raise ValueError("everything about rows has one entry for each vector")
        if self.right.shape != self.checked.shape or self.checked.ndim != 1:
            raise ValueError("each checked row has one right label")
        if self.transition.shape != (self.n_classes, self.n_classes):
            raise ValueError("the transition matrix is square: one row and one column a class")
        for labels in (self.before, self.after, self.right):
            if len(labels) and not NO_LABEL <= labels.min() <= labels.max() < self.n_classes:
                raise ValueError(f"labels lie between -1 and {self.n_classes - 1}")
        if len(self.right) and self.right.min() < 0:
            raise ValueError("a checked row has a right label")
        if len(np.unique(self.checked)) != len(self.checked):
            raise ValueError("a row is checked once")

    @property
    def n_classes(self) -> int:
        return len(self.transition)

    def __len__(self) -> int:
        return len(self.vectors)

    def rows(self, labels: Labels, without: NDArray[np.int64]) -> Rows:
        """Those that have one of these labels, apart from some."""
        usable = labels >= 0
        usable[without] = False
        return Rows(self.vectors[usable], labels[usable], self.n_classes)


def standardized(vectors: Embeddings) -> Embeddings:
    """Every dimension with mean 0 and spread 1; one that never varies becomes 0."""
    means = vectors.mean(axis=0, dtype=np.float64)
    spreads = vectors.std(axis=0, dtype=np.float64)
    scale = np.divide(1.0, spreads, out=np.zeros_like(spreads), where=spreads > 1e-9)
    return np.asarray((vectors - means) * scale, dtype=np.float32)


@dataclass(frozen=True)
class Fold:
    """Places in ``checked`` that are scored, and those that stay known while training."""

    number: int
    scored: NDArray[np.int64]
    known: NDArray[np.int64]


def folds(of: Material, n_folds: int, rng: np.random.Generator) -> Iterator[Fold]:
    """Every checked row is scored once, by a network that was not trained on it.

    Rows that nobody checked are trained on in every fold: they are never scored.
    """
    shuffled = rng.permutation(len(of.checked))
    dealt = shuffled[np.argsort(of.right[shuffled], kind="stable")]
    number = np.empty(len(dealt), dtype=np.int64)
    number[dealt] = np.arange(len(dealt)) % n_folds
    for nth in range(n_folds):
        yield Fold(nth, np.flatnonzero(number == nth), np.flatnonzero(number != nth))


def folds_of_a_curve(of: Material) -> int:
    """One where few rows are checked: then a curve trains a quarter as often."""
    return 1 if len(of.checked) <= MOST_AT_ONCE * len(of) else N_FOLDS
