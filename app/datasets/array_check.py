"""A user's own arrays, joined to rows by id and to labels by name; nothing is guessed silently."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from app.datasets.array_files import as_numbers, as_texts, read_npy, read_npz, write_npz
from app.datasets.array_tables import read_array_table
from app.datasets.findings import Findings, Stop
from app.datasets.open_rows import is_zip
from app.datasets.prob_check import check_agreement, check_finite, checked_probs, in_sample
from app.datasets.scratch import ARRAYS, STAGED

PRED_PROBS = "pred_probs"
_SHOWN = 5
_MAGIC = b"\x93NUMPY"
Numbers = NDArray[np.float32]


@dataclass
class Incoming:
    """An array as the file has it."""

    values: Numbers
    ids: list[str] | None
    names: list[str] | None


@dataclass(frozen=True)
class Examples:
    """The good rows of the file: ids, positions in the file and labels that are meant."""

    keys: list[str]
    places: NDArray[np.int64]
    given: list[str | None]
    rows: int
    labels: list[str]
    forms: dict[str, str]


def check_arrays(job: dict[str, Any], found: dict[str, Any], findings: Findings) -> list[Any]:
    """Check every array that came with the file; write the ones that can be used."""
    examples = _examples(job, found)
    made = []
    for asked in job["arrays"]:
        entry = _check_one(asked, examples, job, findings)
        if entry is not None:
            made.append(entry)
    return made


def _examples(job: dict[str, Any], found: dict[str, Any]) -> Examples:
    keys, places, given = [], [], []
    place = -1
    with (Path(job["work"]) / STAGED).open("rb") as file:
        next(file)
        for place, raw in enumerate(file):
            line = orjson.loads(raw)
            if "x" not in line:
                keys.append(line["k"])
                places.append(place)
                label = line["l"]
                given.append(None if label is None else found["label_map"][label])
    listed = [row["name"] for row in found["label_list"]] or sorted(
        (row["name"] for row in job.get("known_labels", [])), key=str
    )
    rest = sorted((name for name, _ in found["labels"] if name not in listed), key=_natural)
    forms: dict[str, str] = {}
    for row in (*found["label_list"], *job.get("known_labels", [])):
        forms |= {form: row["name"] for form in (row["name"], row.get("code")) if form}
    forms |= {name: name for name in rest} | found["label_map"]
    return Examples(
        keys, np.array(places, dtype=np.int64), given, place + 1, [*listed, *rest], forms
    )


def _natural(name: str) -> tuple[int, int, str]:
    """Whole numbers in their order, before words."""
    plain = name.isdecimal() and len(name) < 18
    return (0, int(name), name) if plain else (1, 0, name)


def _check_one(
    asked: dict[str, Any], examples: Examples, job: dict[str, Any], findings: Findings
) -> dict[str, Any] | None:
    kind, path, name = asked["kind"], Path(asked["path"]), str(asked["name"])
    incoming = _read(path, name, kind, findings)
    check_finite(incoming.values, kind, incoming.ids)
    values, ids = _joined(incoming, examples, kind, findings)
    names: list[str] = []
    if kind == PRED_PROBS:
        values, names = _columns(values, incoming.names, examples, findings)
        values = checked_probs(values, ids, findings)
        if in_sample(values, names, examples.given, findings):
            return None
    folder = Path(job["work"]) / ARRAYS
    folder.mkdir(exist_ok=True)
    arrays: dict[str, NDArray[Any]] = {kind: values, "ids": np.array(ids, dtype=np.str_)}
    if names:
        arrays["classes"] = np.array(names, dtype=np.str_)
    write_npz(folder / f"{kind}.npz", arrays)
    return {
        "kind": kind,
        "name": name,
        "file": f"{kind}.npz",
        "rows": len(ids),
        "report": {"columns": int(values.shape[1]), "names": names[:50]},
    }


def _read(path: Path, name: str, kind: str, findings: Findings) -> Incoming:
    with path.open("rb") as file:
        head = file.read(6)
    if not head:
        raise Stop("E105")
    if is_zip(path):
        arrays = read_npz(path, kind)
        ids = as_texts(arrays["ids"], "ids") if "ids" in arrays else None
        names = as_texts(arrays["classes"], "classes") if "classes" in arrays else None
        return Incoming(as_numbers(arrays[kind], kind), ids, names)
    if head == _MAGIC or name.lower().endswith(".npy"):
        return Incoming(as_numbers(read_npy(path.read_bytes(), name), kind), None, None)
    ids, names, values = read_array_table(path, name, kind, findings)
    return Incoming(values, ids, names if kind == PRED_PROBS else None)


def _joined(
    incoming: Incoming, examples: Examples, kind: str, findings: Findings
) -> tuple[Numbers, list[str]]:
    """Rows in the order of the examples: by id, or by place where nothing else can be meant."""
    count = len(incoming.values)
    if incoming.ids is None:
        if count != examples.rows:
            missing = "; without ids every row of the file needs its row"
            raise Stop("E505", found=count, kind=kind, expected=examples.rows, missing=missing)
        return incoming.values[examples.places], examples.keys
    if len(incoming.ids) != count:
        missing = f"; it has {len(incoming.ids):,} ids"
        raise Stop("E505", found=count, kind=kind, expected=len(examples.keys), missing=missing)
    place = {key: at for at, key in enumerate(incoming.ids)}
    if len(place) != count:
        twice = next(key for at, key in enumerate(incoming.ids) if place[key] != at)
        missing = f"; the id {twice[:80]} comes twice"
        raise Stop("E505", found=count, kind=kind, expected=len(examples.keys), missing=missing)
    lost = [key for key in examples.keys if key not in place]
    if lost:
        missing = f"; no row for {len(lost):,} ids, such as {', '.join(lost[:_SHOWN])[:200]}"
        raise Stop("E505", found=count, kind=kind, expected=len(examples.keys), missing=missing)
    extra = count - len(examples.keys)
    if extra:
        findings.warn("W505", extra, kind=kind)
    order = np.array([place[key] for key in examples.keys], dtype=np.int64)
    return incoming.values[order], examples.keys


def _columns(
    values: Numbers, names: Sequence[str] | None, examples: Examples, findings: Findings
) -> tuple[Numbers, list[str]]:
    """Put columns under labels: by name, or in a stated order that the labels bear out."""
    width = values.shape[1]
    if names is None:
        if width != len(examples.labels):
            reason = f"{width:,} columns for {len(examples.labels):,} labels"
            raise Stop("E506", reason=reason)
        check_agreement(values, examples.labels, examples.given, findings)
        return values, examples.labels
    if len(names) != width:
        raise Stop("E506", reason=f"{len(names):,} names for {width:,} columns")
    meant = [examples.forms.get(unicodedata.normalize("NFC", name)) for name in names]
    extra = [name for name, label in zip(names, meant, strict=True) if label is None]
    missing = [label for label in examples.labels if label not in meant]
    if extra or missing:
        words = [f"no label is called {', '.join(extra[:_SHOWN])}"] if extra else []
        words += [f"no column for {', '.join(missing[:_SHOWN])}"] if missing else []
        raise Stop("E506", reason=" and ".join(words))
    if len(set(meant)) != len(meant):
        raise Stop("E506", reason="two columns stand for one label")
    return values, [label for label in meant if label is not None]
