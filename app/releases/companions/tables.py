"""Companions that are small tables: what changed, weights, soft labels."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import BinaryIO

from app.releases.companions.companion import Companion, CompanionFile, ReleasedRow, Told
from app.releases.formats.csv_file import CsvFile
from app.releases.formats.format import Flavour, RowFile, RowShape

Line = Sequence[str]


class Table:
    """Lines of a CSV, some for each row."""

    def __init__(self, file: RowFile, lines: Callable[[ReleasedRow], Iterable[Line]]) -> None:
        self._file, self._lines = file, lines

    def write(self, rows: Sequence[ReleasedRow]) -> None:
        self._file.write([line for row in rows for line in self._lines(row)])

    def finish(self, told: Told) -> None:
        """Every line stands already."""


def table(
    names: tuple[str, ...], lines: Callable[[ReleasedRow], Iterable[Line]]
) -> Callable[[BinaryIO, Flavour], CompanionFile]:
    """Written as the data file is: what is safe for spreadsheets there is safe here."""
    return lambda file, flavour: Table(CsvFile(file, RowShape(names, {}, flavour)), lines)


def _change(row: ReleasedRow) -> Iterable[Line]:
    if row.changed:
        yield row.key, row.given or "", row.final or "", row.why


def weight_of(row: ReleasedRow) -> float:
    """1 for what somebody read; else how likely the given label is right, if it was ranked."""
    return 1.0 if row.reviewed or row.quality is None else row.quality


def _weight(row: ReleasedRow) -> Iterable[Line]:
    if row.final is not None:
        yield row.key, row.final, f"{weight_of(row):.6f}"


def _soft(row: ReleasedRow) -> Iterable[Line]:
    """The share of each label among the answers; where nobody answered, the label it has."""
    votes = row.votes or ({row.final: 1} if row.final is not None else {})
    every = sum(votes.values())
    for label in sorted(votes):
        yield row.key, label, f"{votes[label] / every:.6f}"


CHANGES = Companion(
    "changes",
    "Only what changed",
    "A line for each label that is another: id, given, final, why.",
    "changes.csv",
    "text/csv",
    table(("id", "given", "final", "why"), _change),
)
WEIGHTS = Companion(
    "weights",
    "Sample weights",
    "Keep every row but trust some less: 1 where somebody read it, else the label quality.",
    "weights.csv",
    "text/csv",
    table(("id", "label", "weight"), _weight),
)
SOFT = Companion(
    "soft",
    "Soft labels",
    "The share of each label among the answers; nobody's answer leaves the given label.",
    "soft_labels.csv",
    "text/csv",
    table(("id", "label", "share"), _soft),
)
