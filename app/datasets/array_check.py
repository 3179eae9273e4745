"""A user's own arrays, joined to rows by id and to labels by name; nothing is guessed silently."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.datasets.array_examples import Examples, examples_of_file, examples_of_project
from app.datasets.array_files import as_numbers, as_texts, read_npy, read_npz, write_npz
from app.datasets.array_tables import read_array_table
from app.datasets.findings import Findings, Stop
from app.datasets.loss_check import check_losses
from app.datasets.open_rows import is_zip
from app.datasets.prob_check import check_agreement, check_finite, checked_probs, in_sample
from app.datasets.scratch import ARRAYS
from app.datasets.zips import open_zip

PRED_PROBS, EMBEDDINGS, LOSSES = "pred_probs", "embeddings", "losses"
KINDS = (PRED_PROBS, EMBEDDINGS, LOSSES)
_SHOWN = 5
_PARTIAL = [("partial", "Use it for the examples it has"), ("refuse", "Refuse it")]
_MAGIC = b"\x93NUMPY"
Numbers = NDArray[np.float32]


@dataclass
class Incoming:
    """An array as the file has it."""

    values: Numbers
    ids: list[str] | None
    names: list[str] | None


def check_arrays(job: dict[str, Any], found: dict[str, Any], findings: Findings) -> list[Any]:
    """Check every array that came with the file; write the ones that can be used."""
    return _check_all(job, examples_of_file(job, found), findings)


def check_pushed(job: dict[str, Any], findings: Findings) -> list[Any]:
    """Check an array that came by itself, for the examples the project has."""
    return _check_all(job, examples_of_project(job), findings)


def _check_all(job: dict[str, Any], examples: Examples, findings: Findings) -> list[Any]:
    made = [_check_one(asked, examples, job, findings) for asked in job["arrays"]]
    return [entry for entry in made if entry is not None]


def _check_one(
    asked: dict[str, Any], examples: Examples, job: dict[str, Any], findings: Findings
) -> dict[str, Any] | None:
    path, name = Path(asked["path"]), str(asked["name"])
    kind = asked["kind"] or kind_of(path)
    incoming = _read(path, name, kind, findings)
    check_finite(incoming.values, kind, incoming.ids)
    if kind == LOSSES:
        check_losses(incoming.values, incoming.ids)
    values, covered = _joined(incoming, examples, kind, findings)
    ids, names = covered.keys, list[str]()
    if kind == PRED_PROBS:
        values, names = _columns(values, incoming.names, covered, findings)
        values = checked_probs(values, ids, findings)
        if in_sample(values, names, covered.given, findings):
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


def kind_of(path: Path) -> str:
    """What an archive calls its array; anything else is taken for probabilities."""
    if not is_zip(path):
        return PRED_PROBS
    try:
        archive, files = open_zip(path)
    except Stop:
        return PRED_PROBS  # what is wrong is said when it is read
    archive.close()
    named = {info.orig_filename.removesuffix(".npy") for info in files}
    return next((kind for kind in KINDS if kind in named), PRED_PROBS)


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
) -> tuple[Numbers, Examples]:
    """Rows in the order of the examples: by id, or by place where nothing else can be meant."""
    count, expected = len(incoming.values), int(examples.wanted.sum())
    if incoming.ids is None:
        if count != examples.rows:
            missing = "; without ids every row of the file needs its row"
            raise Stop("E505", found=count, kind=kind, expected=examples.rows, missing=missing)
        return incoming.values[examples.places], examples
    if len(incoming.ids) != count:
        missing = f"; it has {len(incoming.ids):,} ids"
        raise Stop("E505", found=count, kind=kind, expected=expected, missing=missing)
    place = {key: at for at, key in enumerate(incoming.ids)}
    if len(place) != count:
        twice = next(key for at, key in enumerate(incoming.ids) if place[key] != at)
        missing = f"; the id {twice[:80]} comes twice"
        raise Stop("E505", found=count, kind=kind, expected=expected, missing=missing)
    which = np.flatnonzero([key in place for key in examples.keys])
    _check_covered(which, examples, kind, findings, count)
    if count > len(which):
        findings.warn("W505", count - len(which), kind=kind)
    covered = examples.only(which)
    order = np.array([place[key] for key in covered.keys], dtype=np.int64)
    return incoming.values[order], covered


def _check_covered(
    which: NDArray[np.int64], examples: Examples, kind: str, findings: Findings, count: int
) -> None:
    """Every example needs its row, unless the lead says that some will do."""
    bare = examples.wanted.copy()
    bare[which] = False
    lost = [examples.keys[at] for at in np.flatnonzero(bare)]
    if not lost:
        return
    if len(which) and (kind == LOSSES or findings.choices.get("E505") == "partial"):
        findings.warn("W506", len(lost), kind=kind)
        return
    missing = f"; no row for {len(lost):,} ids, such as {', '.join(lost[:_SHOWN])[:200]}"
    expected = int(examples.wanted.sum())
    fields = {"found": count, "kind": kind, "expected": expected, "missing": missing}
    if len(which):
        findings.ask("E505", _PARTIAL, **fields)
    raise Stop("E505", **fields)


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
