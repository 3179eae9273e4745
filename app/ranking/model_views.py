"""Probabilities of pushed models, joined to the examples and averaged into what ranks them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from app.arrays import SMALLEST_PROBABILITY, Labels, usable_rows
from app.datasets.blobs import BlobStore
from app.db.tables.ranking import AveragedModel
from app.learning.gate import mean_cross_entropy
from app.learning.shares import label_shares
from app.ranking.asked_models import TakingPart
from app.ranking.evidence import Evidence, in_sample_notes
from app.ranking.load import Dataset
from app.ranking.uploads import PRED_PROBS, Arrays, places_of, read_arrays


@dataclass(frozen=True)
class ModelView:
    """What one model says: rows of the dataset that it knows, and its probabilities of these."""

    name: str
    rows: NDArray[np.int64]
    probs: NDArray[np.float32]


def read_models(data: Dataset, models: Sequence[TakingPart], blobs: BlobStore) -> list[ModelView]:
    """In the order of the models."""
    place = {key: row for row, key in enumerate(data.keys)}
    return [
        _joined(data, place, one.name, read_arrays(blobs, one.array, one.name)) for one in models
    ]


def _joined(data: Dataset, place: dict[str, int], name: str, arrays: Arrays) -> ModelView:
    """Columns of one label are added up: labels may have been merged since they were pushed."""
    source, target = places_of(place, arrays["ids"])
    columns = [data.columns_of_names.get(str(name), -1) for name in arrays["classes"]]
    wide = np.zeros((len(source), len(data.label_names)), dtype=np.float32)
    for at, column in enumerate(columns):
        if column >= 0:
            wide[:, column] += arrays[PRED_PROBS][source, at]
    usable = usable_rows(wide) if len(wide) else np.zeros(0, dtype=np.bool_)
    wide, rows = wide[usable], target[usable]
    np.maximum(wide, SMALLEST_PROBABILITY, out=wide)
    wide /= wide.sum(axis=1, keepdims=True)
    return ModelView(name, rows, wide)


def with_models(evidence: Evidence, data: Dataset, views: Sequence[ModelView]) -> Evidence:
    """Each model counts as much as one of the predictions that were averaged before.

    A row that a model does not know keeps the mean of the others. No model is left out for what
    it does to the labels at hand: it was asked for, and these labels may be wrong. What it does
    is told.
    """
    members, probs = evidence.members.astype(np.float32), evidence.pred_probs.copy()
    scorable, told = evidence.scorable.copy(), list[AveragedModel]()
    for view in views:
        before = members[view.rows]
        alone = probs[view.rows]
        mixed = (alone * before[:, None] + view.probs) / (before[:, None] + 1)
        told.append(_told(view, alone, mixed, data.standing))
        probs[view.rows] = mixed
        members[view.rows] += 1
        if evidence.made_of is None:  # nothing was trained: what any model knows can be ranked
            scorable[view.rows] |= data.standing[view.rows] >= 0
    return replace(
        evidence,
        pred_probs=probs,
        members=members.astype(np.int64),
        scorable=scorable,
        models=told,
        notes=[*evidence.notes, *_in_sample(evidence, data, views)],
    )


def _in_sample(evidence: Evidence, data: Dataset, views: Sequence[ModelView]) -> list[str]:
    """Which of them were probably trained on these very labels."""
    if not views:
        return []
    shares = label_shares(evidence.neighbours, data.standing, len(data.label_ids))
    votes_of = {}
    for view in views:
        votes = np.full(len(data), -1, dtype=np.int64)
        votes[view.rows] = view.probs.argmax(axis=1)
        votes_of[f" of {view.name}"] = votes
    return in_sample_notes(data, votes_of, shares, data.standing >= 0)


def _told(
    view: ModelView, before: NDArray[np.float32], after: NDArray[np.float32], standing: Labels
) -> AveragedModel:
    labels = standing[view.rows]
    return {
        "name": view.name,
        "examples": len(view.rows),
        "without": _cost(before, labels),
        "with_it": _cost(after, labels),
    }


def _cost(probs: NDArray[np.float32], labels: Labels) -> float | None:
    """Mean cross-entropy of the labels at hand, in nats; none without any."""
    rows = np.flatnonzero(labels >= 0)
    if not len(rows):
        return None
    return mean_cross_entropy(probs[rows, labels[rows]].astype(np.float64))
