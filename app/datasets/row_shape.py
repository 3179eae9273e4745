"""What the rows of a table have in common, and which row looks like several of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

_FEW = 20  # different values at most, where a value is one of a list


class Shape(NamedTuple):
    """What rows are like: how many cells, and which values a column has where it has few.

    None stands for a column of anything, an empty set for one of numbers.
    """

    width: int
    values: tuple[frozenset[str] | None, ...] = ()

    def fits(self, cells: Sequence[str]) -> bool:
        return len(cells) == self.width and all(
            few is None or (cell in few if few else is_number(cell))
            for few, cell in zip(self.values, cells, strict=False)
        )

    def swallowed(self, cells: Sequence[str], separator: str) -> bool:
        """Whether each line of a row that has several could be a row of its own."""
        whole = separator.join(cells)
        lines = re.split("\r\n|\r|\n", whole)
        return (
            self.width > (1 if self.values or separator == "\t" else 2)
            and '"' not in whole  # one that was doubled: the writer does quote
            and len(lines) > 1
            and all(line.count(separator) == self.width - 1 for line in lines)
            and all(self.fits(line.split(separator)) for line in lines)
        )


def shape_of(records: Sequence[Sequence[str]], width: int) -> Shape:
    """What the rows of a sample have in common, its first row (most often names) left out."""
    body = [cells for cells in records[1:] if len(cells) == width]
    single = [cells for cells in body if not any("\n" in cell or "\r" in cell for cell in cells)]
    if len(single) < 3:
        return Shape(width)
    return Shape(width, tuple(_values([cells[at] for cells in single]) for at in range(width)))


def _values(column: list[str]) -> frozenset[str] | None:
    return frozenset() if all(map(is_number, column)) else few_of(column)


def few_of(column: Sequence[str]) -> frozenset[str] | None:
    """The different values of a column where each is one of a list, else None."""
    different = frozenset(column)
    return different if len(different) <= min(_FEW, len(column) // 2) else None


def is_number(cell: str) -> bool:
    return re.fullmatch(r"\s*[-+]?\d+([.,]\d+)?\s*", cell) is not None
