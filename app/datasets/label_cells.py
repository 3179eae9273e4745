"""What a label's cell holds: one label, none, or several in a list."""

from __future__ import annotations

import ast
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass

import orjson

from app.datasets.cell import Json, NumberText
from app.datasets.findings import BadRow, Findings, excerpt_of
from app.datasets.rows import Table
from app.datasets.strict_json import Nested, text_of

_LONGEST_LIST = 20_000  # characters of a cell that is read as a list


@dataclass(frozen=True, slots=True)
class LabelCells:
    """How the cells of a label's column tell labels, in every reading of a file."""

    column: str
    decimal: bool = False  # the column holds 3 as 3.0
    nothing: Collection[str] = ()  # what the file writes where there is no label

    @classmethod
    def of(cls, table: Table, column: str) -> LabelCells:
        numbered = column in table.class_names
        return cls(column, column in table.floats, frozenset({"-1"} if numbered else ()))

    def label(self, cell: str | None, row: int, findings: Findings) -> str | None:
        """The one label of a cell, None where there is none."""
        raw = label_in(cell, self.column, row, findings)
        if self.decimal and raw is not None and raw.endswith(".0"):
            raw = raw[:-2]
            findings.warn("W133")
        return None if raw in self.nothing else raw


def label_in(cell: str | None, column: str, row: int, findings: Findings) -> str | None:
    """The one label of a cell as the file shows it; a list of one is that one, [] is none."""
    listed = _listed(cell)
    if listed is not None:
        cell = _alone(listed, cell or "", column, row)
        if listed:
            findings.warn("W351")
    elif isinstance(cell, Nested):
        raise BadRow("E127", column=column, row=row, excerpt=excerpt_of(cell))
    if cell is None:
        return None
    if whole(cell) != cell:
        findings.warn("W133")
    return whole(cell)


def whole(label: str) -> str:
    """A label as text: 3.0 and 3 are one number."""
    if isinstance(label, NumberText) and label.endswith(".0"):
        return str(label[:-2])
    return str(label)


def _alone(listed: list[Json], cell: str, column: str, row: int) -> str | None:
    if len(listed) > 1:
        raise BadRow(
            "E310", column=column, row=row, found=len(listed), excerpt=excerpt_of(str(cell))
        )
    label = text_of(listed[0]) if listed else None
    if isinstance(label, Nested):
        raise BadRow("E127", column=column, row=row, excerpt=excerpt_of(label))
    return label


def _listed(cell: str | None) -> list[Json] | None:
    """The list in a cell, of a nested value or of its text: `["a"]`, and `['a']` as Python does."""
    if isinstance(cell, Nested):
        return cell.value if isinstance(cell.value, list) else None
    if cell is None or not (cell.startswith("[") and cell.endswith("]")):
        return None
    if len(cell) > _LONGEST_LIST:
        return None
    value: object = None
    with suppress(orjson.JSONDecodeError):
        value = orjson.loads(cell.encode("utf-8", "replace"))
    if value is None:
        with suppress(ValueError, SyntaxError, MemoryError, RecursionError):
            value = ast.literal_eval(cell)
    if not isinstance(value, list):
        return None
    return [_json(one) for one in value]


def is_list(cell: str) -> bool:
    return isinstance(cell, Nested) and isinstance(cell.value, list)


def _json(value: object) -> Json:
    if isinstance(value, bool | str) or value is None:
        return value
    return [] if isinstance(value, list | dict | tuple | set) else NumberText(str(value))
