"""A companion: one more file of a release, which says its rows as another tool reads them.

Standard library only: `verify` reads the registry offline, and knows a companion by its hash.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO, NamedTuple, Protocol

from app.db.log_bodies import Counts
from app.releases.formats.format import Flavour


class ReleasedRow(NamedTuple):
    """A row of the data file, with labels by their names."""

    key: str
    columns: Mapping[str, str]  # as imported, but for the label
    given: str | None
    final: str | None
    written: str  # what stands in the label column
    status: str
    why: str
    quality: float | None  # of the given label, where it was ranked
    votes: Mapping[str, int]  # what the answers that stand say, by label

    @property
    def changed(self) -> bool:
        return self.given != self.final

    @property
    def reviewed(self) -> bool:
        return self.status in ("confirmed", "relabeled")


@dataclass(frozen=True, slots=True)
class Told:
    """What is known once every row is written."""

    project: str
    number: int
    data_file: str
    columns: Mapping[str, type | None]  # of the data file; None: of a type that only its file knows
    label_column: str
    labels: Sequence[str]
    counts: Counts
    codes: Mapping[str, str]  # of labels that have one: what files may write instead of the name


class CompanionFile(Protocol):
    def write(self, rows: Sequence[ReleasedRow]) -> None: ...

    def finish(self, told: Told) -> None:
        """Every row was written; the stream below stays open."""


@dataclass(frozen=True, slots=True)
class Companion:
    """One by its name; the same rows are the same bytes."""

    name: str
    words: str
    hint: str
    file_name: str
    media_type: str
    create: Callable[[BinaryIO, Flavour], CompanionFile]
