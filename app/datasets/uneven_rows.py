"""Rows with more or fewer cells than the first row has names: mended, or asked about as a whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from app.datasets.chosen_columns import ChosenColumns
from app.datasets.findings import BadRow, Findings, Options, excerpt_of
from app.datasets.roles import CONTENT, ID, LABEL
from app.datasets.rows import Values, check_cells

CODE = "E110"
_FILL = ("fill", "Fill the missing cells with nothing")
_JOIN = ("join", "Join them: the text holds the separator")
_LEAVE = ("leave_out", "Leave these rows out")


class UnevenRow(BadRow):
    """A row of another number of cells; a bad one, unless `UnevenRows` mends it."""

    def __init__(self, row: int, cells: list[str], columns: list[str], separator: str) -> None:
        shown = excerpt_of(separator.join(cells))
        super().__init__(CODE, row=row, found=len(cells), expected=len(columns), excerpt=shown)
        self.row, self.cells, self.columns, self.separator = row, cells, columns, separator
        self._then: list[Callable[[Values], Values]] = []

    @property
    def values(self) -> Values:
        """Its cells by column, as far as they go."""
        return dict(zip(self.columns, self.cells, strict=False))

    def before(self, step: Callable[[Values], Values]) -> UnevenRow:
        """The same row, whose values go through a step of the reading once they are mended."""
        self._then.append(step)
        return self

    def made_of(self, values: Values) -> Values:
        """What becomes of it with these values."""
        check_cells(self.row, values)
        for step in self._then:
            values = step(values)
        return values


@dataclass
class UnevenRows:
    """Mends rows by what columns are for, and asks once when most rows are uneven.

    Every reading of a file goes through it; of the columns in `one_of` a row needs one.
    """

    chosen: ChosenColumns
    findings: Findings
    one_of: Sequence[str] = ()
    read: int = 0
    rows: Counter[str] = field(default_factory=Counter)
    found: Counter[int] = field(default_factory=Counter)
    expected: int = 0

    def over(
        self, rows: Iterator[tuple[int, Values | BadRow]]
    ) -> Iterator[tuple[int, Values | BadRow]]:
        """The rows of a table, none of them uneven any more."""
        for number, values in rows:
            self.read += 1
            if isinstance(values, UnevenRow):
                try:
                    yield number, self._mended(values)
                except BadRow as bad:
                    yield number, bad
            else:
                yield number, values

    def _mended(self, row: UnevenRow) -> Values:
        """Its values where that is safe or was answered, else it is a bad row."""
        answer = self.findings.choices.get(CODE)
        short = len(row.cells) < len(row.columns)
        if short and not self._needed(row):
            self.findings.warn("W172")
            return row.made_of(row.values)
        self.expected = len(row.columns)
        self.found[len(row.cells)] += 1
        self.rows["short" if short else "long"] += 1
        if short and answer == "fill":
            self.findings.warn("W172")
            return row.made_of(row.values)
        if not short and answer == "join" and self._text() in row.columns:
            return row.made_of(self._joined(row))
        raise row

    def _needed(self, row: UnevenRow) -> bool:
        """Whether a cell is missing without which a row is nothing, or nothing is sure."""
        missing = row.columns[len(row.cells) :]
        if self.one_of and set(self.one_of) <= set(missing):
            return True
        roles = [one for one in (*CONTENT, LABEL, ID) if not one.many]
        return any(self.chosen.one(role) in missing for role in roles)

    def _text(self) -> str | None:
        return next(
            (self.chosen.one(one) for one in CONTENT if not one.many and self.chosen.one(one)), None
        )

    def _joined(self, row: UnevenRow) -> Values:
        """The surplus is part of the text, which held the separator without quotes."""
        at = row.columns.index(self._text() or "")
        past = at + 1 + len(row.cells) - len(row.columns)
        text = row.separator.join(row.cells[at:past])
        self.findings.warn("W161")
        return dict(zip(row.columns, [*row.cells[:at], text, *row.cells[past:]], strict=True))

    def ask(self) -> bool:
        """Ask about rows that were or would be left out; whether most of the file waits for it."""
        uneven = self.rows.total()
        if not uneven:
            return False
        options: list[tuple[str, str]] = [_FILL] if self.rows["short"] else []
        options += [_JOIN] if self.rows["long"] and self._text() else []
        most = uneven * 2 > self.read
        self._put([*options, _LEAVE], waits=most)
        return most and not self.findings.choices.get(CODE)

    def _put(self, options: Options, *, waits: bool) -> None:
        counts = self.findings.counts[CODE]
        common, _ = self.found.most_common(1)[0]
        self.findings.ask(
            CODE, options, row=None, found=common, expected=self.expected, count=self.rows.total()
        )
        self.findings.counts[CODE] = counts
        asked = self.findings.questions[-1]
        asked["row"] = None
        asked["message"] = (
            f"{self.rows.total():,} of {self.read:,} rows have another number of cells than the "
            f"first row: most often {common:,}, not {self.expected:,}."
        )
        if waits and self.rows["long"] == 0:
            asked["usual"] = "fill"
        if not waits and asked["answer"] is None:
            asked["answer"] = "leave_out"  # nothing waits for it
        self.findings.counts += Counter()  # drops what is zero
