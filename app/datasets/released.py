"""The columns that a release adds: known again when one of its files comes in. Offline."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

PREFIX = "relabel_"
ADDED = (
    "given",
    "status",
    "verdict",
    "reason",
    "by",
    "at",
    "quality",
    "priority",
    "guideline",
)
PENDING = "pending"
FINAL = "label"


@dataclass(frozen=True, slots=True)
class AddedColumns:
    """What a release added to a file; `label` holds the label where an import had no such column.

    All begin alike: with the prefix once, or as often as it took to keep a user's columns apart.
    """

    names: frozenset[str] = frozenset()
    label: str = ""

    def __bool__(self) -> bool:
        return bool(self.names)


def added_columns(columns: Collection[str]) -> AddedColumns:
    """Those of a file's columns: nothing where one of them is missing.

    A single column with such a name is the file's own.
    """
    there, prefix, found = frozenset(columns), PREFIX, ""
    longest = max((len(name) for name in there), default=0)
    while len(prefix) < longest:
        if all(prefix + name in there for name in ADDED):
            found = prefix
        prefix += PREFIX
    if not found:
        return AddedColumns()
    names = {found + name for name in (*ADDED, PENDING, FINAL)} & there
    label = found + FINAL
    return AddedColumns(frozenset(names), label if label in names else "")
