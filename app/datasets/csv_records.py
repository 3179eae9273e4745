"""Records of a text file, numbered as a person would count them; what quotes hide is asked."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice

from app.datasets.dialect import Dialect, find_quoting, surely_quoted
from app.datasets.findings import BadRow, Findings, Stop, excerpt_of
from app.datasets.row_shape import Shape, shape_of

Record = tuple[int, list[str] | BadRow]
_WINDOW = 1_000  # lines looked at where the first quote comes late
QUOTES_ARE_TEXT = ("text", "Quotes are text")
_OPEN = "a quote opens a cell and nothing closes it before the file ends"
_FAR = "a quote opens a cell, and the next quote, further down, does not close it"
_AFTER = "a quoted cell goes on after its closing quote"


@dataclass(slots=True)
class Start:
    """How many rows and lines come before the first record."""

    row: int = 0
    line: int = 0


class NumberedRecords:
    """Reads records one after another; a record the reader refuses is a bad row.

    Where the sample held no quote, what quotes mean is decided when the first one comes.
    """

    def __init__(
        self, lines: Iterator[str], dialect: Dialect, start: Start, findings: Findings
    ) -> None:
        self.dialect, self.findings = dialect, findings
        self.open_quoting = True  # nobody said what quotes mean
        self.surely_quoted = False  # though nobody said it
        self._lines, self._at = lines, start
        self._later: str | None = None
        self._shape = Shape(0)
        self._swallowed: list[tuple[int, int, str]] = []
        self._refused = 0

    def decide_later(self, escape: str) -> None:
        """Wait with the meaning of quotes for the first of them."""
        self._later = escape if self.open_quoting else None

    def learn(self, records: Sequence[list[str]], width: int) -> None:
        """Remember what rows are like, to know rows that a quote swallowed."""
        self._shape = shape_of(records, width)

    def __iter__(self) -> Iterator[Record]:
        if self._later is not None:
            held: list[str] = []
            yield from self._read(_until_quote(self._lines, held))
            if not held:
                return
            self._decide(held)
            self._lines = chain(held, self._lines)
        yield from self._read(self._lines)
        self._ask()

    def _decide(self, held: list[str]) -> None:
        held += islice(self._lines, _WINDOW)
        whole = len(held) <= _WINDOW
        asked = replace(self.dialect, quoting="", escape=self._later or "")
        self.dialect = find_quoting(held, asked, whole=whole, width=self._shape.width)
        self.surely_quoted = surely_quoted(held, self.dialect)
        if self.dialect.quoting == "none":
            self.findings.warn("W170", excerpt=excerpt_of(held[0].strip("\r\n")))
        if self.dialect.escape == "backslash":
            self.findings.warn("W171", excerpt=excerpt_of(held[0].strip("\r\n")))

    def _read(self, lines: Iterator[str]) -> Iterator[Record]:
        rows = self.dialect.rows(lines)
        number, before = self._at.row, self._at.line
        begins, read, reader = 0, rows.next, rows.reader
        while True:
            try:
                cells = read()
            except StopIteration:
                break
            except csv.Error as error:
                number += 1
                bad = self._refuse(error, number, before + begins + 1, reader.line_num - begins)
                begins = reader.line_num
                yield number, bad
                continue
            number += 1
            ends = reader.line_num
            if ends - begins > 1 and self._shape.swallowed(cells, self.dialect.separator):
                self._swallowed.append((number, ends - begins, _several(cells)))
            begins = ends
            if cells:
                yield number, cells
        self._at.row, self._at.line = number, before + begins

    def _refuse(self, error: csv.Error, number: int, line: int, lines: int) -> BadRow:
        said = str(error)
        if "limit" in said and lines <= 1:
            return BadRow("E112", column="?", row=number)
        if lines > 1 or "unexpected end" in said:
            reason = _OPEN if "unexpected end" in said or "limit" in said else _FAR
            raise Stop("E111", row=number, line=line, reason=reason).offering(
                [QUOTES_ARE_TEXT] if self.dialect.quoting == "doubled" else []
            )
        self._refused += 1
        return BadRow("E111", row=number, line=line, reason=_AFTER)

    def _ask(self) -> None:
        """Ask what quotes mean, where nobody said it and they may hide or spoil rows."""
        if not self.open_quoting:
            return
        if self._swallowed:
            row, lines, shown = self._swallowed[0]
            options = [("rows", f"They are {lines} rows: quotes are text"), ("text", "One text")]
            self.findings.ask(
                "W158",
                options,
                "text" if self.surely_quoted else "rows",
                row=row,
                lines=lines,
                excerpt=shown,
                count=len(self._swallowed),
            )
        elif self._refused:
            self.findings.offer(
                "E111",
                [("quoted", "Leave these rows out"), QUOTES_ARE_TEXT],
                f"{self._refused:,} rows have a quoted cell that goes on after its closing quote.",
            )


def _several(cells: Sequence[str]) -> str:
    return excerpt_of(next(cell for cell in cells if "\n" in cell or "\r" in cell))


def _until_quote(lines: Iterator[str], held: list[str]) -> Iterator[str]:
    """Lines before the first that has a quote; that one is held back."""
    for line in lines:
        if '"' in line:
            held.append(line)
            return
        yield line
