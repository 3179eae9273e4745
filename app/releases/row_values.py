"""The values of a row file, hashed whatever the format and whoever's library wrote it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from app.datasets.cell import Value
from app.db.canonical import unchecked
from app.releases.formats.format import Cell

DECIMALS = 6


class RowValues:
    """SHA-256 over a line for the columns and one for each row: a JSON list of texts."""

    def __init__(self, columns: Sequence[str]) -> None:
        self._digest = hashlib.sha256()
        self.add(columns)

    def add(self, cells: Sequence[Cell]) -> None:
        texts = [cell if type(cell) is str else value_text(cell) for cell in cells]
        self._digest.update(unchecked(texts) + b"\n")

    @property
    def hash(self) -> str:
        return self._digest.hexdigest()


def value_text(cell: Cell) -> str:
    """Fractions always to six decimals: their shortest form is not the same everywhere."""
    if isinstance(cell, float):
        return f"{cell:.{DECIMALS}f}"
    if isinstance(cell, Value):
        return cell.text
    return "" if cell is None else str(cell)
