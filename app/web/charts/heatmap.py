"""Counts of pairs in one hue: rows against columns of the same names, the diagonal hatched.

The cells are those of a table, so that a reader who hears the page walks it by row and column, and
a cell leads on by an ordinary link.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from functools import cached_property

from app.web.charts.table_view import TableView

MOST_NAMES = 20
STEPS = 6
_MOST_LISTED = 40
_FEWEST = STEPS  # a single count of 1 is not drawn like the most of many


@dataclass(frozen=True, slots=True)
class Cell:
    """Places of a row and of a column among the names."""

    row: int
    column: int
    count: int
    url: str = ""


@dataclass(frozen=True, slots=True)
class DrawnCell:
    """`step` is its colour, 0 for none."""

    step: int
    count: int
    url: str
    said: str
    same: bool


@dataclass(frozen=True, slots=True)
class DrawnRow:
    name: str
    cells: tuple[DrawnCell, ...]


@dataclass(frozen=True)
class Heatmap:
    """`rows` and `columns` say what the two sides are, `unit` what is counted."""

    title: str
    rows: str
    columns: str
    unit: str
    names: tuple[str, ...]
    cells: tuple[Cell, ...]

    def __post_init__(self) -> None:
        for cell in self.cells:
            if cell.count < 0:
                raise ValueError(f"{self.title}: {cell} counts less than nothing.")
            if not (0 <= cell.row < len(self.names) and 0 <= cell.column < len(self.names)):
                raise ValueError(f"{self.title}: {cell} is outside of {len(self.names)} names.")
        if len({(cell.row, cell.column) for cell in self.cells}) < len(self.cells):
            raise ValueError(f"{self.title}: a pair is counted twice.")

    @cached_property
    def _pairs(self) -> tuple[Cell, ...]:
        """Pairs of two different names that were counted at all, the most frequent first."""
        pairs = [cell for cell in self.cells if cell.count and cell.row != cell.column]
        return tuple(sorted(pairs, key=lambda cell: (-cell.count, cell.row, cell.column)))

    @property
    def empty(self) -> bool:
        return not self._pairs

    @cached_property
    def most(self) -> int:
        return max((cell.count for cell in self._pairs), default=0)

    @cached_property
    def shown(self) -> tuple[int, ...]:
        """The names that have most counts, in their own order."""
        weights: Counter[int] = Counter()
        for cell in self._pairs:
            weights[cell.row] += cell.count
            weights[cell.column] += cell.count
        heaviest = sorted(weights, key=lambda name: (-weights[name], name))[:MOST_NAMES]
        return tuple(sorted(heaviest))

    @property
    def heads(self) -> tuple[str, ...]:
        return tuple(self.names[place] for place in self.shown)

    @property
    def drawn(self) -> tuple[DrawnRow, ...]:
        counted = {(cell.row, cell.column): cell for cell in self._pairs}
        none = Cell(0, 0, 0)
        return tuple(
            DrawnRow(
                self.names[row],
                tuple(
                    self._drawn(counted.get((row, column), none), (row, column))
                    for column in self.shown
                ),
            )
            for row in self.shown
        )

    def _drawn(self, cell: Cell, at: tuple[int, int]) -> DrawnCell:
        row, column = (self.names[place] for place in at)
        said = f"{cell.count:,}: {self.rows} {row}, {self.columns} {column}"
        return DrawnCell(self.step(cell.count), cell.count, cell.url, said, at[0] == at[1])

    def step(self, count: int) -> int:
        """From 1 to 6 by the root of the share of the most: rare pairs can still be told apart."""
        if count <= 0:
            return 0
        share = min(1.0, count / max(self.most, _FEWEST))
        return max(1, math.ceil(STEPS * math.sqrt(share) - 1e-9))

    @property
    def steps(self) -> tuple[int, ...]:
        """The colours in use, from pale to strong."""
        return tuple(range(self.step(1), self.step(self.most) + 1))

    @property
    def rest(self) -> str:
        """What is not drawn."""
        names = {place for cell in self._pairs for place in (cell.row, cell.column)}
        left = len(names) - len(self.shown)
        if not left:
            return ""
        shown = set(self.shown)
        outside = [cell for cell in self._pairs if not {cell.row, cell.column} <= shown]
        count = sum(cell.count for cell in outside)
        return (
            f"The {len(shown)} labels that are confused most are shown. Outside of them are "
            f"{left:,} labels more, with {count:,} {self.unit} in {len(outside):,} pairs."
        )

    @property
    def summary(self) -> str:
        if self.empty:
            return "Nothing to draw yet."
        top = self._pairs[0]
        total = sum(cell.count for cell in self._pairs)
        return (
            f"{total:,} {self.unit} in {len(self._pairs):,} pairs; most of them, {top.count:,}, "
            f"have {self.rows} {self.names[top.row]} and {self.columns} {self.names[top.column]}."
        )

    @property
    def table(self) -> TableView:
        pairs = self._pairs[:_MOST_LISTED]
        rows = tuple(
            (self.names[cell.row], self.names[cell.column], f"{cell.count:,}") for cell in pairs
        )
        left = len(self._pairs) - len(pairs)
        rest = f"{left:,} rarer pairs are not listed." if left else ""
        return TableView((self.rows, self.columns, self.unit), rows, rest)
