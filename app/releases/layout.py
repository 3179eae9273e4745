"""What stands in a released row: its columns, and what they say. Standard library only.

The builder writes these cells from the database, `verify` expects them from the log.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from app.datasets.given import JSON, FileForm
from app.datasets.released import ADDED, PENDING, PREFIX
from app.db.log_bodies import Counts
from app.db.words import EventKind, Reason, Status, Verdict
from app.labels import LabelSet
from app.releases.formats.format import Cell, FileFormat, RowShape
from app.releases.options import DATA, REMOVED, Pending, ReleaseSpec
from app.review.books.fold import Answer, Folded

FORMAT_VERSION = 3
MERGES_SINCE = 3  # before, a row whose label nobody changed had it as it was written
CHUNK = 5_000  # rows of one import that are written together: it shows in the bytes of Parquet
NUMBERS: Mapping[str, type[int] | type[float]] = {
    "quality": float,
    "priority": float,
    "guideline": int,
}

GIVEN, EVENTS, LABELS, MANIFEST = "given.jsonl", "events.jsonl", "labels.json", "manifest.json"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Said:
    """What the log knows of one decision beside the answer itself."""

    actor: str | None
    at: int  # milliseconds
    verdict: Verdict
    guideline: int | None


def time_text(milliseconds: int) -> str:
    """A time of the log as text, in UTC."""
    moment = _EPOCH + timedelta(milliseconds=milliseconds)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass(frozen=True)
class Spelling:
    """How one imported file writes labels: by code or name, and every form it used."""

    labels: Mapping[int, tuple[str, str]]  # id -> name, code
    written: Mapping[str, int]
    by_code: bool

    @classmethod
    def of(cls, labels: Mapping[int, tuple[str, str]], written: Mapping[str, int]) -> Spelling:
        """LabelSet go by their code where the file did so, or where nothing is known of it."""
        coded = any(_is_code(raw, labels[label]) for raw, label in written.items())
        return cls(labels, written, coded or not written)

    def text(self, label: int) -> str:
        name, code = self.labels[label]
        return code if code and self.by_code else name

    def stands_for(self, text: str | None, label: int) -> bool:
        """Whether this cell of the file is one of the ways to write the label."""
        return text is not None and (self.written.get(text) == label or text == self.text(label))

    def is_own(self, text: str, label: int) -> bool:
        """Whether it says the label's own name or code: another form was merged into it."""
        return unicodedata.normalize("NFC", text) in self.labels[label]


def _is_code(raw: str, label: tuple[str, str]) -> bool:
    name, code = label
    return raw == code != name


@dataclass(frozen=True)
class FileShape:
    """One import: how its file looked, and how labels are written in its rows."""

    import_id: int
    form: FileForm
    spelling: Spelling
    label_text: bool = False  # its labels had a type that not every label fits

    @property
    def sparse(self) -> bool:
        """Whether its rows say which of their values there are, and in which order."""
        return self.form.writing.get("values") == JSON


@dataclass(frozen=True)
class Layout:
    """The columns of a release: those of the files as they were, then the added ones."""

    columns: tuple[str, ...]
    added: Mapping[str, str]  # what it says -> its column
    shapes: tuple[FileShape, ...] = ()

    @property
    def every(self) -> tuple[str, ...]:
        return (*self.columns, *self.added.values())

    def shape(self, spec: ReleaseSpec, separator: str) -> RowShape:
        """What a file format needs to know of a row."""
        numbers = {self.added[name]: kind for name, kind in NUMBERS.items() if name in self.added}
        return RowShape(
            self.every,
            numbers,
            spec.flavour,
            separator,
            header=(*self._header, *self.added.values()),
            typed=tuple((one.form.columns, one.form.writing) for one in self.shapes),
            texts=frozenset(one.form.label or "" for one in self.shapes if one.label_text),
        )

    @property
    def _header(self) -> Iterator[str]:
        """The columns' names as their file has them."""
        names: dict[str, str] = {}
        for shape in self.shapes:
            header = shape.form.writing.get("header") or shape.form.columns
            names = dict(zip(shape.form.columns, header, strict=True)) | names
        return (names.get(name, name) for name in self.columns)

    def keys(self, names: Iterable[str]) -> tuple[int, ...]:
        """The places of these columns, then of the added ones."""
        places = {name: place for place, name in enumerate(self.columns)}
        return (*(places[name] for name in names), *range(len(self.columns), len(self.every)))


def layout_of(shapes: Sequence[FileShape], spec: ReleaseSpec) -> Layout:
    """Join the files' columns in order; added ones never take the place of a user's own."""
    columns = tuple(dict.fromkeys(name for shape in shapes for name in shape.form.columns))
    names = list(ADDED)
    if any(shape.form.label is None for shape in shapes):
        names.insert(0, "label")
    if spec.pending is Pending.COLUMN:
        names.append(PENDING)
    prefix, taken = PREFIX, set(columns)
    while any(prefix + name in taken for name in names):
        prefix += PREFIX
    return Layout(columns, {name: prefix + name for name in names}, tuple(shapes))


def separator_of(shapes: Sequence[FileShape]) -> str:
    """That of the first imported file that has one."""
    return next((shape.form.separator for shape in shapes if shape.form.separator), ",")


def label_text(shape: FileShape, labels: LabelSet) -> str | None:
    return shape.spelling.text(labels[0]) if labels else None


def pending_text(shape: FileShape, pending: Answer | None) -> str | None:
    """A change that waits for a second reader, such as `relabel: lost` or `remove: duplicate`."""
    if pending is None:
        return None
    if pending.verdict is Verdict.REMOVE:
        what: str | None = str(pending.reason) if pending.reason else ""
    else:
        what = label_text(shape, pending.labels)
    return f"{pending.verdict}: {what}"


def answer_cells(shape: FileShape, state: Folded, said: Mapping[int, Said]) -> dict[str, Cell]:
    """The added cells that follow from the log."""
    cells: dict[str, Cell] = {
        "status": str(state.status),
        "verdict": None,
        "reason": reason_text(state.reason),
        "by": None,
        "at": None,
        "guideline": None,
        "pending": pending_text(shape, state.pending),
    }
    if state.final and state.decided_seq is not None:
        last = said[state.decided_seq]
        cells |= {
            "verdict": str(last.verdict),
            "by": last.actor,
            "at": time_text(last.at),
            "guideline": last.guideline,
        }
    elif state.unread_bulk:
        cells["verdict"] = str(EventKind.BULK)
    return cells


def reason_text(reason: Reason | None) -> str | None:
    return str(reason) if reason else None


def count_rows(
    spec: ReleaseSpec, statuses: Mapping[str, int], *, imported: int = 0, left_out: int = 0
) -> Counts:
    """Counts that add up: file = imported + left out, imported = kept + removed + erased."""
    removed, erased = statuses.get("removed", 0), statuses.get("erased", 0)
    dropped: dict[str, int] = {}
    for word, count in statuses.items():
        why = "" if word in ("removed", "erased") else spec.left_out(Status(word))
        if why and count:
            dropped[why] = dropped.get(why, 0) + count
    kept = imported - removed - erased
    return {
        "in_file": imported + left_out,
        "left_out_at_import": left_out,
        "imported": imported,
        "kept": kept,
        "removed": removed,
        "erased": erased,
        "rows": kept - sum(dropped.values()),
        "left_out": dropped,
        "status": {word: count for word, count in statuses.items() if count},
    }


_LEFT_OUT_WORDS = {
    "pending": "waiting for a second reader",
    "disagreement": "in disagreement",
}


def warnings_of(counts: Counts) -> list[str]:
    """What the lead should know before anyone uses the file."""
    warnings = []
    dropped = counts["left_out"]
    if dropped:
        parts = ", ".join(
            f"{count:,} {_LEFT_OUT_WORDS.get(word, word)}"
            for word, count in sorted(dropped.items())
        )
        every = "Every row was left out" if not counts["rows"] else "Rows were left out"
        warnings.append(f"{every}: {parts}.")
    standing = {word: n for word, n in counts["status"].items() if word not in dropped}
    waiting, unsettled = standing.get("pending", 0), standing.get("disagreement", 0)
    if waiting:
        verb = "change waits" if waiting == 1 else "changes wait"
        warnings.append(f"{waiting:,} {verb} for a second reader: the label is as given.")
    if unsettled:
        verb = "example is" if unsettled == 1 else "examples are"
        warnings.append(f"{unsettled:,} {verb} in disagreement: the label is as given.")
    return warnings


def names_of(format: FileFormat) -> tuple[str, str]:
    """The files of the kept and of the removed rows."""
    return format.file_name(DATA), format.file_name(REMOVED)
