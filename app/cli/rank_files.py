"""The files of `relabel rank`: labels, probabilities and embeddings, joined by id."""

from __future__ import annotations

import csv
import zipfile
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.arrays import usable_rows
from app.errors import DataProblem
from app.learning.combine import mean_of
from app.learning.neighbours import nearest_neighbours
from app.learning.shares import label_shares
from app.scoring.methods import priority
from app.scoring.quality import difficulty, label_quality
from app.scoring.suggestions import suggestions

_HEADER = ["id", "label"]
_SEED = 0


@dataclass(frozen=True)
class Given:
    """One entry a row of the labels file; `labels` are columns of `probs`, -1 where none fits."""

    ids: list[str]
    classes: list[str]
    labels: NDArray[np.int64]
    probs: NDArray[np.floating[Any]]
    usable: NDArray[np.bool_]


def read_given(labels: Path, pred_probs: Path) -> Given:
    """Join labels and probabilities by id, or in order where the archive names no ids."""
    ids, names = _read_labels(labels)
    arrays = _read_arrays(pred_probs, "pred_probs", ("pred_probs", "classes"))
    probs, classes = arrays["pred_probs"], [str(name) for name in arrays["classes"].tolist()]
    if probs.ndim != 2 or probs.dtype.kind != "f" or probs.shape[1] != len(classes):
        raise DataProblem(
            f"pred_probs has the shape {probs.shape} and the type {probs.dtype}; "
            f"there are {len(classes)} classes.",
            next_step="Save one row an example and one column a class, as floats.",
            code="E506",
        )
    probs, there = _by_id(probs, arrays.get("ids"), ids, "pred_probs")
    column = {name: at for at, name in enumerate(classes)}
    if len(column) < len(classes):
        raise DataProblem("A class is named twice.", next_step="Name each once.", code="E506")
    usable = there & usable_rows(probs) if len(classes) else there
    if len(ids) and not usable.any():
        raise DataProblem(
            "No row of pred_probs is a list of probabilities that belongs to an id.",
            next_step="Rows sum to 1 and are neither negative nor NaN; ids equal those of the "
            "labels.",
            code="E503",
        )
    places = np.array([column.get(name, -1) for name in names], dtype=np.int64)
    return Given(ids, classes, places, probs, usable)


def _read_labels(path: Path) -> tuple[list[str], list[str]]:
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = list(csv.reader(file, strict=True))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataProblem(
            f"{path} cannot be read as CSV: {error}.", next_step="Save it as UTF-8 CSV."
        ) from error
    rows = [row for row in rows if row]
    if not rows or rows[0][:2] != _HEADER or any(len(row) < 2 for row in rows):
        raise DataProblem(
            f"{path} does not begin with the columns id and label, or a row lacks one.",
            next_step="Write the header id,label and one row an example.",
            code="E109",
        )
    ids = [row[0] for row in rows[1:]]
    twice = [name for name, count in Counter(ids).items() if count > 1]
    if twice:
        raise DataProblem(
            f"The id {twice[0]} stands in {path} more than once.",
            next_step="Give every example an id of its own.",
            code="E113",
        )
    return ids, [row[1] for row in rows[1:]]


def _read_arrays(path: Path, kind: str, wanted: tuple[str, ...]) -> dict[str, NDArray[Any]]:
    try:
        with np.load(path, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files if name in (*wanted, "ids")}
    except (OSError, ValueError, AttributeError, TypeError, zipfile.BadZipFile) as error:
        raise DataProblem(
            f"{path} is not an NPZ file that can be read.",
            next_step="Save it with numpy.savez; names as text, not as objects.",
            code="E242",
        ) from error
    missing = [name for name in wanted if name not in arrays]
    if missing:
        raise DataProblem(
            f"{path} lacks {', '.join(missing)}.",
            next_step=f"Save {kind} with numpy.savez, with ids of its rows.",
            code="E243",
        )
    return arrays


def _by_id(
    values: NDArray[Any], found: NDArray[Any] | None, ids: list[str], what: str
) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    """Rows in the order of the labels, and which of them were there."""
    if found is None:
        if len(values) != len(ids):
            raise DataProblem(
                f"{len(values):,} rows of {what} for {len(ids):,} labels.",
                next_step="Save the ids of the rows with them, or one row for each label.",
                code="E505",
            )
        return values, np.ones(len(ids), dtype=np.bool_)
    place = {str(name): at for at, name in enumerate(found.tolist())}
    if len(place) != len(values):
        raise DataProblem(
            f"The ids of {what} are not one for each row, each once.",
            next_step="Save as many different ids as rows.",
            code="E505",
        )
    at = np.array([place.get(name, -1) for name in ids], dtype=np.int64)
    joined = values[np.maximum(at, 0)] if len(values) else np.zeros((len(ids), values.shape[1]))
    return joined, at >= 0


def add_neighbours(given: Given, embeddings: Path) -> Given:
    """Average the label shares of the 15 nearest neighbours in."""
    arrays = _read_arrays(embeddings, "embeddings", ("embeddings",))
    vectors, there = _by_id(arrays["embeddings"], arrays.get("ids"), given.ids, "embeddings")
    vectors = np.where(there[:, None], vectors, 0).astype(np.float32)
    if not np.isfinite(vectors).all():
        raise DataProblem(
            "The embeddings hold NaN or infinity.", next_step="Compute them again.", code="E501"
        )
    near = nearest_neighbours(vectors)
    shares = label_shares(near.indices, given.labels, len(given.classes))
    probs = given.probs.copy()
    rows = given.usable & (near.indices >= 0).any(axis=1)
    probs[rows] = mean_of([given.probs[rows], shares[rows]])
    return replace(given, probs=probs)


def ranked_rows(given: Given, *, method: str, eps: float) -> list[tuple[Any, ...]]:
    """What is written, most urgent first; ties stand in the order of the file."""
    scorable = np.flatnonzero(given.usable & (given.labels >= 0))
    rest = np.flatnonzero(~(given.usable & (given.labels >= 0)))
    rows: list[tuple[Any, ...]] = []
    if len(scorable):
        labels, probs = given.labels[scorable], given.probs[scorable]
        rng = np.random.default_rng(_SEED)
        scores = priority(method, labels, probs, eps=eps, rng=rng)
        quality, hard = label_quality(labels, probs), difficulty(probs)
        best = suggestions(probs, count=1).labels[:, 0]
        for place, at in enumerate(np.argsort(-scores, kind="stable"), start=1):
            rows.append(
                (
                    given.ids[scorable[at]],
                    place,
                    float(scores[at]),
                    float(quality[at]),
                    float(hard[at]),
                    given.classes[best[at]],
                )
            )
    return rows + [(given.ids[at], "", "", "", "", "") for at in rest]
