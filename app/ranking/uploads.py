"""The user's own arrays, joined to the examples by key and label name."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.arrays import SMALLEST_PROBABILITY, Embeddings, usable_rows
from app.datasets.blobs import BlobStore
from app.db.tables.datasets import Prediction
from app.errors import DataProblem, NotFound
from app.ranking.load import Dataset

PRED_PROBS = "pred_probs"
EMBEDDINGS = "embeddings"


@dataclass(frozen=True)
class Uploads:
    """In the order of the dataset; `covered` marks rows that came with usable probabilities."""

    pred_probs: NDArray[np.float32] | None
    covered: NDArray[np.bool_]
    embeddings: Embeddings | None
    artefacts: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def uploads_of(session: Session, project_id: int) -> list[Prediction]:
    """Every upload of the project, in the order they came."""
    query = select(Prediction).where(Prediction.project_id == project_id).order_by(Prediction.id)
    return list(session.execute(query).scalars())


def read_uploads(data: Dataset, found: list[Prediction], blobs: BlobStore) -> Uploads:
    """Join what was uploaded to the examples; of two rows for one example the later counts.

    What is missing is said, never guessed.
    """
    notes: list[str] = []
    artefacts: dict[str, str] = {}
    place = {key: row for row, key in enumerate(data.keys)}
    probs: NDArray[np.float32] | None = None
    covered = np.zeros(len(data), dtype=np.bool_)
    vectors: Embeddings | None = None
    present = np.zeros(len(data), dtype=np.bool_)
    for number, upload in enumerate(found, start=1):
        artefacts[f"uploaded_{upload.kind}_{number}"] = upload.blob
        if upload.kind == PRED_PROBS:
            given, rows = _join_probs(data, place, _arrays(blobs, upload))
            probs = given if probs is None else np.where(rows[:, None], given, probs)
            covered |= rows
        elif upload.kind == EMBEDDINGS:
            given, rows = _join_vectors(data, place, _arrays(blobs, upload))
            if vectors is not None and vectors.shape[1] == given.shape[1]:
                given = np.where(rows[:, None], given, vectors)
                rows = rows | present
            vectors, present = given, rows
    if probs is not None:
        _say_missing(notes, covered, "predictions")
    if vectors is not None:
        _say_missing(notes, present, "embeddings")
    return Uploads(probs, covered, vectors, artefacts, notes)


def _arrays(blobs: BlobStore, upload: Prediction) -> dict[str, NDArray[Any]]:
    try:
        with blobs.open(upload.blob) as file, np.load(file, allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}
    except (NotFound, ValueError, OSError, zipfile.BadZipFile) as error:
        raise DataProblem(
            f"The uploaded file {upload.name} can no longer be read.",
            next_step="Upload it again, or remove it to score with the built-in models.",
        ) from error


def _rows(place: dict[str, int], ids: NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Positions in the upload and in the dataset of the ids that both know."""
    pairs = [(at, place[str(key)]) for at, key in enumerate(ids) if str(key) in place]
    found = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    return found[:, 0], found[:, 1]


def _join_probs(
    data: Dataset, place: dict[str, int], arrays: dict[str, NDArray[Any]]
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    source, target = _rows(place, arrays["ids"])
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
    data: Dataset, place: dict[str, int], arrays: dict[str, NDArray[Any]]
) -> tuple[Embeddings, NDArray[np.bool_]]:
    source, target = _rows(place, arrays["ids"])
    values = np.asarray(arrays[EMBEDDINGS][source], dtype=np.float32)
    finite = np.isfinite(values).all(axis=1)
    joined = np.zeros((len(data), values.shape[1]), dtype=np.float32)
    joined[target[finite]] = values[finite]
    present = np.zeros(len(data), dtype=np.bool_)
    present[target[finite]] = True
    return joined, present


def _say_missing(notes: list[str], present: NDArray[np.bool_], what: str) -> None:
    missing = int((~present).sum())
    if missing:
        notes.append(f"{missing:,} examples have no usable row in the uploaded {what}.")
