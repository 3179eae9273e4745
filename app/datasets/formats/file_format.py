"""What a file format is to an import: how it is known, what may be asked, how it is opened."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from app.datasets.chosen_columns import ChosenColumns
from app.datasets.decoding import Opened
from app.datasets.findings import Findings
from app.datasets.mapping import Reading
from app.datasets.row_check import ImageSource
from app.datasets.rows import Table
from app.db.words import DataType

EVERY_TYPE = frozenset(DataType)


@dataclass(frozen=True, slots=True)
class FileToOpen:
    """A file whose format is known; `folder` is where what is inside it may be put.

    What is opened on the way is closed by `closing`.
    """

    path: Path
    opened: Opened
    asked: Reading
    findings: Findings
    folder: Path
    closing: ExitStack


class Images(ImageSource, Protocol):
    def finish(self) -> None:
        """Say which images were not used, and which were found under another name."""


@dataclass(frozen=True, slots=True)
class OpenFile:
    """Rows, and what a format knows beyond them: the columns' roles, and the images.

    `known` are roles that leave no doubt, but for which others may be chosen.
    """

    table: Table
    chosen: ChosenColumns | None = None
    images: Images | None = None
    known: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def _by_no_means(head: bytes) -> bool:
    return False


def _by_no_names(names: Sequence[str]) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class FileFormat:
    """One format; `asks` are the parts of `Reading` that have a meaning for it."""

    name: str
    words: str
    endings: tuple[str, ...]
    opens: Callable[[FileToOpen], OpenFile]
    recognises: Callable[[bytes], bool] = _by_no_means  # by the first bytes, whatever its name
    holds: Callable[[Sequence[str]], bool] = _by_no_names  # by the names of the files in a ZIP
    data_types: frozenset[DataType] = EVERY_TYPE
    asks: tuple[str, ...] = ()
    may_be_packed: bool = False  # gzip or zstd around it
