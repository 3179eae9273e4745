"""Rows become staged lines: one JSON line for each row, good or left out, in file order."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Protocol

import orjson

from app.datasets.findings import BadRow, Entry, Findings, Stop, excerpt_of
from app.datasets.json_rows import Nested
from app.datasets.label_check import LabelCheck
from app.datasets.mapping import MOST_ROLE_LETTERS, Roles
from app.datasets.rows import Table, Values

LONGEST_KEY = 1000  # bytes; what a unique index of PostgreSQL can hold
PREVIEW = 10
EVERY = 1000
_COMMA = re.compile(r"[-+]?\d+(,\d+)?")
Progress = Callable[[int], None]


class ImageSource(Protocol):
    """Finds, checks and stores the image a row names."""

    def take(self, name: str, row: int) -> tuple[dict[str, Any], list[list[Any]]]: ...


@dataclass
class RowCheck:
    """Applies roles to rows and writes the staging file."""

    roles: Roles
    findings: Findings
    labels: LabelCheck | None
    target: BinaryIO
    images: ImageSource | None = None
    prefix: str = "row"
    rows: int = 0
    good: int = 0
    preview: list[Entry] = field(default_factory=list)
    _keys: dict[str, int] = field(default_factory=dict)
    _commas: dict[str, str] = field(default_factory=dict)

    _whole: bool = False

    def __post_init__(self) -> None:
        self._commas = dict.fromkeys(self.roles.fields, "")

    def run(self, table: Table, progress: Progress, *, most: int | None = None) -> None:
        """Read every row; `most` stops early, for a first look."""
        nested = table.format in ("json", "jsonl")
        self._whole = self.roles.label in table.floats
        for number, values in table.rows:
            self.rows += 1
            try:
                if isinstance(values, BadRow):
                    raise values
                line = self._line(number, values, nested=nested)
                self._preview(line)
                self.good += 1
            except BadRow as bad:
                line = self._left_out(bad, number)
            self.target.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))
            if self.rows % EVERY == 0:
                progress(self.rows)
            if most is not None and self.rows >= most:
                break
        if not self.rows:
            raise Stop("E106")

    def _left_out(self, bad: BadRow, number: int) -> Entry:
        made = self.findings.left_out(bad, number)
        return {
            "r": number,
            "x": made["code"],
            "col": made["column"],
            "m": " ".join(filter(None, (made["message"], made["fix"]))),
            "e": made["excerpt"],
        }

    def _line(self, number: int, values: Values, *, nested: bool) -> Entry:
        roles = self.roles
        key = self._key(values, number, nested=nested)
        content, made_of, blobs = self._content(values, number, nested=nested)
        meta = [[name, values[name]] for name in roles.metadata if values.get(name)]
        if meta:
            content["meta"] = meta
        label = None
        if self.labels is not None and roles.label:
            raw = _pick(values, roles.label, number, nested=nested, lists=True)
            if self._whole and raw is not None and raw.endswith(".0"):
                raw = raw[:-2]
                self.findings.warn("W133")
            label = self.labels.take(raw, number)
        short = {role: self._short(values, role, number) for role in MOST_ROLE_LETTERS}
        self._keys[key] = number
        line: Entry = {
            "r": number,
            "k": key,
            "c": content,
            "v": {name: value for name, value in values.items() if value is not None},
            "l": label,
            "s": short["source"],
            "p": short["split"],
            "g": short["group"],
            "h": hashlib.sha256(made_of).hexdigest(),
        }
        if blobs:
            line["b"] = blobs
        return line

    def _key(self, values: Values, number: int, *, nested: bool) -> str:
        """The file's own id as the text it is, or one that says where the row stands."""
        column = self.roles.id
        if column is None:
            return f"{self.prefix}-{number}"
        key = _pick(values, column, number, nested=nested)
        if key is None or not key.strip():
            if self.findings.choices.get("E115") == "generate":
                self.findings.warn("W115")
                key = f"{self.prefix}-{number}"
                return key if key not in self._keys else f"{self.prefix}-{number}-generated"
            raise BadRow("E115", column=column, row=number)
        if len(key) * 4 > LONGEST_KEY and len(key.encode()) > LONGEST_KEY:
            raise BadRow(
                "E118", column=column, row=number, most=LONGEST_KEY, excerpt=excerpt_of(key)
            )
        if key in self._keys:
            first = f"row {self._keys[key]:,}"
            raise BadRow("E114", column=column, row=number, excerpt=excerpt_of(key), first=first)
        return key

    def _content(
        self, values: Values, number: int, *, nested: bool
    ) -> tuple[dict[str, Any], bytes, list[list[Any]]]:
        """What is shown, the bytes that say whether two examples are the same, and blobs."""
        roles = self.roles
        if roles.text is not None:
            text = _pick(values, roles.text, number, nested=nested)
            if text is None:
                raise BadRow("E301", column=roles.text, row=number)
            return {"text": text}, text.encode(), []
        if roles.image is not None:
            name = _pick(values, roles.image, number, nested=nested)
            if not name:
                raise BadRow("E301", column=roles.image, row=number)
            if self.images is None:
                raise Stop("E232")
            content, blobs = self.images.take(name, number)
            return content, content["original"].encode(), blobs
        fields = [[name, values.get(name)] for name in roles.fields]
        if all(value in (None, "") for _, value in fields):
            raise BadRow("E301", column=", ".join(roles.fields)[:200], row=number)
        for name in [name for name in self._commas if not self._decimal(name, values.get(name))]:
            del self._commas[name]
        return {"fields": fields}, orjson.dumps(fields), []

    def _decimal(self, name: str, value: str | None) -> bool:
        """Whether a column still may be one of decimals with a comma; remembers an example."""
        if not value or _COMMA.fullmatch(value.strip()) is None:
            return not value
        if "," in value and not self._commas[name]:
            self._commas[name] = value
        return True

    def finish(self) -> None:
        """Stop when a column of numbers would be read as one of words."""
        for name, value in self._commas.items():
            if value:
                raise Stop("E104", column=name, excerpt=excerpt_of(value))

    def _short(self, values: Values, role: str, number: int) -> str:
        column = getattr(self.roles, role)
        value = (values.get(column) or "") if column else ""
        most = MOST_ROLE_LETTERS[role]
        if len(value) > most:
            raise BadRow("E118", column=column, row=number, most=most, excerpt=excerpt_of(value))
        return value

    def _preview(self, line: Entry) -> None:
        if len(self.preview) < PREVIEW:
            values = {
                name: excerpt_of(value) if len(value) > 500 else value
                for name, value in line["v"].items()
            }
            self.preview.append({"row": line["r"], "id": line["k"], "values": values})


def _pick(
    values: Values, column: str, number: int, *, nested: bool, lists: bool = False
) -> str | None:
    """A value by its column, or by a path into a nested one when the column is so named."""
    if not nested:
        return values.get(column)
    value = values.get(column)
    if column not in values and "." in column:
        value = _inside(values, column)
    if isinstance(value, Nested) and not (lists and isinstance(value.value, list)):
        raise BadRow("E127", column=column, row=number, excerpt=excerpt_of(value))
    return value


def _inside(values: Values, path: str) -> str | None:
    first, *rest = path.split(".")
    outer = values.get(first)
    found: Any = outer.value if isinstance(outer, Nested) else None
    for step in rest:
        found = found.get(step) if isinstance(found, dict) else None
    if found is None or isinstance(found, str):
        return found
    if isinstance(found, dict | list):
        return Nested(found)
    return str(found)
