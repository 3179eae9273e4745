"""Which views are averaged: those that make the mean predict the labels at hand better."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.arrays import SMALLEST_PROBABILITY, Labels, Probs, Scores


@dataclass(frozen=True)
class Part:
    """One prediction of all examples. ``always``: it is averaged in whatever it changes."""

    name: str
    probs: Probs
    always: bool = False


@dataclass(frozen=True)
class Tried:
    """A part that had to show its worth.

    ``without`` and ``with_it`` are the held-out cross-entropy of the mean on the labels at hand,
    in nats, before and after the part was added; it stays in where that fell.
    """

    name: str
    without: float
    with_it: float

    @property
    def enters(self) -> bool:
        return self.with_it < self.without


@dataclass(frozen=True)
class Chosen:
    """Names of the parts that are averaged, in their order, and what was tried."""

    names: tuple[str, ...]
    tried: tuple[Tried, ...]


def choose(parts: Sequence[Part], labels: Labels) -> Chosen:
    """Add one part after the other, best first, and keep what helps.

    Begins with the parts that are always in; where there are none, with the best one. Needs no
    truth: the labels at hand are mostly right, and each is predicted by models that never saw it.

    Parameters
    ----------
    parts : sequence of Part
        Held-out probabilities, shape (n_examples, n_classes), at least one; names differ.
    labels : ndarray of shape (n_examples,)
        Class indices, -1 for none.

    Returns
    -------
    Chosen

    Raises
    ------
    ValueError
        If there is no part.
    """
    if not parts:
        raise ValueError("there must be at least one part to choose from")
    rows = np.flatnonzero(labels >= 0)
    likely = {part.name: part.probs[rows, labels[rows]].astype(np.float64) for part in parts}
    alone = {name: mean_cross_entropy(given) for name, given in likely.items()}
    best_first = sorted(parts, key=lambda part: (not part.always, alone[part.name]))
    chosen = [part.name for part in best_first if part.always] or [best_first[0].name]
    total = np.sum([likely[name] for name in chosen], axis=0)
    loss = mean_cross_entropy(total / len(chosen))
    tried = []
    for part in best_first[len(chosen) :]:
        more = total + likely[part.name]
        one = Tried(part.name, loss, mean_cross_entropy(more / (len(chosen) + 1)))
        tried.append(one)
        if one.enters:
            total, loss = more, one.with_it
            chosen.append(part.name)
    return Chosen(tuple(part.name for part in parts if part.name in chosen), tuple(tried))


def mean_cross_entropy(likelihood: Scores) -> float:
    """Mean cross-entropy of labels with these probabilities.

    Parameters
    ----------
    likelihood : ndarray of shape (n_labels,)
        The probability of each label, in [0, 1].

    Returns
    -------
    float
        Nats, not negative; 0 without any label.
    """
    if len(likelihood) == 0:
        return 0.0
    return float(-np.log(np.maximum(likelihood, SMALLEST_PROBABILITY)).mean())


def losses(parts: Sequence[Part], judged: Labels) -> NDArray[np.float32]:
    """What each part's prediction of the judged label costs, nats; NaN where that is -1."""
    costs = np.full((len(judged), len(parts)), np.nan, dtype=np.float32)
    rows = np.flatnonzero(judged >= 0)
    for nth, part in enumerate(parts):
        likelihood = part.probs[rows, judged[rows]]
        costs[rows, nth] = -np.log(np.maximum(likelihood, SMALLEST_PROBABILITY))
    return np.maximum(costs, np.float32(0.0))
