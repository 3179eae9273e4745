"""CSV, written in either flavour and read back. Standard library only."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from app.datasets.cell import Value
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

_MARK = "'"
_UNSEEN = r"\s\x00-\x1f\xad\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff"
_SIGNS = r"=+\-@＝＋－＠﹦﹢﹣﹫"
_RUNS = re.compile(f"[{_MARK}\t\r\n]|[{_UNSEEN}]*[{_SIGNS}]")
"""What a spreadsheet may run: it may drop what stands unseen before a sign, and take a full-width
sign for the plain one. A mark of the user's own is marked as well, so that one comes off again."""


def guarded(cell: Cell) -> Cell:
    """Mark a cell that a spreadsheet might run; a mark of the user's own is marked as well."""
    text = as_text(cell)
    return _MARK + text if _RUNS.match(text) else cell


def unguarded(text: str) -> str:
    return text.removeprefix(_MARK)


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
            line = [guarded(cell) for cell in row] if self._safe else row
            # A lone carriage return is not quoted where lines end in a line feed.
            odd = any(isinstance(cell, str) and "\r" in cell for cell in line)
            writer = self._quoting if odd else self._plain
            writer.writerow([as_text(c) if isinstance(c, Value) else c for c in line])
        self._file.write(self._text.getvalue().encode())
        self._text.seek(0)
        self._text.truncate()


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
