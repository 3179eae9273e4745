"""Ways to rank that look at more than labels and probabilities."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from app.errors import DataProblem
from app.learning.threads import one_thread
from app.ranking.alike import by_annotator, by_source
from app.ranking.annotators import agreed, annotated
from app.ranking.evidence import Evidence
from app.ranking.load import Dataset
from app.scoring.disagreement import disagreement
from app.scoring.loss import loss
from app.scoring.outlier import outlier

Priority = Callable[[Dataset, Evidence], NDArray[np.float64]]
"""One number an example, NaN where there is none; higher means sooner."""


def _mean_loss(data: Dataset, evidence: Evidence) -> NDArray[np.float64]:
    """What the given label cost, over all epochs."""
    if evidence.losses is None:
        raise DataProblem(
            "There are no losses any more to rank by.",
            next_step="Push them again, or choose another way to rank.",
            code="no_losses",
        )
    return loss(evidence.losses, evidence.pred_probs.shape[1]).scores


@one_thread
def _distance(data: Dataset, evidence: Evidence) -> NDArray[np.float64]:
    """How far an example lies from the others of its label."""
    return outlier(data.standing, evidence.embeddings).scores


def _disagreement(data: Dataset, evidence: Evidence) -> NDArray[np.float64]:
    """How far models, sources of the very same content, or annotators differ: the largest."""
    votes = evidence.votes
    if votes is None or votes.shape[1] < 2:
        votes = np.full((len(data), 0), -1, dtype=np.int64)
    each = (disagreement(votes), by_source(data), by_annotator(data))
    return np.asarray(np.max([one.entropy for one in each], axis=0), dtype=np.float64)


@one_thread
def _consensus(data: Dataset, evidence: Evidence) -> NDArray[np.float64]:
    """How little the annotators and the model together believe the label it came with, in nats."""
    one = annotated(data)
    if one is None:
        raise DataProblem(
            "No example was labeled by several annotators.",
            next_step="Import their labels, or choose another way to rank.",
            code="no_votes",
        )
    doubt = np.full(len(data), np.nan)
    standing = data.standing[one.rows]
    posterior = agreed(one, evidence.pred_probs).posterior
    chance = posterior[np.arange(len(one.rows)), standing]
    doubt[one.rows] = np.where(standing >= 0, -np.log(np.maximum(chance, 1e-9)), np.nan)
    return doubt


BY_EVIDENCE: Mapping[str, Priority] = {
    "loss": _mean_loss,
    "outlier": _distance,
    "disagreement": _disagreement,
    "consensus": _consensus,
}
