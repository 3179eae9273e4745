"""The user's own arrays, joined to the examples by key and label name."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.arrays import SMALLEST_PROBABILITY, Embeddings, usable_rows
from app.datasets.blobs import BlobStore
from app.datasets.findings import of_one
from app.db.tables.datasets import Prediction
from app.errors import DataProblem, Gone, NotFound
from app.ranking.load import Dataset
from app.ranking.runs import arrays_in_use

PRED_PROBS = "pred_probs"
EMBEDDINGS = "embeddings"
LOSSES = "losses"
MOST_NAMED = 10

Arrays = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class Uploads:
    """In the order of the dataset; `covered` marks rows that came with usable probabilities.

    `pred_probs` is the mean over the `models` that know a row, `model_counts` says how many do,
    and `model_votes`, of shape (n, n_models), is the favourite class of each, -1 where it has
    none. `losses`, of shape (n, n_epochs), are NaN where there is none.
    """

    pred_probs: NDArray[np.float32] | None
    covered: NDArray[np.bool_]
    embeddings: Embeddings | None
    artefacts: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    models: list[str] = field(default_factory=list)
    model_counts: NDArray[np.int64] | None = None
    model_votes: NDArray[np.int64] | None = None
    losses: NDArray[np.float32] | None = None


def uploads_of(session: Session, project_id: int) -> list[Prediction]:
    """Every upload that counts, in the order they came."""
    query = select(Prediction).where(*arrays_in_use(project_id)).order_by(Prediction.id)
    return list(session.execute(query).scalars())


def read_uploads(data: Dataset, predictions: list[Prediction], blobs: BlobStore) -> Uploads:
    """Join what was uploaded to the examples; of a model's two rows for one the later counts.

    What is missing is said, never guessed.
    """
    place = {key: row for row, key in enumerate(data.keys)}
    artefacts = {
        f"uploaded_{one.kind}_{nth}": one.blob for nth, one in enumerate(predictions, start=1)
    }
    notes: list[str] = []

    def of_kind(kind: str) -> list[Prediction]:
        return [one for one in predictions if one.kind == kind]

    vectors = _vectors(data, place, [_arrays(blobs, one) for one in of_kind(EMBEDDINGS)], notes)
    losses = _losses(place, _by_name(of_kind(LOSSES)), blobs, notes)
    base = Uploads(None, np.zeros(len(data), dtype=np.bool_), vectors, artefacts, notes)
    models = _by_name(of_kind(PRED_PROBS))
    if not models or not data.label_names:
        return replace(base, losses=losses)
    total = np.zeros((len(data), len(data.label_names)), dtype=np.float32)
    votes = np.full((len(data), len(models)), -1, dtype=np.int64)
    for nth, uploads in enumerate(models.values()):
        probs, rows = _model(data, place, uploads, blobs)
        probs[~rows] = 0
        total += probs
        votes[rows, nth] = probs[rows].argmax(axis=1)
    counts = (votes >= 0).sum(axis=1)
    covered = counts > 0
    total[~covered] = 1.0 / max(1, total.shape[1])
    if len(models) > 1:
        total /= total.sum(axis=1, keepdims=True)
    _say_models(notes, list(models), averaged=vectors is not None)
    _say_missing(notes, covered, "predictions")
    return replace(
        base,
        pred_probs=total,
        covered=covered,
        models=list(models),
        model_counts=counts,
        model_votes=votes,
        losses=losses,
    )


def _by_name(predictions: list[Prediction]) -> dict[str, list[Prediction]]:
    """Uploads of one model together, models in the order they came first."""
    models: dict[str, list[Prediction]] = {}
    for upload in predictions:
        models.setdefault(upload.name, []).append(upload)
    return models


def _model(
    data: Dataset, place: dict[str, int], uploads: list[Prediction], blobs: BlobStore
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """One model's probabilities, the newest first, until every row is known."""
    probs: NDArray[np.float32] | None = None
    covered = np.zeros(len(data), dtype=np.bool_)
    for upload in reversed(uploads):
        given, rows = _join_probs(data, place, _arrays(blobs, upload))
        probs = given if probs is None else np.where(covered[:, None], probs, given)
        covered |= rows
        if covered.all():
            break
    assert probs is not None
    return probs, covered


def _vectors(
    data: Dataset, place: dict[str, int], archives: list[Arrays], notes: list[str]
) -> Embeddings | None:
    vectors: Embeddings | None = None
    present = np.zeros(len(data), dtype=np.bool_)
    for arrays in archives:
        given, rows = _join_vectors(data, place, arrays)
        if vectors is not None and vectors.shape[1] == given.shape[1]:
            given = np.where(rows[:, None], given, vectors)
            rows = rows | present
        vectors, present = given, rows
    if vectors is not None:
        _say_missing(notes, present, "embeddings")
    return vectors


def _losses(
    place: dict[str, int], models: dict[str, list[Prediction]], blobs: BlobStore, notes: list[str]
) -> NDArray[np.float32] | None:
    """The epochs of every model side by side."""
    parts = []
    for uploads in models.values():
        given = [_arrays(blobs, one) for one in uploads]
        width = max(arrays[LOSSES].shape[1] for arrays in given)
        part = np.full((len(place), width), np.nan, dtype=np.float32)
        for arrays in given:
            source, target = places_of(place, arrays["ids"])
            part[target] = np.nan
            part[target, : arrays[LOSSES].shape[1]] = arrays[LOSSES][source]
        parts.append(part)
    if not parts:
        return None
    losses = np.concatenate(parts, axis=1)
    _say_missing(notes, np.isfinite(losses).any(axis=1), "losses")
    return losses


def _arrays(blobs: BlobStore, upload: Prediction) -> Arrays:
    return read_arrays(blobs, upload.blob, upload.name)


def read_arrays(blobs: BlobStore, blob: str, name: str) -> Arrays:
    """The arrays of a stored file; `name` is what people call it."""
    try:
        with blobs.open(blob) as file, np.load(file, allow_pickle=False) as archive:
            return {part: archive[part] for part in archive.files}
    except (Gone, NotFound, ValueError, OSError, zipfile.BadZipFile) as error:
        raise DataProblem(
            f"The uploaded file {name} can no longer be read.",
            next_step="Upload it again, or remove it to score with the built-in models.",
        ) from error


def places_of(
    place: dict[str, int], ids: NDArray[np.generic]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Positions in the upload and in the dataset of the ids that both know."""
    pairs = [(at, place[str(key)]) for at, key in enumerate(ids) if str(key) in place]
    places = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    return places[:, 0], places[:, 1]


def _join_probs(
    data: Dataset, place: dict[str, int], arrays: Arrays
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    source, target = places_of(place, arrays["ids"])
    column = {name: at for at, name in enumerate(data.label_names)}
    classes = [str(name) for name in arrays["classes"]]
    known = np.array([at for at, name in enumerate(classes) if name in column], dtype=np.int64)
    wanted = np.array([column[classes[at]] for at in known], dtype=np.int64)
    wide = np.zeros((len(data), len(column)), dtype=np.float32)
    given = np.asarray(arrays[PRED_PROBS][source][:, known], dtype=np.float32)
    wide[np.ix_(target, wanted)] = given
    covered = usable_rows(wide) if len(column) else np.zeros(len(data), dtype=np.bool_)
    wide[~covered] = 1.0 / max(1, len(column))
    np.maximum(wide, SMALLEST_PROBABILITY, out=wide)
    wide /= wide.sum(axis=1, keepdims=True)
    return wide, covered


def _join_vectors(
    data: Dataset, place: dict[str, int], arrays: Arrays
) -> tuple[Embeddings, NDArray[np.bool_]]:
    source, target = places_of(place, arrays["ids"])
    values = np.asarray(arrays[EMBEDDINGS][source], dtype=np.float32)
    finite = np.isfinite(values).all(axis=1)
    joined = np.zeros((len(data), values.shape[1]), dtype=np.float32)
    joined[target[finite]] = values[finite]
    present = np.zeros(len(data), dtype=np.bool_)
    present[target[finite]] = True
    return joined, present


def _say_models(notes: list[str], models: list[str], *, averaged: bool) -> None:
    """Which models were averaged."""
    if len(models) > 1:
        more = f" and {len(models) - MOST_NAMED} more" if len(models) > MOST_NAMED else ""
        near = ", with the labels of the nearest neighbors" if averaged else ""
        named = ", ".join(models[:MOST_NAMED])
        notes.append(f"The predictions of {len(models)} models are averaged: {named}{more}{near}.")


def _say_missing(notes: list[str], present: NDArray[np.bool_], what: str) -> None:
    missing = int((~present).sum())
    if missing:
        lost = f"{missing:,} examples have no usable row in the uploaded {what}."
        notes.append(of_one(lost))
