"""What a release may be asked for. Standard library only: `verify` reads it back offline."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from app.db.words import Status


class Format(StrEnum):
    CSV = "csv"
    JSONL = "jsonl"
    PARQUET = "parquet"


class Flavour(StrEnum):
    """How CSV cells are written: as they are, or so that no spreadsheet runs them."""

    EXACT = "exact"
    SPREADSHEET = "spreadsheet"


class Pending(StrEnum):
    """What becomes of changes that wait for a second reader; the label stays as given in both."""

    GIVEN = "given"
    COLUMN = "column"


class What(StrEnum):
    ALL = "all"
    FINAL = "final"
    CHANGED = "changed"


UNCHANGED = "unchanged"
"""Why a confirmed row is not among the changed ones."""


@dataclass(frozen=True)
class ReleaseSpec:
    """Format, and which rows: removed rows are always in a file of their own."""

    format: Format = Format.CSV
    flavour: Flavour = Flavour.EXACT
    unreviewed: bool = True
    pending: Pending = Pending.GIVEN
    what: What = What.ALL

    def as_json(self) -> dict[str, Any]:
        return {
            name: value if isinstance(value, bool) else str(value)
            for name, value in asdict(self).items()
        }

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> ReleaseSpec:
        """Read a spec back; raises `ValueError` or `KeyError` on anything unknown."""
        if not isinstance(kept["unreviewed"], bool):
            raise ValueError("unreviewed is yes or no")
        return cls(
            Format(kept["format"]),
            Flavour(kept["flavour"]),
            kept["unreviewed"],
            Pending(kept["pending"]),
            What(kept["what"]),
        )

    def left_out(self, status: Status) -> str:
        """Why a kept row of this status is not in the data file, or nothing if it is."""
        if status is Status.UNREVIEWED and not self.unreviewed:
            return str(status)
        if self.what is What.ALL or status is Status.RELABELED:
            return ""
        if status is Status.CONFIRMED:
            return UNCHANGED if self.what is What.CHANGED else ""
        return str(status)
