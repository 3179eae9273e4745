"""One file of released rows against what the log makes of them, row by row. Offline."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from app.db.words import Status
from app.labels import LabelSet
from app.releases.formats.format import RowRead
from app.releases.layout import FileShape, Said, answer_cells, label_text
from app.releases.problems import Problem, Problems
from app.releases.replay import DAMAGE
from app.releases.row_files import RowFiles
from app.review.books.fold import Folded


class Expected(NamedTuple):
    """One example as the log has it."""

    key: str | None
    shape: FileShape
    given: LabelSet
    state: Folded


@dataclass
class RowCheck:
    """Takes the expected rows in order and holds each against the next row of the file."""

    path: Path
    files: RowFiles
    problems: Problems
    said: Mapping[int, Said]
    row: int = 0
    _rows: Iterator[RowRead] | None = None
    _over: bool = False

    def _next(self) -> RowRead | None:
        if self._rows is None:
            self._rows = _careful(self.path, self.files)
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

    def take(self, expected: Expected) -> None:
        if self._over:
            return
        row = self._next()
        if self._over:
            return
        if row is None:
            self._stop("the row is missing", expected=expected.key)
            return
        if tuple(row) != self.files.layout.every:
            self._stop("has other columns")
            return
        shape = expected.shape
        if shape.id is not None and shape.id in row:
            there = str(row[shape.id] or "")
            if there != (expected.key or "") and not _made_up(expected.key, there):
                self._stop("is another example", expected=expected.key, actual=there)
                return
        self._compare(expected, row)

    def _compare(self, expected: Expected, row: RowRead) -> None:
        shape, given, state = expected.shape, expected.given, expected.state
        columns = self.files.layout.added
        there = row[columns["given"]]
        if not _spells(shape, given, there):
            self._differs(expected, columns["given"], label_text(shape, given), there)
        gone = state.status is Status.REMOVED
        final = there if gone or state.labels == given else label_text(shape, state.labels)
        column = shape.label or columns["label"]
        self._hold(expected, column, final, row)
        for name, cell in answer_cells(shape, state, self.said).items():
            if name in columns:
                self._hold(expected, columns[name], cell, row)

    def _hold(self, expected: Expected, column: str, cell: object, row: RowRead) -> None:
        if _text(cell) != _text(row[column]):
            self._differs(expected, column, cell, row[column])

    def _differs(self, expected: Expected, column: str, said: object, there: object) -> None:
        what = f"{column} differs"
        self.problems.add(Problem(self.path.name, what, self.row, expected.key, said, there))

    def end(self) -> None:
        if not self._over and self._next() is not None:
            self._stop("the row is one too many")


class _Unreadable(Exception):
    """The file is damaged from here on."""


def _careful(path: Path, files: RowFiles) -> Iterator[RowRead]:
    """The rows, with whatever a damaged file raises as one kind of error."""
    try:
        yield from files.read(path)
    except (*DAMAGE, OSError, MemoryError) as error:
        raise _Unreadable(str(error)[:200]) from error


def _text(cell: object) -> str:
    return "" if cell is None else str(cell)


def _spells(shape: FileShape, given: LabelSet, there: object) -> bool:
    if not given:
        return there in (None, "")
    return isinstance(there, str) and shape.spelling.stands_for(there, given[0])


def _made_up(key: str | None, there: str) -> bool:
    """A row that came without an id got one that says where it stood."""
    return not there.strip() and key is not None and "row-" in key
