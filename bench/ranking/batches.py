"""Protocol C: the model learns from every reviewed batch; how much better is the next one?"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.preprocessing import normalize

from app.arrays import Labels, Probs
from app.learning.features import Features, View
from app.learning.predict import out_of_sample
from bench.ranking.cases import Embedded, embedded_cases
from bench.ranking.detection import BUDGET, share_of_reviews
from bench.ranking.methods import Score, methods

EPS = 0.1
BATCHES = 5
SEED = 0

Learn = Callable[[Embedded, Labels], Probs]
"""A set and its labels as they stand in, out-of-sample predictions out."""


@dataclass(frozen=True)
class Way:
    """How to predict and score, and whether to do so again after each batch."""

    name: str
    learn: Learn
    score: Score
    refit: bool


@dataclass(frozen=True)
class Row:
    """One way in one set: its share of the oracle's area."""

    case: str
    way: str
    share: float


def from_the_view(case: Embedded, labels: Labels) -> Probs:
    """Logistic regression on the embeddings."""
    return _learnt(case, labels, np.zeros_like(case.embeddings))


def with_neighbours(case: Embedded, labels: Labels) -> Probs:
    """The mean of logistic regression and the label shares of the 15 nearest neighbours."""
    return _learnt(case, labels, case.embeddings)


def _learnt(case: Embedded, labels: Labels, likeness: NDArray[np.float32]) -> Probs:
    directions = np.asarray(normalize(case.embeddings), dtype=np.float32)
    features = Features((View("embeddings", directions, "softmax"),), likeness)
    n_classes = int(case.truth.max()) + 1
    return out_of_sample(features, labels, n_classes=n_classes, seed=SEED).pred_probs


def ways() -> tuple[Way, ...]:
    ours = methods(("vpv", "phi", "self_confidence"))
    return (
        Way("phi", from_the_view, ours["phi"], refit=False),
        Way("self_confidence", from_the_view, ours["self_confidence"], refit=False),
        Way("vpv, neighbours", with_neighbours, ours["vpv"], refit=False),
        Way("vpv, neighbours, re-fit", with_neighbours, ours["vpv"], refit=True),
    )


def evaluate(
    compared: Iterable[Way] | None = None, *, cases: Iterable[Embedded] | None = None
) -> Iterator[Row]:
    """Judge every way in every set; our own ways and all sets where none are named."""
    judged = ways() if compared is None else tuple(compared)
    for case in embedded_cases() if cases is None else cases:
        wrong = case.given != case.truth
        first = {learn: learn(case, case.given) for learn in {way.learn for way in judged}}
        for way in judged:
            order = order_in_batches(case, way, first[way.learn])
            yield Row(case.name, way.name, share_of_reviews(wrong[order]))


def order_in_batches(case: Embedded, way: Way, probs: Probs) -> NDArray[np.intp]:
    """Rows as they are reviewed, then those left over; ``probs`` are the first predictions."""
    labels = case.given.copy()
    waiting = np.ones(len(labels), dtype=np.bool_)
    scores = way.score(labels, probs, EPS)
    reviewed: list[NDArray[np.intp]] = []
    for batch in range(BATCHES):
        if way.refit and batch > 0:
            scores = way.score(labels, way.learn(case, labels), EPS)
        order = np.argsort(-scores, kind="stable")
        chosen = order[waiting[order]][: _size(case)]
        labels[chosen] = case.truth[chosen]
        waiting[chosen] = False
        reviewed.append(chosen)
    return np.concatenate([*reviewed, order[waiting[order]]])


def _size(case: Embedded) -> int:
    """Examples a batch, so that all batches together hold 2.5 times the wrong labels."""
    return int(np.ceil(BUDGET * (case.given != case.truth).sum() / BATCHES))
