"""CSV, written in either flavour and read back. Standard library only."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

from app.datasets.cell import Value
from app.datasets.spreadsheet_marks import MARK, needs_mark
from app.releases.bounds import LONGEST_ROW, bounded_lines
from app.releases.formats.format import (
    EXACT,
    Cell,
    FileFormat,
    Flavour,
    RowFile,
    RowRead,
    RowShape,
    Sink,
)

SPREADSHEET = Flavour(
    "spreadsheet",
    "Safe for spreadsheets",
    "Cells that a spreadsheet might run as a formula begin with an apostrophe.",
)

_AT_ONCE = 1_000


def guarded(cell: Cell) -> Cell:
    """Mark a cell that a spreadsheet might run; a mark of the user's own is marked as well."""
    text = as_text(cell)
    return MARK + text if needs_mark(text) else cell


def unguarded(text: str) -> str:
    return text.removeprefix(MARK)


class CsvFile:
    """Rows as lines that end in a line feed; a byte order mark only for spreadsheets."""

    def __init__(self, file: Sink, shape: RowShape) -> None:
        self._file = file
        self._safe = shape.flavour is SPREADSHEET
        self._text = io.StringIO(newline="")
        separator = shape.separator
        self._plain = csv.writer(self._text, delimiter=separator, lineterminator="\n")
        self._quoting = csv.writer(
            self._text, delimiter=separator, lineterminator="\n", quoting=csv.QUOTE_ALL
        )
        if self._safe:
            self._file.write(b"\xef\xbb\xbf")
        self.write([shape.header or shape.columns])

    def write(self, rows: Sequence[Sequence[Cell]]) -> None:
        for row in rows:
            cells = [guarded(cell) for cell in row] if self._safe else row
            line = [cell if type(cell) is str else as_text(cell) for cell in cells]
            # A lone carriage return is not quoted where lines end in a line feed.
            writer = self._quoting if "\r" in "".join(line) else self._plain
            writer.writerow(line)
        self._file.write(self._text.getvalue().encode())
        self._text.seek(0)
        self._text.truncate()


def write_table(file: Sink, lines: Iterable[Sequence[Cell]]) -> None:
    """A table of its own; its first line are the names."""
    rest = iter(lines)
    table = CsvFile(file, RowShape(tuple(map(as_text, next(rest))), {}))
    while some := list(islice(rest, _AT_ONCE)):
        table.write(some)


@contextmanager
def create_csv(file: Sink, shape: RowShape) -> Iterator[RowFile]:
    yield CsvFile(file, shape)


def as_text(cell: Cell) -> str:
    if isinstance(cell, Value):
        return cell.text
    return "" if cell is None else str(cell)


def read_csv(path: Path, shape: RowShape) -> Iterator[RowRead]:
    """The rows by column; an empty cell is an empty text."""
    csv.field_size_limit(LONGEST_ROW)
    safe = shape.flavour is SPREADSHEET
    with path.open(encoding="utf-8-sig" if safe else "utf-8", newline="") as file:
        letters = 0

        def lines() -> Iterator[str]:
            nonlocal letters
            for line in bounded_lines(file.readline, LONGEST_ROW):
                letters += len(line)
                if letters > LONGEST_ROW:  # its cells may hold many lines
                    raise ValueError(f"a row is longer than {LONGEST_ROW:,}")
                yield line

        rows = csv.reader(lines(), delimiter=shape.separator, strict=True)
        columns: list[str] | None = None
        try:
            for row in rows:
                letters = 0
                cells = [unguarded(cell) for cell in row] if safe else row
                if columns is None:
                    named = shape.header or shape.columns
                    columns = list(shape.columns) if tuple(cells) == named else cells
                    continue
                yield dict(zip(columns, cells, strict=True))
        except csv.Error as error:
            raise ValueError(str(error)) from error


CSV = FileFormat(
    name="csv",
    words="CSV",
    ending="csv",
    media_type="text/csv",
    create=create_csv,
    read=read_csv,
    flavours=(EXACT, SPREADSHEET),
    separated=True,
    as_read=as_text,
)
