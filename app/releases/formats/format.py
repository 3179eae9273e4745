"""What a file format is: how the rows of a release are written, and read back by `verify`.

Standard library only: `verify` comes here offline.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

Cell = str | int | float | None

RowRead = Mapping[str, object]
"""A row as it stands in a file, by column. Of a damaged file it may hold anything."""


@dataclass(frozen=True, slots=True)
class Flavour:
    """A way to write the same cells; `words` and `hint` say it to people."""

    name: str
    words: str
    hint: str


EXACT = Flavour("exact", "Exact", "As they are, for programs.")


@dataclass(frozen=True, slots=True)
class RowShape:
    """What stands in a row: its columns, which of them hold numbers, and how cells are written."""

    columns: tuple[str, ...]
    numbers: Mapping[str, type[int] | type[float]]
    flavour: Flavour = EXACT
    separator: str = ","


class RowFile(Protocol):
    """A file that takes rows until its context ends."""

    def write(self, rows: Sequence[Sequence[Cell]]) -> None: ...


@dataclass(frozen=True, slots=True)
class FileFormat:
    """A format by its name. `create` and `read` take the same shape.

    `read` raises `ValueError` or `OSError` where the file is damaged, whatever the damage is.
    """

    name: str
    words: str
    ending: str
    media_type: str
    create: Callable[[Path, RowShape], AbstractContextManager[RowFile]]
    read: Callable[[Path, RowShape], Iterator[RowRead]]
    flavours: tuple[Flavour, ...] = (EXACT,)
    separated: bool = False  # its cells stand between separators, which the manifest names

    def file_name(self, stem: str) -> str:
        return f"{stem}.{self.ending}"
