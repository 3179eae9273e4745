"""What can be pulled in the loop: how to predict, how long to read, where to read next."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from app.arrays import SMALLEST_PROBABILITY, Embeddings, Labels, Probs, Scores
from app.learning.combine import calibrated, mean_of
from app.learning.features import Features, View
from app.learning.predict import out_of_sample
from app.learning.shares import label_shares
from bench.ranking import stopping
from bench.ranking.cases import Case
from bench.ranking.relabelling import SEED
from bench.ranking.stopping import AUDITED, BUDGET, MOST_READS, Audit, audited
from bench.ranking.voting import vote_until_one_leads, votes_from


@dataclass(frozen=True)
class Draw:
    """A case, and what its people will say: the same to every way of asking them.

    ``answers`` has shape (n_examples, 7); ``led`` holds the final labels and votes of voting
    until one class leads alone; ``checked`` are the rows of the audit.
    """

    case: Case
    vectors: Embeddings
    neighbours: NDArray[np.int64]
    checked: NDArray[np.intp]
    audit: Audit
    answers: Labels
    led: tuple[Labels, NDArray[np.int8]]

    @property
    def budget(self) -> float:
        return BUDGET * self.case.n_errors


Learn = Callable[[Draw, Labels], Probs]
"""The labels as they stand in, out-of-sample predictions out."""

Settle = Callable[[Draw, Probs, NDArray[np.intp]], tuple[Labels, NDArray[np.int8]]]
"""Predictions and the rows to read in, their final labels and the votes each took out."""


def draw_people(
    case: Case, vectors: Embeddings, neighbours: NDArray[np.int64], rng: np.random.Generator
) -> Draw:
    """An audit, and every answer that may be asked for."""
    if case.voters is None:
        raise ValueError(f"{case.name} has no voters")
    chances = case.voters.cumsum(axis=1)
    size = len(case.given)
    rows = rng.choice(size, size=min(AUDITED, size), replace=False)
    part = replace(case, given=case.given[rows], truth=case.truth[rows])
    return Draw(
        case=case,
        vectors=vectors,
        neighbours=neighbours,
        checked=rows,
        audit=audited(part, chances[rows], rng),
        answers=np.stack([votes_from(chances, rng) for _ in range(MOST_READS)], axis=1),
        led=vote_until_one_leads(case.given, chances, rng),
    )


def fixed(draw: Draw, _labels: Labels) -> Probs:
    """The stored predictions, whatever has been decided."""
    return draw.case.pred_probs


def fitted(draw: Draw, labels: Labels) -> Probs:
    """The mean of logistic regression and the label shares of the 15 nearest neighbours."""
    return mean_of(_views(draw, labels))


def fitted_and_stored(draw: Draw, labels: Labels) -> Probs:
    """The mean of both and of the stored predictions, which never saw the row's label either."""
    return mean_of([*_views(draw, labels), draw.case.pred_probs])


def _views(draw: Draw, labels: Labels) -> list[Probs]:
    view = View("embeddings", draw.vectors, "softmax")
    features = Features((view,), np.zeros_like(draw.vectors))
    n_classes = draw.case.pred_probs.shape[1]
    learnt = out_of_sample(features, labels, n_classes=n_classes, seed=SEED).pred_probs
    return [learnt, label_shares(draw.neighbours, labels, n_classes)]


def by_audit(learn: Learn) -> Learn:
    """Sharpen predictions, which fit labels with errors, to fit the labels the audit settled."""

    def sharpened(draw: Draw, labels: Labels) -> Probs:
        settled = np.full(len(labels), -1, dtype=np.int64)
        settled[draw.checked] = draw.case.truth[draw.checked]
        logs = np.log(np.maximum(learn(draw, labels), SMALLEST_PROBABILITY)).astype(np.float32)
        return calibrated(logs, settled)

    return sharpened


def until_one_leads(
    draw: Draw, _probs: Probs, rows: NDArray[np.intp]
) -> tuple[Labels, NDArray[np.int8]]:
    final, votes = draw.led
    return final[rows], votes[rows]


def until_sure(draw: Draw, probs: Probs, rows: NDArray[np.intp]) -> tuple[Labels, NDArray[np.int8]]:
    """Read each row until a posterior of 0.97, or 7 reads."""

    def ask(asked: NDArray[np.intp], nth: int) -> Labels:
        return np.asarray(draw.answers[asked, nth])

    return stopping.until_sure(draw.case, probs, draw.audit, rows=rows, ask=ask)


def gain_of_a_read(chances: Probs, standing: Labels, accuracy: float) -> Scores:
    """Right labels expected of one more read, after which the likeliest class stands.

    Parameters
    ----------
    chances : ndarray of shape (n_examples, n_classes)
        Posterior so far; rows sum to 1; at least two classes.
    standing : ndarray of shape (n_examples,)
        The label kept without that read.
    accuracy : float
        Chance that the read is right, in (0, 1); otherwise any other class, all alike.

    Returns
    -------
    ndarray of shape (n_examples,)
        Labels, in ``[0, 1]`` where the standing label is the likeliest or unread.

    References
    ----------
    Frazier, Powell and Dayanik (2008), SIAM J. Control Optim. 47(5):2410, knowledge gradient.
    """
    n_examples, n_classes = chances.shape
    rows = np.arange(n_examples)
    error = (1.0 - accuracy) / (n_classes - 1)
    second, first = np.partition(chances, n_classes - 2, axis=1)[:, -2:].T
    rival = np.repeat(first[:, None], n_classes, axis=1)
    rival[rows, chances.argmax(axis=1)] = second
    after = np.maximum(accuracy * chances, error * rival).sum(axis=1)
    return np.asarray(after - chances[rows, standing], dtype=np.float64)
