"""What a file format is: how the rows of a release are written, and read back by `verify`.

Standard library only: `verify` comes here offline.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from app.datasets.cell import Value
from app.datasets.given import Writing

Cell = str | int | float | Value | None

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
    """What stands in a row: its columns, which of them hold numbers, and how cells are written.

    `typed` are the columns of each imported file and how it wrote its values; those in `texts` are
    text all the same. `header` are the columns' names where two may have the same.
    """

    columns: tuple[str, ...]
    numbers: Mapping[str, type[int] | type[float]]
    flavour: Flavour = EXACT
    separator: str = ","
    header: tuple[str, ...] = ()
    typed: tuple[tuple[tuple[str, ...], Writing], ...] = ()
    texts: frozenset[str] = frozenset()


class SparseRow(list[Cell]):
    """A row that says which of its cells are there, and in which order: `keys` are places."""

    __slots__ = ("keys",)

    def __init__(self, cells: Sequence[Cell], keys: tuple[int, ...]) -> None:
        super().__init__(cells)
        self.keys = keys


def itself(cell: Cell) -> Cell:
    """As it is read: `read` gives every imported cell as text, and nothing for null."""
    return (cell.text or None) if isinstance(cell, Value) else cell


class Sink(Protocol):
    """What a file of rows is written into: an open file, or what compares the bytes."""

    def write(self, piece: bytes, /) -> int: ...


class RowFile(Protocol):
    """A file that takes rows until its context ends; the stream below it stays open."""

    def write(self, rows: Sequence[Sequence[Cell]]) -> None: ...


@dataclass(frozen=True, slots=True)
class FileFormat:
    """A format by its name. `create` and `read` take the same shape.

    `read` raises `ValueError` or `OSError` where the file is damaged, whatever the damage is. The
    same rows are the same bytes wherever `libraries` says the same.
    """

    name: str
    words: str
    ending: str
    media_type: str
    create: Callable[[Sink, RowShape], AbstractContextManager[RowFile]]
    read: Callable[[Path, RowShape], Iterator[RowRead]]
    flavours: tuple[Flavour, ...] = (EXACT,)
    separated: bool = False  # its cells stand between separators, which the manifest names
    sparse: bool = False  # its rows may leave cells out, each in an order of its own
    grouped: bool = False  # its bytes show which rows were written together
    as_read: Callable[[Cell], Cell] = itself  # what a cell is once it was written and read
    libraries: Callable[[], Mapping[str, str]] = dict  # whose versions its bytes depend on

    def file_name(self, stem: str) -> str:
        return f"{stem}.{self.ending}"
