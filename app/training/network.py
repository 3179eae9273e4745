"""Small networks: a linear head, or one hidden layer, trained with Adam."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.arrays import Embeddings, Labels
from app.training.losses import Loss, cross_entropy

LINEAR, SMALL, LARGE = 0, 64, 512
"""Widths of the hidden layer; 0 is none."""

MOST_EPOCHS = 60
_STEPS = 600
"""Enough for 77 labels; after that the rate has fallen to nothing."""

_FEWEST_EPOCHS = 12
_BATCH = 128
_RATE = 2e-3
_WEIGHT_DECAY = 0.1
"""Decoupled: each step takes this share of a weight, times the rate."""

_MOMENTS = 0.9, 0.999
_TINY = 1e-8
_PATIENCE = 5
"""Epochs without a better score on the watched rows after which training ends."""

Weights = list[NDArray[np.float32]]
"""Matrix, intercepts, and with a hidden layer the same of the second."""


@dataclass(frozen=True)
class Recipe:
    """How a network is trained, apart from its labels.

    `mixup`: both parameters of the Beta distribution pairs are mixed by, 0 for none. `watched`:
    training ends early, by rows whose right labels are known.
    """

    loss: Loss = cross_entropy
    weight_decay: float = _WEIGHT_DECAY
    dropout: float = 0.0
    mixup: float = 0.0
    watched: bool = False


@dataclass(frozen=True)
class Rows:
    """Vectors and the label of each, in ``[0, n_classes)``."""

    vectors: Embeddings
    labels: Labels
    n_classes: int

    def __post_init__(self) -> None:
        if self.vectors.ndim != 2 or self.labels.shape != (len(self.vectors),):
            raise ValueError("there is one label for each vector")
        if len(self.labels) and not 0 <= self.labels.min() <= self.labels.max() < self.n_classes:
            raise ValueError(f"labels lie between 0 and {self.n_classes - 1}")


@dataclass(frozen=True)
class Network:
    """A trained network."""

    weights: Weights

    def logits(self, vectors: Embeddings) -> NDArray[np.float32]:
        """One row an example, one column a label."""
        return np.asarray(_forward(self.weights, vectors.astype(np.float32, copy=False))[0])

    def favored(self, vectors: Embeddings) -> NDArray[np.int64]:
        """The likeliest label of each; of equal ones the first."""
        return np.asarray(self.logits(vectors).argmax(axis=1), dtype=np.int64)


def fit(
    train: Rows,
    width: int,
    recipe: Recipe,
    *,
    rng: np.random.Generator,
    watch: Rows | None = None,
) -> Network:
    """Train on some rows.

    Minibatches of 128, Adam with a rate that falls to nothing, at most 60 epochs: as many as
    make 600 steps, at least 12. The same seed gives the same bits, as long as matrix products
    run on the same number of threads.

    Parameters
    ----------
    train : Rows
        At least one. Vectors should have means near 0 and spreads near 1.
    width : int
        Of the hidden layer; 0 for none.
    recipe : Recipe
    rng : numpy.random.Generator
        Weights at the start, order, dropout and mixing.
    watch : Rows, optional
        After each epoch the share that is right is taken on them; training ends after five
        epochs without a better one, and the best weights are given.

    Returns
    -------
    Network

    Raises
    ------
    ValueError
        If there is no row to train on.
    """
    if not len(train.labels):
        raise ValueError("there is nothing to train on")
    weights = _start(train.vectors.shape[1], width, train.n_classes, rng)
    epochs = _epochs(len(train.labels))
    adam = _Adam(weights, recipe.weight_decay, epochs * -(-len(train.labels) // _BATCH))
    best, best_right, best_epoch = weights, -1, 0
    for epoch in range(epochs):
        for vectors, labels in _batches(train, rng):
            adam.step(weights, _slopes(weights, vectors, labels, recipe, rng=rng))
        if watch is not None and len(watch.labels):
            right = int((Network(weights).favored(watch.vectors) == watch.labels).sum())
            if right > best_right:
                best, best_right, best_epoch = [one.copy() for one in weights], right, epoch
            elif epoch - best_epoch >= _PATIENCE:
                break
    return Network(best)


def _epochs(n_rows: int) -> int:
    steps = -(-n_rows // _BATCH)
    return min(MOST_EPOCHS, max(_FEWEST_EPOCHS, -(-_STEPS // steps)))


def _start(n_dimensions: int, width: int, n_classes: int, rng: np.random.Generator) -> Weights:
    """Zeros for a linear head, whose optimum needs no chance; He's spread below a ReLU."""
    if width == 0:
        return [
            np.zeros((n_dimensions, n_classes), np.float32),
            np.zeros(n_classes, np.float32),
        ]
    first = rng.standard_normal((n_dimensions, width)) * np.sqrt(2.0 / n_dimensions)
    second = rng.standard_normal((width, n_classes)) * np.sqrt(1.0 / width)
    return [
        first.astype(np.float32),
        np.zeros(width, np.float32),
        second.astype(np.float32),
        np.zeros(n_classes, np.float32),
    ]


def _batches(train: Rows, rng: np.random.Generator) -> Iterator[tuple[Embeddings, Labels]]:
    order = rng.permutation(len(train.labels))
    for start in range(0, len(order), _BATCH):
        rows = order[start : start + _BATCH]
        yield train.vectors[rows].astype(np.float32, copy=False), train.labels[rows]


def _forward(
    weights: Weights, vectors: Embeddings, keep: NDArray[np.float32] | None = None
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Logits, and what the last layer was given."""
    last = vectors
    if len(weights) == 4:
        last = vectors @ weights[0]
        last += weights[1]
        np.maximum(last, 0, out=last)
    if keep is not None:
        last = last * keep
    return last @ weights[-2] + weights[-1], last


def _slopes(
    weights: Weights,
    vectors: Embeddings,
    labels: Labels,
    recipe: Recipe,
    *,
    rng: np.random.Generator,
) -> Weights:
    """Mean gradient of a minibatch by every weight."""
    other, share = labels, 1.0
    if recipe.mixup > 0:
        share = float(rng.beta(recipe.mixup, recipe.mixup))
        mate = rng.permutation(len(labels))
        vectors = np.float32(share) * vectors + np.float32(1 - share) * vectors[mate]
        other = labels[mate]
    keep = None
    if recipe.dropout > 0:
        shape = (len(labels), weights[-2].shape[0])
        drawn = rng.random(shape, dtype=np.float32) >= recipe.dropout
        keep = drawn.astype(np.float32) / np.float32(1 - recipe.dropout)
    logits, last = _forward(weights, vectors, keep)
    _, slope = recipe.loss(logits, labels)
    if share < 1.0:
        slope = share * slope + (1 - share) * recipe.loss(logits, other)[1]
    slope = (slope / len(labels)).astype(np.float32)
    ends = [last.T @ slope, slope.sum(axis=0)]
    if len(weights) == 2:
        return ends
    back = slope @ weights[2].T
    if keep is not None:
        back *= keep
    back[last <= 0] = 0
    return [vectors.T @ back, back.sum(axis=0), *ends]


class _Adam:
    """Adam with decoupled weight decay of the matrices, and a rate that falls to nothing.

    Kingma and Ba (2015); Loshchilov and Hutter (2019).
    """

    def __init__(self, weights: Weights, decay: float, steps: int) -> None:
        self._first = [np.zeros_like(one) for one in weights]
        self._second = [np.zeros_like(one) for one in weights]
        self._decay, self._steps, self._done = decay, steps, 0

    def step(self, weights: Weights, slopes: Weights) -> None:
        """Changes the weights."""
        self._done += 1
        one, two = _MOMENTS
        rate = _RATE * 0.5 * (1 + np.cos(np.pi * (self._done - 1) / self._steps))
        scale = np.float32(rate * np.sqrt(1 - two**self._done) / (1 - one**self._done))
        shrink = np.float32(1 - rate * self._decay)
        for weight, slope, first, second in zip(
            weights, slopes, self._first, self._second, strict=True
        ):
            first *= np.float32(one)
            first += np.float32(1 - one) * slope
            second *= np.float32(two)
            second += np.float32(1 - two) * np.square(slope)
            if weight.ndim == 2:
                weight *= shrink
            weight -= scale * first / (np.sqrt(second) + np.float32(_TINY))
