"""Two curves that are measured, not forecast: what review bought, and what noise costs here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from app.arrays import Embeddings, Labels
from app.training.material import Material, folds_of_a_curve
from app.training.network import LARGE, LINEAR, Recipe
from app.training.race import Favored, Fitting, Terms, scored

REVIEW, NOISE, HALF = "what review bought", "what noise costs", "half of the data"

SHARES_APPLIED = (0.0, 0.25, 0.5, 1.0)
RATES = (0.05, 0.10, 0.20, 0.30, 0.40)
REPEATS = 3
HEADS = (LINEAR, LARGE)
_SPREAD = 1.25
"""A group that noise is added to is so many times as large as what is added: repeats differ."""

Chance: TypeAlias = np.random.Generator
AddNoise = Callable[[Labels, int, Chance], Labels]
"""(labels, how many to spoil, rng) -> labels; fewer are spoiled where no more can be."""


@dataclass(frozen=True)
class Point:
    """Networks with one head, trained one way: what they favor for the checked rows.

    ``at`` is the share of decisions applied, or the share of labels that are wrong. ``favored``
    has one row a repeat.
    """

    at: float
    width: int
    favored: Favored


def what_review_bought(of: Material, decided: NDArray[np.int64], terms: Terms) -> list[Point]:
    """Retrained with 0, 25, 50 and 100 % of the decisions, applied in the order they were made.

    Parameters
    ----------
    of : Material
    decided : ndarray of shape (n_decisions,)
        Rows, in the order of the decisions.
    terms : Terms

    Returns
    -------
    list of Point
        The same folds and seeds for all, so that differences are paired.
    """
    planned = []
    for share in SHARES_APPLIED:
        labels = of.before.copy()
        first = decided[: round(share * len(decided))]
        labels[first] = of.after[first]
        planned += [_Planned(share, width, (labels,)) for width in HEADS]
    return _points(of, planned, terms, REVIEW)


def what_noise_costs(of: Material, add: AddNoise, *, today: float, terms: Terms) -> list[Point]:
    """Retrained with more noise, both heads, three times each.

    Parameters
    ----------
    of : Material
        Noise is added to its labels after review.
    add : callable
        How: `at_random`, `by_pairs`, `around`.
    today : float
        Share of labels that are wrong now; the first point. Rates below it are left out.
    terms : Terms

    Returns
    -------
    list of Point
        Rates that this kind of noise cannot reach are left out.
    """
    labelled = int((of.after >= 0).sum())
    planned = []
    for rate in (today, *(one for one in RATES if one > today)):
        # a label spoiled at random is mostly one that was right
        wanted = round((rate - today) / max(1e-9, 1 - today) * labelled)
        made = [add(of.after, wanted, _rng(terms, nth)) for nth in range(REPEATS)]
        if min(int((one != of.after).sum()) for one in made) < wanted:
            break
        planned += [_Planned(rate, width, tuple(made)) for width in HEADS]
    return _points(of, planned, terms, NOISE)


def half_of_the_data(of: Material, terms: Terms) -> list[Point]:
    """The large head after review, trained on a random half and on all: shares .5 and 1."""
    half = of.after.copy()
    order = _rng(terms, REPEATS).permutation(len(half))
    half[order[: len(half) // 2]] = -1
    planned = [_Planned(share, LARGE, (one,)) for share, one in ((0.5, half), (1.0, of.after))]
    return _points(of, planned, terms, HALF)


def at_random(n_classes: int) -> AddNoise:
    """Any label becomes any other."""

    def add(labels: Labels, number: int, rng: Chance) -> Labels:
        rows = _some(np.flatnonzero(labels >= 0), number, rng)
        made = labels.copy()
        made[rows] = (labels[rows] + rng.integers(1, max(2, n_classes), len(rows))) % n_classes
        return made

    return add


def by_pairs(transition: NDArray[np.float64]) -> AddNoise:
    """Labels become those that they were measured to be given as, in the same proportions.

    ``transition`` is P(given | right). Without any confusion nothing can be added.
    """
    off = transition.copy()
    np.fill_diagonal(off, 0.0)
    chance = off.sum(axis=1)

    def add(labels: Labels, number: int, rng: Chance) -> Labels:
        rows = np.flatnonzero(labels >= 0)
        weights = chance[labels[rows]]
        made = labels.copy()
        if not weights.any():
            return made
        # the number of labels that turn is fixed, which ones by their chance (Efraimidis)
        keys = np.where(weights > 0, rng.random(len(rows)) ** (1 / np.maximum(weights, 1e-9)), -1)
        order = np.argsort(-keys, kind="stable")[: min(number, int((weights > 0).sum()))]
        for row in rows[order]:
            turned = off[labels[row]]
            made[row] = rng.choice(len(turned), p=turned / turned.sum())
        return made

    return add


def around(vectors: Embeddings, members: NDArray[np.bool_], turned: int) -> AddNoise:
    """Labels of a group, and where it is used up of what is most like it, become one label."""
    center = vectors[members].mean(axis=0)
    far = np.square(vectors - center).sum(axis=1)
    near = np.lexsort((far, ~members))  # members first

    def add(labels: Labels, number: int, rng: Chance) -> Labels:
        usable = near[(labels[near] >= 0) & (labels[near] != turned)]
        made = labels.copy()
        made[_some(usable[: round(number * _SPREAD)], number, rng)] = turned
        return made

    return add


def _some(rows: NDArray[np.int64], number: int, rng: Chance) -> NDArray[np.int64]:
    return np.asarray(rng.permutation(rows)[:number])


def _rng(terms: Terms, nth: int) -> Chance:
    return np.random.default_rng([terms.seed, nth])


@dataclass(frozen=True)
class _Planned:
    at: float
    width: int
    labels: tuple[Labels, ...]


def _points(of: Material, planned: Sequence[_Planned], terms: Terms, step: str) -> list[Point]:
    fittings = [
        Fitting(labels, one.width, Recipe(), (terms.seed, nth))
        for one in planned
        for nth, labels in enumerate(one.labels)
    ]
    results = iter(scored(of, fittings, folds_of_a_curve(of), terms, step))
    return [
        Point(one.at, one.width, np.array([next(results)[0] for _ in one.labels]))
        for one in planned
    ]
