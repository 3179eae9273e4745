"""What a release may be asked for. Nothing heavy: `verify` reads it back offline."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypedDict

from app.db.words import Status
from app.releases.companions.companion import Companion
from app.releases.companions.registry import companion_named
from app.releases.formats.csv_file import CSV
from app.releases.formats.format import EXACT, FileFormat, Flavour
from app.releases.formats.registry import flavour_named, format_named

DATA, REMOVED = "data", "removed"


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


class _Companied(TypedDict, total=False):
    """Said only where there are any."""

    companions: list[str]


class SpecSaid(_Companied):
    """A spec by the names in it, as the database and the manifest keep it."""

    format: str
    flavour: str
    unreviewed: bool
    pending: str
    what: str


@dataclass(frozen=True)
class ReleaseSpec:
    """Format, and which rows: removed rows are always in a file of their own."""

    format: FileFormat = CSV
    flavour: Flavour = EXACT
    unreviewed: bool = True
    pending: Pending = Pending.GIVEN
    what: What = What.ALL
    companions: tuple[Companion, ...] = ()

    def as_json(self) -> SpecSaid:
        said: SpecSaid = {
            "format": self.format.name,
            "flavour": self.flavour.name,
            "unreviewed": self.unreviewed,
            "pending": self.pending.value,
            "what": self.what.value,
        }
        names = [one.name for one in self.companions]
        return {**said, "companions": names} if names else said

    @classmethod
    def of(cls, said: Mapping[str, Any] | SpecSaid) -> ReleaseSpec:
        """Read a spec back; raises `ValueError` or `KeyError` on anything unknown."""
        if not isinstance(said["unreviewed"], bool):
            raise ValueError("unreviewed is yes or no")
        names = list(dict.fromkeys(said.get("companions") or []))
        return cls(
            format_named(said["format"]),
            flavour_named(said["flavour"]),
            said["unreviewed"],
            Pending(said["pending"]),
            What(said["what"]),
            tuple(companion_named(name) for name in names),
        )

    @property
    def file_names(self) -> tuple[str, ...]:
        """Its row files and its companions."""
        names = (self.format.file_name(stem) for stem in (DATA, REMOVED))
        return (*names, *(one.file_name for one in self.companions))

    def left_out(self, status: Status) -> str:
        """Why a kept row of this status is not in the data file, or nothing if it is."""
        if status is Status.UNREVIEWED and not self.unreviewed:
            return str(status)
        if self.what is What.ALL or status is Status.RELABELED:
            return ""
        if status is Status.CONFIRMED:
            return UNCHANGED if self.what is What.CHANGED else ""
        return str(status)
