"""Neighbours whose labels are averaged in as a prediction."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.arrays import Embeddings, Labels
from app.learning.features import Features
from app.learning.gate import Part
from app.learning.groups import others_only
from app.learning.neighbours import Neighbours, nearest_neighbours
from app.learning.pool import Pool
from app.learning.shares import class_priors, label_shares
from app.progress import Progress

NEIGHBOURS = "neighbors"
PRIORS = "how frequent labels are"


@dataclass(frozen=True)
class Voters:
    """The nearest examples by one kind of vectors. ``asked``: they must show their worth.

    ``heard`` are those of them whose labels count: not what belongs to the example's own group.
    """

    name: str
    embeddings: Embeddings
    near: Neighbours
    asked: bool
    heard: NDArray[np.int64]


def find_voters(features: Features, *, pool: Pool | None, progress: Progress) -> list[Voters]:
    """By the features' own vectors first, then by those of every encoder."""
    kinds = [(NEIGHBOURS, features.embeddings, False)]
    kinds += [(f"{one.name} {NEIGHBOURS}", one.vectors, True) for one in features.encoded]
    found = []
    for done, (name, vectors, asked) in enumerate(kinds):
        progress("neighbours", done, len(kinds))
        near = nearest_neighbours(vectors, pool=pool)
        found.append(Voters(name, vectors, near, asked, near.indices))
    progress("neighbours", len(kinds), len(kinds))
    return found


def heard_apart(voters: Iterable[Voters], apart: NDArray[np.int64] | None) -> list[Voters]:
    """The same, with nobody of an example's own group heard."""
    if apart is None:
        return list(voters)
    return [
        Voters(one.name, one.embeddings, one.near, one.asked, others_only(one.near, apart))
        for one in voters
    ]


def with_votes(
    views: Sequence[Part], voters: Iterable[Voters], labels: Labels, n_classes: int
) -> list[Part]:
    """All views and the neighbours' labels; how frequent labels are, without any."""
    parts = list(views)
    for one in voters:
        if (one.heard >= 0).any():
            shares = label_shares(one.heard, labels, n_classes)
            parts.append(Part(one.name, shares, not one.asked))
    if not parts:
        priors = np.tile(class_priors(labels, n_classes), (len(labels), 1))
        parts.append(Part(PRIORS, priors, True))
    return parts


def shown(voters: Sequence[Voters], averaged: Iterable[str]) -> Voters:
    """Whose neighbours are shown beside an example: the last that showed their worth."""
    names = set(averaged)
    return [one for one in voters if not one.asked or one.name in names][-1]
