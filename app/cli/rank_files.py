"""The files of `relabel rank`: labels, probabilities and embeddings, joined by id."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.datasets.array_files import as_numbers, as_texts, read_npz
from app.datasets.array_kinds import EMBEDDINGS, PRED_PROBS
from app.datasets.csv_rows import read_csv
from app.datasets.decoding import Opened
from app.datasets.findings import BadRow, Findings, Stop, entry, excerpt_of, of_one
from app.datasets.formats.registry import format_named
from app.datasets.formats.tsv import TSV
from app.datasets.mapping import Reading
from app.datasets.prob_check import check_finite, checked_probs, in_sample
from app.datasets.rows import Values
from app.errors import DataProblem, Invalid

USUAL = {"W107": "names", "W341": "use"}
_SHOWN = 5
_HEAD_BYTES = 8192
_NEXT = {
    "E502": "Save probabilities; if these are logits, save softmax(logits) over each row.",
    "E504": "Divide them by 100 and save them again.",
    "E506": "Save one column for each label, and their names in the same order as classes.",
}
"""What is a choice on the import page is done to the file here."""

Numbers = NDArray[np.float32]


@dataclass(frozen=True)
class Given:
    """Every row of the labels file; `probs` has the `scorable` rows alone.

    `labels` are columns of `probs`, -1 where a row has no label.
    """

    ids: list[str]
    classes: list[str]
    labels: NDArray[np.int64]
    scorable: NDArray[np.int64]
    probs: Numbers
    notes: tuple[str, ...] = ()


@contextmanager
def _told_of(path: Path) -> Iterator[None]:
    """Turn what a reader stops at into a data error that names the file."""
    if not path.is_file():
        raise Invalid(f"There is no file {path}.", next_step="Check the path.", code="no_file")
    try:
        yield
    except (Stop, BadRow) as bad:
        finding = entry(bad.code, **bad.fields)
        raise DataProblem(
            f"{path}: {bad.code} {finding['message']}",
            next_step=_NEXT.get(bad.code, str(finding["fix"])),
            code=bad.code,
        ) from bad
    except OSError as error:
        raise DataProblem(
            f"{path} cannot be read: {error.strerror}.", next_step="Check who may read it."
        ) from error


def read_given(labels: Path, pred_probs: Path, findings: Findings) -> Given:
    """Join labels and probabilities by id, or in order where the archive names no ids."""
    with _told_of(labels):
        ids, names = _read_labels(labels, findings)
    with _told_of(pred_probs):
        stored, own_ids, classes = _read_probs(pred_probs)
        there, values = _by_id(stored, own_ids, ids, kind=PRED_PROBS.name, findings=findings)
        if not len(there):
            missing = "; no id of the two files is the same"
            raise Stop(
                "E505", found=len(stored), kind=PRED_PROBS.name, expected=len(ids), missing=missing
            )
        places = _places(names, classes)
        probs = checked_probs(values, [ids[at] for at in there], findings)
        in_sample(probs, classes, [names[at] or None for at in there], findings)
    labelled = places[there] >= 0
    if not labelled.all():
        probs = probs[labelled]
    given = Given(ids, classes, places, there[labelled], probs)
    return replace(given, notes=(*_unscored(given, there), *_unused(given)))


def _read_labels(path: Path, findings: Findings) -> tuple[list[str], list[str]]:
    """Ids and labels, row by row; one row that cannot be read stops all."""
    first: dict[str, int] = {}
    labels = []
    with path.open("rb") as file:
        opened = Opened(file, file.read(_HEAD_BYTES), "")
        file.seek(0)
        usual = "\t" if format_named(path.name) is TSV else ","
        table = read_csv(opened, Reading(), findings, usual=usual)
        for column in ("id", "label"):
            if column not in table.columns:
                shown = excerpt_of(", ".join(table.columns))
                raise Stop("E109", column=column, columns=shown)
        for row, values in table.rows:
            if isinstance(values, BadRow):
                raise BadRow(values.code, **({"row": row} | values.fields))
            name = _id(values, row)
            if name in first:
                seen = f"row {first[name]:,}"
                raise BadRow("E114", row=row, excerpt=excerpt_of(name), first=seen)
            first[name] = row
            labels.append(unicodedata.normalize("NFC", values.get("label") or ""))
    if not labels:
        raise Stop("E106")
    return list(first), labels


def _id(values: Values, row: int) -> str:
    name = values.get("id") or ""
    if not name:
        raise BadRow("E115", row=row)
    return name


def _read_probs(path: Path) -> tuple[Numbers, list[str] | None, list[str]]:
    arrays = read_npz(path, PRED_PROBS)
    values = as_numbers(arrays[PRED_PROBS.name], PRED_PROBS.name)
    ids = as_texts(arrays["ids"], "ids") if "ids" in arrays else None
    names = as_texts(arrays["classes"], "classes")
    classes = [unicodedata.normalize("NFC", name) for name in names]
    width = values.shape[1]
    if len(classes) != width:
        short = f"column {len(classes) + 1:,} has no name"
        over = f"there is no column for {excerpt_of(', '.join(classes[width:]))}"
        more = short if len(classes) < width else over
        raise Stop("E506", reason=f"{len(classes):,} classes for {width:,} columns; {more}")
    if not classes:
        raise Stop("E506", reason="there is no class")
    name, count = Counter(classes).most_common(1)[0]
    if count > 1:
        raise Stop("E506", reason=f"{count:,} columns are called {excerpt_of(name)}")
    check_finite(values, PRED_PROBS.name, ids)
    return values, ids, classes


def _by_id(
    values: Numbers, own_ids: list[str] | None, ids: list[str], *, kind: str, findings: Findings
) -> tuple[NDArray[np.int64], Numbers]:
    """Which rows of the labels have values, and these values in their order."""
    count = len(values)
    if own_ids is None:
        if count != len(ids):
            missing = "; without ids every row of the labels needs its row"
            raise Stop("E505", found=count, kind=kind, expected=len(ids), missing=missing)
        return np.arange(count), values
    place = {name: at for at, name in enumerate(own_ids)}
    if len(own_ids) != count or len(place) != count:
        missing = f"; it has {len(own_ids):,} ids, {len(place):,} of them different"
        raise Stop("E505", found=count, kind=kind, expected=len(ids), missing=missing)
    at = np.array([place.get(name, -1) for name in ids], dtype=np.int64)
    there = np.flatnonzero(at >= 0)
    if len(there) < count:
        findings.warn("W505", count - len(there), kind=kind)
    return there, values[at[there]]


def _places(names: Sequence[str], classes: Sequence[str]) -> NDArray[np.int64]:
    """The column of every label, -1 where there is none; a label without a column stops."""
    column = {name: at for at, name in enumerate(classes)}
    missing = list(dict.fromkeys(name for name in names if name and name not in column))
    if missing:
        shown = ", ".join(excerpt_of(name) for name in missing[:_SHOWN])
        more = f" and {len(missing) - _SHOWN:,} more" if len(missing) > _SHOWN else ""
        raise Stop("E506", reason=f"no column for {shown}{more}")
    return np.array([column[name] if name else -1 for name in names], dtype=np.int64)


def _unscored(given: Given, there: NDArray[np.int64]) -> Iterator[str]:
    """Say which rows stand last, and why."""
    unlabelled = np.flatnonzero(given.labels < 0)
    lost = np.setdiff1d(np.arange(len(given.ids)), there)
    for rows, why in ((lost, "no probabilities"), (unlabelled, "no label")):
        if len(rows):
            shown = ", ".join(excerpt_of(given.ids[at]) for at in rows[:_SHOWN])
            more = f" and {len(rows) - _SHOWN:,} more" if len(rows) > _SHOWN else ""
            yield of_one(
                f"{len(rows):,} rows cannot be scored and stand last, {why}: {shown}{more}."
            )


def _unused(given: Given) -> Iterator[str]:
    """Name the columns no given label bears out."""
    counts = np.bincount(given.labels[given.labels >= 0], minlength=len(given.classes))
    unused = [excerpt_of(given.classes[at]) for at in np.flatnonzero(counts == 0)]
    if unused and len(unused) < len(given.classes):
        more = f" and {len(unused) - _SHOWN:,} more" if len(unused) > _SHOWN else ""
        yield f"{len(unused):,} classes are given to no row: {', '.join(unused[:_SHOWN])}{more}."
    if len(given.classes) == 1:
        yield "There is one class only: nothing to compare, every row is as urgent."


def add_neighbours(given: Given, embeddings: Path, findings: Findings) -> Given:
    """Average the label shares of the 15 nearest neighbours in, leaving each row itself out."""
    from app.learning.combine import mean_of
    from app.learning.neighbours import nearest_neighbours
    from app.learning.shares import label_shares

    with _told_of(embeddings):
        arrays = read_npz(embeddings, EMBEDDINGS)
        values = as_numbers(arrays[EMBEDDINGS.name], EMBEDDINGS.name)
        ids = as_texts(arrays["ids"], "ids") if "ids" in arrays else None
        check_finite(values, EMBEDDINGS.name, ids)
        there, values = _by_id(values, ids, given.ids, kind=EMBEDDINGS.name, findings=findings)
    vectors = np.zeros((len(given.ids), values.shape[1]), dtype=np.float32)
    vectors[there] = values
    near = nearest_neighbours(vectors).indices
    known: NDArray[np.bool_] = (given.labels[near] >= 0) & (near >= 0)
    shares = label_shares(near, given.labels, len(given.classes))[given.scorable]
    rows = np.asarray(known.any(axis=1))[given.scorable]
    probs = given.probs.copy()
    probs[rows] = mean_of([given.probs[rows], shares[rows]])
    notes = list(given.notes)
    if not rows.all():
        notes.append(f"{int((~rows).sum()):,} rows have no labeled neighbors; none were averaged.")
    return replace(given, probs=probs, notes=tuple(notes))
