"""CSV, written in either flavour and read back. Standard library only."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType

from app.releases.layout import Cell
from app.releases.options import Flavour

_RUNS = re.compile("[=+\\-@\t\r'＝＋－＠]")  # what a spreadsheet may run, and our own mark
_MARK = "'"
_LONGEST_CELL = 1 << 30


def guarded(cell: Cell) -> Cell:
    """Mark a cell that a spreadsheet might run; a mark of the user's own is marked as well."""
    text = "" if cell is None else str(cell)
    return _MARK + text if _RUNS.match(text) else cell


def unguarded(text: str) -> str:
    return text.removeprefix(_MARK)


class CsvFile:
    """Rows as lines that end in a line feed; a byte order mark only for spreadsheets."""

    def __init__(
        self, path: Path, columns: Sequence[str], *, flavour: Flavour, separator: str
    ) -> None:
        self._file = path.open("wb")
        self._safe = flavour is Flavour.SPREADSHEET
        self._text = io.StringIO(newline="")
        plain = {"delimiter": separator, "lineterminator": "\n"}
        self._plain = csv.writer(self._text, **plain)  # type: ignore[arg-type]  # two strings
        self._quoting = csv.writer(self._text, quoting=csv.QUOTE_ALL, **plain)  # type: ignore[arg-type]
        if self._safe:
            self._file.write(b"\xef\xbb\xbf")
        self.write([columns])

    def write(self, rows: Sequence[Sequence[Cell]]) -> None:
        for row in rows:
            line = [guarded(cell) for cell in row] if self._safe else row
            # A lone carriage return is not quoted where lines end in a line feed.
            odd = any(isinstance(cell, str) and "\r" in cell for cell in line)
            (self._quoting if odd else self._plain).writerow(line)
        self._file.write(self._text.getvalue().encode())
        self._text.seek(0)
        self._text.truncate()

    def __enter__(self) -> CsvFile:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()


def read_csv(path: Path, *, flavour: Flavour, separator: str) -> Iterator[dict[str, str | None]]:
    """The rows by column; an empty cell is an empty text."""
    csv.field_size_limit(_LONGEST_CELL)
    safe = flavour is Flavour.SPREADSHEET
    with path.open(encoding="utf-8-sig" if safe else "utf-8", newline="") as file:
        rows = csv.reader(file, delimiter=separator, strict=True)
        columns: list[str] | None = None
        for row in rows:
            cells = [unguarded(cell) for cell in row] if safe else row
            if columns is None:
                columns = cells
                continue
            yield dict(zip(columns, cells, strict=True))
