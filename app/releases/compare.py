"""One file of released rows against what the log makes of them, row by row. Offline.

Each row is written once more from the log, the labels and its line of `given.jsonl`, and the bytes
are compared. Only its text, quality and priority are taken from the file: the line's hash binds the
text, the manifest's hash of the values binds all three.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from app.datasets.cell import NAN, NULL, Imported, Value
from app.datasets.given import ARROW, cells_hash
from app.db.words import Status
from app.labels import LabelSet
from app.releases.formats.format import Cell, RowRead, SparseRow, itself
from app.releases.label_cells import FinalLabels, stands_for, with_label
from app.releases.layout import FileShape, Said, answer_cells, label_text
from app.releases.manifest_parts import LineRead
from app.releases.problems import DAMAGE, Problem, Problems
from app.releases.rewrite import Rewrite, RowAt
from app.releases.row_files import RowFiles
from app.releases.row_values import DECIMALS
from app.review.books.fold import Folded


class Expected(NamedTuple):
    """One example as the log has it."""

    line: LineRead
    shape: FileShape
    given: LabelSet
    state: Folded
    ends: bool  # here end the rows that were written together

    @property
    def key(self) -> str | None:
        return self.line.get("key")


@dataclass(frozen=True)
class Context:
    """What is the same for every row."""

    files: RowFiles
    said: Mapping[int, Said]
    scored: bool  # a ranking was in use
    exact: bool  # the format's libraries are those that wrote the files
    merges: bool  # the label column holds one form of each label


class RowCheck:
    """Takes the expected rows in order and holds each against the next row of the file."""

    def __init__(self, path: Path, context: Context, problems: Problems) -> None:
        self.path, self.context, self.problems = path, context, problems
        self.row = 0
        self._rows = _careful(path, context.files)
        self._again = Rewrite(path, context.files, exact=context.exact)
        self._over = self._wrong = False
        self._labels = dict[int, FinalLabels]()  # by the import

    def close(self) -> None:
        self._rows.close()
        self._again.close()

    def take(self, expected: Expected) -> None:
        row = None if self._over else self._next()
        if self._over:
            return
        if row is None:
            self._stop("the row is missing", expected=expected.key)
            return
        columns = self.context.files.layout.every
        sparse = self.context.files.spec.format.sparse and expected.shape.sparse
        if not sparse and not self._has(row, columns):
            return
        if self._is_another(expected, row):
            return
        cells = self._cells(expected, row)
        if sparse:
            keys = cells.keys if isinstance(cells, SparseRow) else range(len(columns))
            if not self._has(row, tuple(columns[place] for place in keys)):
                return
        for column, cell in zip(columns, cells, strict=True):
            there = row.get(column)
            if cell is not there or type(cell) is not str:  # most are the very text of the file
                self._hold(expected, column, cell, there)
        self._again.add(cells, RowAt(self.row, expected.key))
        self._tell_bytes()

    def group_ends(self) -> None:
        if not self._over:
            self._again.flush()
            self._tell_bytes()

    def end(self, values: str | None) -> None:
        """No more rows are expected; `values` is the hash of what all of them say."""
        if self._over:
            return
        if self._next() is not None:
            self._stop("the row is one too many")
        if self._over:
            return
        self._again.finish()
        self._tell_bytes()
        said = self._again.values.hash
        if values not in (None, said):
            what = "what its rows say is not what the manifest binds"
            self.problems.say(self.path.name, what, expected=values, actual=said)

    def _next(self) -> RowRead | None:
        self.row += 1
        try:
            return next(self._rows, None)
        except _Unreadable as error:
            self._stop(f"cannot be read: {error}")
            return None

    def _stop(self, what: str, *, expected: object = None, actual: object = None) -> None:
        """After a row that is not the one expected, nothing that follows would fit either."""
        self._over = True
        self.problems.add(
            Problem(self.path.name, what, row=self.row, expected=expected, actual=actual)
        )

    def _has(self, row: RowRead, columns: Sequence[str]) -> bool:
        """Whether the row has these columns, in their order."""
        if tuple(row) == columns:
            return True
        self._stop("has other columns", expected=", ".join(columns), actual=", ".join(row))
        return False

    def _is_another(self, expected: Expected, row: RowRead) -> bool:
        column, key = expected.shape.form.id, expected.key or ""
        there = str(row.get(column) or "") if column is not None else key
        if there == key or _made_up(key, there):
            return False
        self._stop("is another example", expected=key, actual=there)
        return True

    def _cells(self, expected: Expected, row: RowRead) -> list[Cell]:
        """The row as a release writes it."""
        shape, given, state = expected.shape, expected.given, expected.state
        layout, form = self.context.files.layout, shape.form
        texts = dict(zip(form.columns, self._texts(expected, row), strict=True))
        written = texts[form.label] if form.label is not None else label_text(shape, given)
        if not _spells(shape, given, written):
            self._differs(expected, layout.added["given"], label_text(shape, given), written)
        unchanged = state.status is Status.REMOVED or state.labels == given
        final = self._final(shape).of(given, state, written)
        if unchanged and not self.context.merges:
            final = written
        if form.label is not None:
            texts[form.label] = final
        added = answer_cells(shape, state, self.context.said) | {
            "label": final if form.label is None else None,
            "given": itself(written),
            "quality": self._score(row.get(layout.added["quality"])),
            "priority": self._score(row.get(layout.added["priority"])),
        }
        columns: list[Cell] = [texts.get(name) for name in layout.columns]
        columns += [added[name] for name in layout.added]
        if not shape.sparse:
            return columns
        names = with_label(_names(expected.line, form.columns), form.label, final)
        return SparseRow(columns, layout.keys(names))

    def _final(self, shape: FileShape) -> FinalLabels:
        if shape.import_id not in self._labels:
            self._labels[shape.import_id] = FinalLabels(shape)
        return self._labels[shape.import_id]

    def _texts(self, expected: Expected, row: RowRead) -> list[Imported]:
        """The row as it was imported: what stands in the file, held against the line's hash."""
        line, form = expected.line, expected.shape.form
        given = self.context.files.layout.added["given"]
        there = [row.get(given if name == form.label else name) for name in form.columns]
        if "cells" not in line:
            return [cell if cell is None else _text(cell) for cell in there]
        if not line["absent"] and "json" not in line:
            return self._bound(expected, [_text(cell) for cell in there])
        absent, values = set(line["absent"]), set(line.get("json", ()))
        nothing = NAN if form.writing.get("values") == ARROW else NULL
        cells: list[Imported] = [
            None
            if place in absent
            else Value(_text(cell) or nothing)
            if place in values
            else _text(cell)
            for place, cell in enumerate(there)
        ]
        return self._bound(expected, cells)

    def _bound(self, expected: Expected, cells: list[Imported]) -> list[Imported]:
        line = expected.line
        said = cells_hash(line["salt"], cells)
        if said != line["cells"]:
            self._add(expected, "its text is not what was imported", line["cells"], said)
        return cells

    def _score(self, there: object) -> float | None:
        """The number that stands there, if a release would write one."""
        if not self.context.scored or not isinstance(there, str | float) or there == "":
            return None
        try:
            number = round(float(there), DECIMALS)
        except (ValueError, OverflowError):
            return None
        return number if math.isfinite(number) else None

    def _hold(self, expected: Expected, column: str, cell: Cell, there: object) -> None:
        cell = self.context.files.spec.format.as_read(cell)
        if type(cell) is not type(there) or cell != there:
            self._differs(expected, column, cell, there)

    def _differs(self, expected: Expected, column: str, said: object, there: object) -> None:
        self._add(expected, f"{column} differs", said, there)

    def _add(self, expected: Expected, what: str, said: object, there: object) -> None:
        self._wrong = True
        self.problems.add(Problem(self.path.name, what, self.row, expected.key, said, there))

    def _tell_bytes(self) -> None:
        """Of the first byte that differs, where no cell told already that the file does."""
        parts = self._again.parts
        if parts is None or self._wrong:
            return
        self._wrong = True
        what = f"is not written the way a release writes it, from byte {parts.place:,} on"
        row, key = self._again.at or RowAt(None, None)
        said, there = parts.expected, parts.actual
        self.problems.add(Problem(self.path.name, what, row, key, said, there))


class _Unreadable(Exception):
    """The file is damaged from here on."""


def _careful(path: Path, files: RowFiles) -> Generator[RowRead, None, None]:
    """The rows, with whatever a damaged file raises as one kind of error."""
    try:
        yield from files.read(path)
    except (*DAMAGE, OSError, MemoryError) as error:
        raise _Unreadable(str(error)[:200]) from error


def _text(cell: object) -> str:
    return cell if isinstance(cell, str) else ""


def _names(line: LineRead, columns: Sequence[str]) -> list[str]:
    """Which columns the row had when it came in, in its own order."""
    absent = set(line.get("absent", ()))
    order = line.get("order") or [n for n in range(len(columns)) if n not in absent]
    if sorted(order) != [n for n in range(len(columns)) if n not in absent]:
        raise ValueError("its order does not name every cell that is there once")
    return [columns[place] for place in order]


def _spells(shape: FileShape, given: LabelSet, there: Imported) -> bool:
    if not given:
        return itself(there) in (None, "")
    return stands_for(shape, there, given[0])


def _made_up(key: str, there: str) -> bool:
    """A row that came without an id got one that says where it stood."""
    return not there.strip() and "row-" in key
