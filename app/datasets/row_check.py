"""Rows become staged lines: one JSON line for each row, good or left out, in file order."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import BinaryIO, NamedTuple, Protocol

import orjson

from app.datasets.cell_kinds import CellKinds, with_cells
from app.datasets.chosen_columns import ChosenColumns
from app.datasets.column_facts import ColumnFacts
from app.datasets.findings import BadRow, Findings, Stop, excerpt_of
from app.datasets.guessing import LONGEST_KEY
from app.datasets.label_candidates import LabelCandidates
from app.datasets.label_cells import LabelCells
from app.datasets.label_check import LabelCheck
from app.datasets.report import PreviewRow
from app.datasets.roles import ID, KEPT, LABEL, METADATA, SOURCE
from app.datasets.rows import Table, Values
from app.datasets.staged import GoodRow, LeftOutRow, StagedRow, StoredBlob, line_of
from app.datasets.strict_json import Nested, inside, plain
from app.datatypes.column_role import ColumnRole
from app.datatypes.data_type import StoredContent
from app.datatypes.image import StoredImage
from app.datatypes.registry import TYPES

PREVIEW = 10
MOST_DRAWN = 20_000  # bytes of the first example, which is drawn before it is imported
EVERY = 1000
MOST_SOURCES = 5_000  # told by name; all are stored
_COMMA = re.compile(r"[-+]?\d+(,\d+)?")
Progress = Callable[[int], None]


class TakenImage(NamedTuple):
    """An image as it is shown, and the bytes that are stored for it."""

    content: StoredImage
    blobs: list[StoredBlob]


class ImageSource(Protocol):
    """Finds, checks and stores the image a row names."""

    def take(self, name: str, row: int) -> TakenImage: ...


class _Content(NamedTuple):
    """What is shown, the bytes that say whether two examples are the same, and blobs."""

    content: StoredContent
    made_of: bytes
    blobs: list[StoredBlob]


@dataclass
class RowCheck:
    """Applies roles to rows and writes the staging file."""

    chosen: ChosenColumns
    findings: Findings
    labels: LabelCheck | None
    target: BinaryIO
    images: ImageSource | None = None
    prefix: str = "row"
    candidates: LabelCandidates | None = None
    rows: int = 0
    good: int = 0
    preview: list[PreviewRow] = field(default_factory=list)
    sources: dict[str, None] = field(default_factory=dict)
    facts: ColumnFacts = field(default_factory=ColumnFacts)
    keys: dict[str, int] = field(default_factory=dict)  # of good rows, and where they stand
    _commas: dict[str, str] = field(default_factory=dict)
    _nested: bool = False
    _typed: Values = field(default_factory=dict)  # the row at hand, as its reader gave it

    def __post_init__(self) -> None:
        tables = [one.role for one in TYPES.values() if one.role.many]
        self._commas = {name: "" for role in tables for name in self.chosen.every(role)}

    def run(self, table: Table, progress: Progress) -> None:
        """Read every row."""
        self._nested = table.nested
        self.kinds = CellKinds(table, self.chosen.one(LABEL))
        self._label_cells = LabelCells.of(table, self.chosen.one(LABEL) or "")
        for number, values in table.rows:
            self.rows += 1
            row: StagedRow
            try:
                if isinstance(values, BadRow):
                    raise values
                self.facts.take(values)
                row = self._good(number, values)
                self._preview(row, values)
                self.good += 1
            except BadRow as bad:
                self.chosen.doubt(bad)
                row = self._left_out(bad, number)
            self.target.write(line_of(row))
            if self.rows % EVERY == 0:
                progress(self.rows)
        if not self.rows:
            raise Stop("E106")

    def _left_out(self, bad: BadRow, number: int) -> LeftOutRow:
        finding = self.findings.left_out(bad, number)
        words = " ".join(filter(None, (finding["message"], finding["fix"])))
        return LeftOutRow(number, finding["code"], finding["column"], words, finding["excerpt"])

    def _good(self, number: int, typed: Values) -> GoodRow:
        self._typed = typed
        values = plain(typed) if self._nested else typed
        key = self._key(number)
        taken = self._content(values, number)
        meta = [
            [name, value] for name in self.chosen.every(METADATA) if (value := values.get(name))
        ]
        label = self._label(number)
        if label is None and self.labels is not None and values.get(self.labels.column):
            typed = with_cells(typed, {self.labels.column: None})  # [] and -1: there is none
        if self.candidates is not None:
            self.candidates.take(typed)
        kept = {role.name: self._kept(role, number) for role in KEPT}
        self.keys[key] = number
        if kept[SOURCE.name] and len(self.sources) < MOST_SOURCES:
            self.sources[kept[SOURCE.name]] = None
        return GoodRow(
            number,
            key,
            {**taken.content, "meta": meta} if meta else taken.content,
            self.kinds.take(typed),
            label,
            kept,
            hashlib.sha256(taken.made_of).hexdigest(),
            taken.blobs,
        )

    def _label(self, number: int) -> str | None:
        column = self.chosen.one(LABEL)
        if self.labels is None or column is None:
            return None
        cell = self._at(column)
        raw = self._label_cells.label(cell, number, self.findings)
        label = self.labels.take(raw, number)
        if label is not None and label != cell:
            self.labels.written[str(cell)] = label  # a release writes it the same way again
        return label

    def _key(self, number: int) -> str:
        """The file's own id as the text it is, or one that says where the row stands."""
        column = self.chosen.one(ID)
        if column is None:
            return f"{self.prefix}-{number}"
        key = self.pick(column, number)
        if key is None or not key.strip():
            if self.findings.choices.get("E115", self.chosen.without_id) == "generate":
                self.findings.warn("W115")
                key = f"{self.prefix}-{number}"
                return key if key not in self.keys else f"{self.prefix}-{number}-generated"
            raise BadRow("E115", column=column, row=number)
        if len(key) * 4 > LONGEST_KEY and len(key.encode()) > LONGEST_KEY:
            raise BadRow(
                "E118", column=column, row=number, most=LONGEST_KEY, excerpt=excerpt_of(key)
            )
        if key in self.keys:
            first = f"row {self.keys[key]:,}"
            raise BadRow("E114", column=column, row=number, excerpt=excerpt_of(key), first=first)
        return key

    def _content(self, values: Values, number: int) -> _Content:
        kind = next(one for one in TYPES.values() if self.chosen.every(one.role))
        columns, row = self.chosen.every(kind.role), _Row(self, values, number)
        made = kind.made(row, columns)
        if made is None:
            named = ", ".join(columns)[:200] if kind.role.many else columns[0]
            raise BadRow("E301", column=named, row=number)
        if kind.role.many:
            for name in [name for name in self._commas if not self._decimal(name, values)]:
                del self._commas[name]
        return _Content(made.content, made.made_of, row.blobs)

    def _decimal(self, name: str, values: Values) -> bool:
        """Whether a column still may be one of decimals with a comma; remembers an example."""
        value = values.get(name)
        if not value or _COMMA.fullmatch(value.strip()) is None:
            return not value
        if "," in value and not self._commas[name]:
            self._commas[name] = value
        return True

    def finish(self) -> None:
        """Stop when a column of numbers would be read as one of words."""
        for name, value in self._commas.items():
            if value:
                raise Stop("E104", column=name, excerpt=excerpt_of(value))

    def _kept(self, role: ColumnRole, number: int) -> str:
        column, most = self.chosen.one(role), role.most_letters
        value = str(self._at(column) or "") if column else ""
        if most is not None and len(value) > most:
            raise BadRow("E118", column=column, row=number, most=most, excerpt=excerpt_of(value))
        return value

    def _preview(self, row: GoodRow, texts: Values) -> None:
        if len(self.preview) < PREVIEW:
            values: Values = {
                name: excerpt_of(value) if len(value) > 500 else value
                for name, value in texts.items()
                if value is not None
            }
            shown: PreviewRow = {"row": row.row, "id": row.key, "values": values}
            shown["label"] = row.label
            if not self.preview and len(orjson.dumps(row.content)) < MOST_DRAWN:
                shown["content"] = row.content
            self.preview.append(shown)

    def _at(self, column: str) -> str | None:
        """A value by its column, or by a path into a nested one when the column is so named."""
        if self._nested and column not in self._typed and "." in column:
            return inside(self._typed, column)
        return self._typed.get(column)

    def pick(self, column: str, number: int) -> str | None:
        """The plain value of a column; an object or a list is none."""
        value = self._at(column)
        if isinstance(value, Nested):
            raise BadRow("E127", column=column, row=number, excerpt=excerpt_of(value))
        return value if value is None else str(value)


@dataclass(slots=True)
class _Row:
    """A row as a data type sees it; what is stored for it is kept in mind."""

    check: RowCheck
    values: Values
    number: int
    blobs: list[StoredBlob] = field(default_factory=list)

    def picked(self, column: str) -> str | None:
        return self.check.pick(column, self.number)

    def image(self, name: str) -> StoredContent:
        if self.check.images is None:
            raise Stop("E232")
        taken = self.check.images.take(name, self.number)
        self.blobs += taken.blobs
        return taken.content
