"""What a model predicts, read from a file: joined to examples by id and to labels by name.

Part of the process that reads untrusted files. What does not match is left out and listed, as rows
of an import are.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import BinaryIO, NamedTuple, TypeVar

import numpy as np
import orjson

from app.datasets.array_files import Array, as_numbers, as_texts, read_npz, write_npz
from app.datasets.array_kinds import PRED_PROBS
from app.datasets.findings import BadRow, Findings, Stop, excerpt_of
from app.datasets.formats.opening import open_table
from app.datasets.formats.registry import format_named
from app.datasets.parse_job import GivenFile, ParseJob
from app.datasets.prob_check import check_finite, checked_probs
from app.datasets.report import model_report_of
from app.datasets.roles import ID, LABEL
from app.datasets.rows import Table
from app.datasets.scratch import ARRAYS, EXAMPLES, STAGED
from app.datasets.zips import is_zip, open_zip

KIND = "predictions"
_IDS = ("ids", *ID.usual_names)
_LABELS = (
    *("prediction", "predictions", "predicted", "predicted_label", "pred", "preds", "y_pred"),
    *LABEL.usual_names,
)
_NOT_ASKED = {"W107": "names", "E502": "softmax", "E504": "divide"}
"""A file of predictions has a head; and the likeliest label of logits or per cents is the same."""

_WHOLE = re.compile(r"(-?\d+)\.0+")
_MOST_CELL = 200
Meaning = TypeVar("Meaning")


class Said(NamedTuple):
    """The id and the label of a row, as they are written there."""

    key: str
    label: str


Rows = Iterator[tuple[int, Said | BadRow]]
"""With their numbers in the file."""


class ModelCheck:
    """Reads predictions; writes [place of the example, label] for every row that matches."""

    def __init__(self, job: ParseJob, file: GivenFile, findings: Findings) -> None:
        self.job, self.file, self.findings = job, file, findings
        self.report = model_report_of({"rows": 0, "good": 0})
        self.keys = _keys(job)
        self.places = _by_form(self.keys)
        self.forms = {_form(one.code): one.name for one in job.known_labels}
        self.rows_of: dict[int, int] = {}  # the place of an example -> the row that tells it

    def run(self) -> None:
        strangers = 0
        with (self.job.work / STAGED).open("wb") as target:
            for row, said in self._rows():
                self.report["rows"] += 1
                place = self._place(said.key) if isinstance(said, Said) else None
                if isinstance(said, BadRow):
                    self.findings.left_out(said, row)
                elif place is None:
                    strangers += 1
                else:
                    self._take(row, said, place, target)
        if not self.report["rows"]:
            raise Stop("E106")
        self._tell(strangers)

    def _tell(self, strangers: int) -> None:
        good, expected = self.report["good"], len(self.keys)
        if not good:
            missing = "; none of its ids and labels are known here"
            raise Stop(
                "E505", found=self.report["rows"], kind=KIND, expected=expected, missing=missing
            )
        if strangers:
            self.findings.warn("W505", strangers, kind=KIND)
        if good < expected:
            self.findings.warn("W506", expected - good, kind=KIND)

    def _take(self, row: int, said: Said, place: int, target: BinaryIO) -> None:
        """Write a row down, or say why it cannot be used."""
        try:
            if place in self.rows_of:
                first = f"row {self.rows_of[place]:,}"
                raise BadRow("E114", excerpt=excerpt_of(said.key), first=first)
            label = self._label(said.label)
        except BadRow as bad:
            self.findings.left_out(bad, row)
            return
        self.rows_of[place] = row
        self.report["good"] += 1
        target.write(orjson.dumps([place, label], option=orjson.OPT_APPEND_NEWLINE))

    def _label(self, written: str) -> str:
        if not written.strip():
            raise BadRow("E301", column="label")
        label = _meant(self.forms, written)
        if label is None:
            shown = written[:_MOST_CELL]
            near = difflib.get_close_matches(shown, list(self.forms), n=1, cutoff=0.5)
            nearest = f"; the nearest is {excerpt_of(near[0])}" if near else ""
            raise BadRow("E302", column="label", excerpt=excerpt_of(written), nearest=nearest)
        return label

    def _place(self, key: str) -> int | None:
        return _meant(self.places, key)

    def _rows(self) -> Rows:
        if _is_npz(self.file):
            yield from self._of_array()
            return
        name = self.file.name if format_named(self.file.name) else ""
        with open_table(self.file.path, name, Findings(_NOT_ASKED)) as table:
            yield from _of_table(table)

    def _of_array(self) -> Rows:
        """The likeliest label of each row; the probabilities are kept beside."""
        arrays = read_npz(self.file.path, PRED_PROBS)
        if "ids" not in arrays:
            count = len(arrays[PRED_PROBS.name])
            missing = "; without ids nobody knows whose they are"
            raise Stop("E505", found=count, kind=KIND, expected=len(self.keys), missing=missing)
        ids, names = as_texts(arrays["ids"], "ids"), as_texts(arrays["classes"], "classes")
        values = as_numbers(arrays[PRED_PROBS.name], PRED_PROBS.name)
        if len(ids) != len(values):
            missing = f"; it has {len(ids):,} ids"
            raise Stop(
                "E505", found=len(values), kind=KIND, expected=len(self.keys), missing=missing
            )
        if len(names) != values.shape[1]:
            reason = f"{len(names):,} names for {values.shape[1]:,} columns"
            raise Stop("E506", reason=reason)
        if len({_form(name).strip() for name in names}) < len(names):
            raise Stop("E506", reason="two columns stand for one label")
        check_finite(values, PRED_PROBS.name, ids)
        probs = checked_probs(values, ids, Findings(_NOT_ASKED))
        for row, (key, best) in enumerate(zip(ids, probs.argmax(axis=1), strict=True), start=1):
            yield row, Said(key, names[best])
        self._keep(ids, names, probs)

    def _keep(self, ids: list[str], names: list[str], probs: Array) -> None:
        """Rows of examples that are here, under the ids that they have here, once each."""
        places = np.array([-1 if (at := self._place(key)) is None else at for key in ids])
        _, first = np.unique(places, return_index=True)
        rows = np.sort(first[places[first] >= 0])
        folder = self.job.work / ARRAYS
        folder.mkdir(exist_ok=True)
        known = np.array([self.keys[at] for at in places[rows]], dtype=np.str_)
        arrays: dict[str, Array] = {PRED_PROBS.name: probs[rows], "ids": known}
        standing = [_meant(self.forms, name) or name for name in names]
        arrays["classes"] = np.array(standing, dtype=np.str_)
        write_npz(folder / f"{PRED_PROBS.name}.npz", arrays)
        self.report["probabilities"] = f"{PRED_PROBS.name}.npz"


def _keys(job: ParseJob) -> list[str]:
    with (job.work / EXAMPLES).open("rb") as file:
        return [orjson.loads(line) for line in file]


def _by_form(keys: Sequence[str]) -> dict[str, int]:
    """Places by the ids as they are stored, and by how these are composed where nobody has that."""
    places = {key: place for place, key in enumerate(keys)}
    for place, key in enumerate(keys):
        places.setdefault(_form(key), place)
    return places


def _form(written: str) -> str:
    return unicodedata.normalize("NFC", written)


def _meant(known: Mapping[str, Meaning], written: str) -> Meaning | None:
    """As it is written; else without blanks around it, or a whole number written as 3.0."""
    form = _form(written)
    for one in (written, form):
        if one in known:
            return known[one]
    form = form.strip()
    whole = _WHOLE.fullmatch(form)
    return known.get(form, known.get(whole[1]) if whole else None)


def _is_npz(file: GivenFile) -> bool:
    """Any archive of arrays; one of another kind is a table that was packed."""
    if not is_zip(file.path):
        return False
    try:
        archive, files = open_zip(file.path)
    except Stop:
        return file.name.lower().endswith(".npz")
    archive.close()
    return any(one.orig_filename.endswith(".npy") for one in files)


def _column(table: Table, names: Sequence[str], role: str) -> str:
    """The column of the first of the usual names that is there."""
    lower = {column.strip().lower(): column for column in reversed(table.columns)}
    found = next((lower[name] for name in names if name in lower), None)
    if found is None:
        columns = ", ".join(map(excerpt_of, table.columns))
        raise Stop("E109", column=role, columns=columns)
    return found


def _of_table(table: Table) -> Rows:
    label = _column(table, _LABELS, "label")
    key = _column(table, [name for name in _IDS if name != label.lower()], "id")
    names = table.class_names.get(label, ())
    for row, values in table.rows:
        if isinstance(values, BadRow):
            yield row, values
            continue
        written = values.get(label) or ""
        if names and written.isdecimal() and int(written) < len(names):
            written = names[int(written)]
        if not values.get(key):
            yield row, BadRow("E115")
        else:
            yield row, Said(values[key] or "", written)
