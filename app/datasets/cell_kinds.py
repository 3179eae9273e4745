"""What the cells of a file were, beside their texts: what a release needs to write them again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from app.datasets.cell import (
    Json,
    NumberText,
    Stored,
    TruthText,
    Value,
    imported,
    json_text,
    one_text,
)
from app.datasets.given import Writing
from app.datasets.report import Report
from app.datasets.rows import Table, Values, check_width
from app.datasets.strict_json import Nested

_WHOLE = re.compile(r"-?\d+")


class ExactValues(Values):
    """The texts of a row, and beside them what stands for it in the database."""

    __slots__ = ("stored",)

    def __init__(self, texts: Values, stored: dict[str, Stored]) -> None:
        super().__init__(texts)
        self.stored = stored


def with_cells(
    values: Values, more: Values, exact: Mapping[str, Stored] = MappingProxyType({})
) -> Values:
    """The row with further cells, or other ones; what the others were is not forgotten.

    `exact` is what stands for them in the database, where their texts do not say it.
    """
    texts = {**values, **more}
    if not isinstance(values, ExactValues):
        return texts
    told = {name: _stored(text) for name, text in more.items() if text is not None}
    cells = {**values.stored, **told, **exact}  # a cell that was there keeps its place
    nothing = more.keys() - told.keys() - exact.keys()
    return ExactValues(texts, {name: one for name, one in cells.items() if name not in nothing})


def _stored(text: str) -> Stored:
    """A text, or what is none by its letters."""
    is_value = isinstance(text, NumberText | TruthText | Nested)
    return [str(text)] if is_value else str(text)


def stored_in(values: Values, column: str) -> Stored | None:
    """What stands for a cell in the database, where its text does not say it."""
    return values.stored.get(column) if isinstance(values, ExactValues) else None


def json_values(texts: Values, members: Mapping[str, Json]) -> Values:
    """A row of JSON: absent, null and what is no text can be told apart."""
    stored: dict[str, Stored] = {}
    for name, value in members.items():
        plain = isinstance(value, str) and not isinstance(value, NumberText)
        stored[name] = str(value) if plain else [json_text(value)]
    return ExactValues(texts, stored)


class CellKinds:
    """Takes the good rows of a file; `finish` tells the report what all of them have in common."""

    def __init__(self, table: Table, label: str | None) -> None:
        self._label, self._writing = label, table.writing
        self._types = table.types
        self._added = table.added.names - {label}
        self._columns = dict.fromkeys(table.columns)
        self._label_kinds: set[str] = set()

    def take(self, values: Values) -> dict[str, Stored]:
        """What is stored of a row."""
        if not isinstance(values, ExactValues):
            some = {name: str(value) for name, value in values.items() if value is not None}
            return self._without_added(some)
        stored = values.stored
        if not stored.keys() <= self._columns.keys():
            self._columns.update(dict.fromkeys(stored))
        if self._label in stored:
            self._label_kinds.add(_kind(stored[self._label]))
        return self._without_added(stored)

    def _without_added(self, stored: Mapping[str, Stored]) -> dict[str, Stored]:
        if not self._added:
            return dict(stored)
        return {name: cell for name, cell in stored.items() if name not in self._added}

    def finish(self, report: Report) -> None:
        """Every column that a row had, and how the file wrote its values."""
        names = list(self._columns)
        check_width(names)
        report["columns"] = [name for name in names if name not in self._added]
        writing = Writing(**self._writing)
        if "header" in writing:
            header = writing["header"]  # columns that reading added have the names they got
            pairs = zip(names, [*header, *names[len(header) :]], strict=True)
            writing["header"] = [written for name, written in pairs if name not in self._added]
            if writing["header"] == report["columns"]:
                del writing["header"]
        kind = self._label_type()
        if kind:
            writing["label_type"] = kind
        if writing:
            report["writing"] = writing

    def _label_type(self) -> str:
        """What all labels are, where that is no text."""
        if self._label is not None and self._label in self._types:
            return self._types[self._label]
        kinds = self._label_kinds - {"null"}
        if kinds == {"integer", "number"}:
            return "number"
        return kinds.pop() if len(kinds) == 1 and "" not in kinds else ""


def _kind(stored: Stored) -> str:
    cell = imported(stored)
    if not isinstance(cell, Value):
        return ""
    if cell.json in ("true", "false"):
        return "boolean"
    if cell.json[:1] not in "[{":
        return "null" if not cell.text else "integer" if _WHOLE.fullmatch(cell.json) else "number"
    return "list" if one_text(cell) is not None else ""
