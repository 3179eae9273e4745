"""A user's own arrays, joined to rows by id and to labels by name; nothing is guessed silently."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
from numpy.typing import NDArray

from app.datasets.array_examples import Examples, examples_of_file, examples_of_project
from app.datasets.array_files import Array, as_numbers, as_texts, read_npy, read_npz, write_npz
from app.datasets.array_kinds import ARRAY_KINDS, LOSSES, PRED_PROBS, ArrayKind
from app.datasets.array_tables import read_array_table
from app.datasets.findings import Findings, Stop, Told
from app.datasets.loss_check import check_losses
from app.datasets.parse_job import GivenArray, ParseJob
from app.datasets.prob_check import check_agreement, check_finite, checked_probs, in_sample
from app.datasets.report import ArrayReport, CheckedArray, Report
from app.datasets.scratch import ARRAYS
from app.datasets.zips import is_zip, open_zip

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


def check_arrays(job: ParseJob, report: Report, findings: Findings) -> list[CheckedArray]:
    """Check every array that came with the file; write the ones that can be used."""
    return _check_all(job, examples_of_file(job, report), findings)


class PushedCheck:
    """Checks arrays that came by themselves, for the examples the project has."""

    def __init__(self, job: ParseJob, findings: Findings) -> None:
        self.job, self.findings = job, findings
        self.report = cast(ArrayReport, {})

    def run(self) -> None:
        examples = examples_of_project(self.job)
        self.report["arrays"] = _check_all(self.job, examples, self.findings)


def _check_all(job: ParseJob, examples: Examples, findings: Findings) -> list[CheckedArray]:
    entries = [_check_one(asked, examples, job.work, findings) for asked in job.arrays]
    return [checked for checked in entries if checked is not None]


def _check_one(
    asked: GivenArray, examples: Examples, work: Path, findings: Findings
) -> CheckedArray | None:
    kind = ARRAY_KINDS[asked.kind] if asked.kind else kind_of(asked.path)
    incoming = _read(asked.path, asked.name, kind, findings)
    check_finite(incoming.values, kind.name, incoming.ids)
    if kind is LOSSES:
        check_losses(incoming.values, incoming.ids)
    values, covered = _joined(incoming, examples, kind, findings)
    ids, names = covered.keys, list[str]()
    if kind is PRED_PROBS:
        values, names = _columns(values, incoming.names, covered, findings)
        values = checked_probs(values, ids, findings)
        if in_sample(values, names, covered.given, findings):
            return None
    folder = work / ARRAYS
    folder.mkdir(exist_ok=True)
    arrays: dict[str, Array] = {kind.name: values, "ids": np.array(ids, dtype=np.str_)}
    if names:
        arrays["classes"] = np.array(names, dtype=np.str_)
    write_npz(folder / f"{kind.name}.npz", arrays)
    return {
        "kind": kind.name,
        "name": asked.name,
        "file": f"{kind.name}.npz",
        "rows": len(ids),
        "report": {"columns": int(values.shape[1]), "names": names[:50]},
    }


def kind_of(path: Path) -> ArrayKind:
    """What an archive calls its array; anything else is taken for probabilities."""
    if not is_zip(path):
        return PRED_PROBS
    try:
        archive, files = open_zip(path)
    except Stop:
        return PRED_PROBS  # what is wrong is said when it is read
    archive.close()
    named = {info.orig_filename.removesuffix(".npy") for info in files}
    return next((kind for name, kind in ARRAY_KINDS.items() if name in named), PRED_PROBS)


def _read(path: Path, name: str, kind: ArrayKind, findings: Findings) -> Incoming:
    with path.open("rb") as file:
        head = file.read(6)
    if not head:
        raise Stop("E105")
    if is_zip(path):
        arrays = read_npz(path, kind)
        ids = as_texts(arrays["ids"], "ids") if "ids" in arrays else None
        names = as_texts(arrays["classes"], "classes") if "classes" in arrays else None
        return Incoming(as_numbers(arrays[kind.name], kind.name), ids, names)
    if head == _MAGIC or name.lower().endswith(".npy"):
        return Incoming(as_numbers(read_npy(path.read_bytes(), name), kind.name), None, None)
    ids, names, values = read_array_table(path, name, kind.name, findings)
    return Incoming(values, ids, names if kind.columns_are_labels else None)


def _joined(
    incoming: Incoming, examples: Examples, kind: ArrayKind, findings: Findings
) -> tuple[Numbers, Examples]:
    """Rows in the order of the examples: by id, or by place where nothing else can be meant."""
    count, expected = len(incoming.values), int(examples.wanted.sum())
    if incoming.ids is None:
        if count != examples.rows:
            missing = "; without ids every row of the file needs its row"
            raise Stop("E505", found=count, kind=kind.name, expected=examples.rows, missing=missing)
        return incoming.values[examples.places], examples
    if len(incoming.ids) != count:
        missing = f"; it has {len(incoming.ids):,} ids"
        raise Stop("E505", found=count, kind=kind.name, expected=expected, missing=missing)
    place = {key: at for at, key in enumerate(incoming.ids)}
    if len(place) != count:
        twice = next(key for at, key in enumerate(incoming.ids) if place[key] != at)
        missing = f"; the id {twice[:80]} comes twice"
        raise Stop("E505", found=count, kind=kind.name, expected=expected, missing=missing)
    which = np.flatnonzero([key in place for key in examples.keys])
    _check_covered(which, examples, kind, findings, count)
    if count > len(which):
        findings.warn("W505", count - len(which), kind=kind.name)
    covered = examples.only(which)
    order = np.array([place[key] for key in covered.keys], dtype=np.int64)
    return incoming.values[order], covered


def _check_covered(
    which: NDArray[np.int64], examples: Examples, kind: ArrayKind, findings: Findings, count: int
) -> None:
    """Every example needs its row, unless the lead says that some will do."""
    bare = examples.wanted.copy()
    bare[which] = False
    lost = [examples.keys[at] for at in np.flatnonzero(bare)]
    if not lost:
        return
    if len(which) and (kind.may_be_partial or findings.choices.get("E505") == "partial"):
        findings.warn("W506", len(lost), kind=kind.name)
        return
    missing = f"; no row for {len(lost):,} ids, such as {', '.join(lost[:_SHOWN])[:200]}"
    expected = int(examples.wanted.sum())
    fields: dict[str, Told] = {"found": count, "kind": kind.name}
    fields |= {"expected": expected, "missing": missing}
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
