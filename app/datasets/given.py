"""What an import's event binds: a line of `given.jsonl` for each row, and the form of the file.

In the exact bytes that are hashed. Offline: `verify` writes them again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, TypedDict

from app.datasets.cell import Imported, Stored, Value, imported
from app.db.canonical import canonical, unchecked

Cells = Sequence[Imported]
"""A row as it was imported, in the order of the file's columns; None where it has no value."""


class Writing(TypedDict, total=False):
    """How a file wrote its values, as far as columns of texts do not say it."""

    header: list[str]  # the names of its columns as they stand there, if they were mended
    values: str  # JSON or ARROW: what its cells were
    label_type: str  # what all its labels were, where that is no text
    arrow: str  # the schema of a Parquet file, in base64


JSON, ARROW = "json", "arrow"


class GivenRow(NamedTuple):
    """One example as it was imported. Imports of old bind no cells.

    `order` are the places of its cells as they stand in the row, where that is not their order.
    """

    example: int
    key: str
    row: int
    given: Sequence[int]
    salt: str
    cells: Cells | None = None
    order: Sequence[int] = ()

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
            values = [place for place, cell in enumerate(self.cells) if isinstance(cell, Value)]
            line |= {"json": values} if values else {}
            line |= {"order": list(self.order)} if self.order else {}
        return unchecked(line)

    @property
    def hash(self) -> bytes:
        return line_hash(self.salt, self.line)


def line_hash(salt: str, line: bytes) -> bytes:
    """The hash that may stand for a line once it is erased."""
    return hashlib.sha256(bytes.fromhex(salt) + line).digest()


def cells_hash(salt: str, cells: Cells) -> str:
    """What the line of a row says of its cells: not to be guessed once the salt is erased."""
    said = [list(cell) if isinstance(cell, Value) else cell for cell in cells]
    return hashlib.sha256(bytes.fromhex(salt) + unchecked(said)).hexdigest()


class FileForm(NamedTuple):
    """How an imported file looked: what it takes to write its rows the same way again."""

    columns: tuple[str, ...]
    label: str | None  # the column that holds the label, if one does
    id: str | None
    separator: str | None
    written: Mapping[str, int]  # how it wrote labels: each spelling, and its label's id
    writing: Writing = Writing()

    def cells(self, values: Mapping[str, Stored]) -> list[Imported]:
        return [imported(values.get(name)) for name in self.columns]

    def order(self, values: Mapping[str, Stored]) -> list[int]:
        """The places of a row's cells as they stand in it; nothing where they rise, as usual."""
        if self.writing.get("values") != JSON:
            return []
        places = {name: place for place, name in enumerate(self.columns)}
        order = [places[name] for name in values if name in places]
        return order if order != sorted(order) else []

    @property
    def hash(self) -> str:
        form = {
            "columns": list(self.columns),
            "id": self.id,
            "label": self.label,
            "separator": self.separator,
            "written": list(self._spellings()),
            **({"writing": self.writing} if self.writing else {}),
        }
        return hashlib.sha256(canonical(form)).hexdigest()

    def _spellings(self) -> Iterator[list[object]]:
        for raw in sorted(self.written):
            yield [raw, self.written[raw]]
