"""Rows between check and import: one JSON line for each, good or left out, in file order."""

from __future__ import annotations

from typing import Any, NamedTuple

import orjson

from app.datasets.cell import Stored
from app.datasets.roles import KEPT
from app.datatypes.data_type import StoredContent

_LETTERS = {"source": "s", "split": "p", "group": "g"}
"""Short keys of the roles that were there first: a file has millions of lines."""


class StoredBlob(NamedTuple):
    sha256: str
    size: int
    media_type: str


class GoodRow(NamedTuple):
    """A row that becomes an example; `label` is as written, `kept` by role."""

    row: int
    key: str
    content: StoredContent
    values: dict[str, Stored]
    label: str | None
    kept: dict[str, str]
    content_hash: str
    blobs: list[StoredBlob]


class LeftOutRow(NamedTuple):
    row: int
    code: str
    column: str
    message: str
    excerpt: str


StagedRow = GoodRow | LeftOutRow


def line_of(row: StagedRow) -> bytes:
    if isinstance(row, LeftOutRow):
        told: dict[str, Any] = {
            "r": row.row,
            "x": row.code,
            "col": row.column,
            "m": row.message,
            "e": row.excerpt,
        }
    else:
        told = {
            "r": row.row,
            "k": row.key,
            "c": row.content,
            "v": row.values,
            "l": row.label,
            "h": row.content_hash,
        }
        told |= {_LETTERS.get(name, name): value for name, value in row.kept.items()}
        if row.blobs:
            told["b"] = [list(blob) for blob in row.blobs]
    return orjson.dumps(told, option=orjson.OPT_APPEND_NEWLINE)


def row_of(line: bytes) -> StagedRow:
    told = orjson.loads(line)
    if "x" in told:
        return LeftOutRow(told["r"], told["x"], told["col"], told["m"], told["e"])
    return GoodRow(
        told["r"],
        told["k"],
        told["c"],
        told["v"],
        told["l"],
        {role.name: told.get(_LETTERS.get(role.name, role.name)) or "" for role in KEPT},
        told["h"],
        [StoredBlob(*blob) for blob in told.get("b", ())],
    )


def stamp_of(import_id: int) -> bytes:
    """The first line, which makes each staging file its own."""
    return orjson.dumps({"import": import_id}, option=orjson.OPT_APPEND_NEWLINE)
