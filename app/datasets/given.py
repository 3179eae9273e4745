"""What an import's event binds: a line of `given.jsonl` for each row, and the form of the file.

In the exact bytes that are hashed. Offline: `verify` writes them again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from app.db.canonical import canonical

Cells = Sequence[str | None]
"""A row as it was imported, in the order of the file's columns; None where it has no value."""


class GivenRow(NamedTuple):
    """One example as it was imported. Imports of old bind no cells."""

    example: int
    key: str
    row: int
    given: Sequence[int]
    salt: str
    cells: Cells | None = None

    @property
    def line(self) -> bytes:
        """Its line without the line end: sorted keys, compact, UTF-8."""
        line: dict[str, object] = {
            "example": self.example,
            "given": sorted(self.given),
            "key": self.key,
            "row": self.row,
            "salt": self.salt,
        }
        if self.cells is not None:
            line["absent"] = [place for place, cell in enumerate(self.cells) if cell is None]
            line["cells"] = cells_hash(self.salt, self.cells)
        return canonical(line)

    @property
    def hash(self) -> bytes:
        return line_hash(self.salt, self.line)


def line_hash(salt: str, line: bytes) -> bytes:
    """The hash that may stand for a line once it is erased."""
    return hashlib.sha256(bytes.fromhex(salt) + line).digest()


def cells_hash(salt: str, cells: Cells) -> str:
    """What the line of a row says of its cells: not to be guessed once the salt is erased."""
    return hashlib.sha256(bytes.fromhex(salt) + canonical(list(cells))).hexdigest()


class FileForm(NamedTuple):
    """How an imported file looked: what it takes to write its rows the same way again."""

    columns: tuple[str, ...]
    label: str | None  # the column that holds the label, if one does
    id: str | None
    separator: str | None
    written: Mapping[str, int]  # how it wrote labels: each spelling, and its label's id

    def cells(self, values: Mapping[str, str | None]) -> list[str | None]:
        return [values.get(name) for name in self.columns]

    @property
    def hash(self) -> str:
        form = {
            "columns": list(self.columns),
            "id": self.id,
            "label": self.label,
            "separator": self.separator,
            "written": list(self._spellings()),
        }
        return hashlib.sha256(canonical(form)).hexdigest()

    def _spellings(self) -> Iterator[list[object]]:
        for raw in sorted(self.written):
            yield [raw, self.written[raw]]
