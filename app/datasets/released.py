"""The columns that a release adds: known again when one of its files comes in. Offline."""

from __future__ import annotations

from collections.abc import Collection

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


def columns_of_release(columns: Collection[str]) -> frozenset[str]:
    """Those that a release added to this file: nothing where one of them is missing.

    A single column with such a name is the file's own.
    """
    added = {PREFIX + name for name in ADDED}
    if not added <= set(columns):
        return frozenset()
    return frozenset(added | ({PREFIX + PENDING} & set(columns)))
