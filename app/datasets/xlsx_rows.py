"""Excel files: one sheet of a workbook, its cells as the texts a person sees."""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Protocol
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from app.datasets.decoding import refuse_bomb
from app.datasets.findings import Findings, Stop, excerpt_of

SHEET = "W163"
_SHOWN = 12
_ERRORS = frozenset({"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!"})
_BROKEN = (InvalidFileException, zipfile.BadZipFile, ParseError, KeyError, ValueError, OSError)


class _Sheet(Protocol):
    """What is asked of a sheet; openpyxl brings no types of its own."""

    title: str

    def iter_rows(self, *, values_only: bool) -> Iterable[Sequence[object]]: ...


def write_sheet(path: Path, target: Path, findings: Findings) -> str:
    """Write the sheet that holds the examples as CSV; its name."""
    _check_size(path)
    try:
        with path.open("rb") as file:  # by its bytes: what is kept has no ending
            book = load_workbook(file, read_only=True, data_only=True)
            return _write(book.worksheets, target, findings)
    except _BROKEN as error:
        raise Stop("E136") from error


def _check_size(path: Path) -> None:
    """A workbook that unpacks to far more than it is, is not unpacked."""
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(one.file_size for one in archive.infolist())
    except zipfile.BadZipFile as error:
        raise Stop("E136") from error
    refuse_bomb(size, path.stat().st_size, name="The Excel file")


def _write(sheets: Iterable[_Sheet], target: Path, findings: Findings) -> str:
    sheet = _chosen([one for one in sheets if _has_rows(one)], findings)
    errors, (first, last, width) = 0, _extent(sheet)
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        for at, cells in enumerate(_rows(sheet)):
            if first <= at <= last:
                errors += sum(cell in _ERRORS for cell in cells)
                writer.writerow([*cells, *[""] * (width - len(cells))][:width])
    if errors:
        findings.warn("W164", errors)
    return sheet.title


def _chosen(sheets: list[_Sheet], findings: Findings) -> _Sheet:
    """The one sheet with rows; of several the lead says which, else it is the first."""
    if not sheets:
        raise Stop("E106")
    if len(sheets) == 1:
        return sheets[0]
    names = [one.title for one in sheets]
    options = [(name, name) for name in names[:_SHOWN]]
    shown = excerpt_of(", ".join(names))
    answer = findings.ask(SHEET, options, names[0], excerpt=shown)
    return sheets[names.index(answer)] if answer in names else sheets[0]


def _has_rows(sheet: _Sheet) -> bool:
    """More than one row with something in it."""
    filled = (cells for cells in _rows(sheet) if any(map(str.strip, cells)))
    return next(filled, None) is not None and next(filled, None) is not None


def _extent(sheet: _Sheet) -> tuple[int, int, int]:
    """The first and the last row with something in it, and how wide they are.

    Excel keeps empty cells around a table: formatted ones, and blanks somewhere below.
    """
    first, last, width = -1, -1, 0
    for at, cells in enumerate(_rows(sheet)):
        filled = [place for place, cell in enumerate(cells, start=1) if cell.strip()]
        if filled:
            first, last, width = (at if first < 0 else first), at, max(width, filled[-1])
    return first, last, width


def _rows(sheet: _Sheet) -> Iterator[list[str]]:
    for values in sheet.iter_rows(values_only=True):
        yield [_text(value) for value in values]


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat()
    return value.isoformat() if isinstance(value, date | time) else str(value)
