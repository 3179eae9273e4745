"""One cell of an imported row: a text, or what is no text as the JSON it was. Offline.

`Example.columns` holds a text as itself, and the JSON of anything else as the one item of a list:
`{"id": ["7"], "text": "where is it", "label": ["true"], "note": ["null"]}`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from json.encoder import encode_basestring
from typing import NamedTuple, TypeAlias

Stored = str | list[str]
NULL, NAN = "null", "NaN"


class Value(NamedTuple):
    """A number, true, false, null, a list or an object: compact JSON, numbers as they were."""

    json: str

    @property
    def text(self) -> str:
        """As a table of texts shows it, where nothing is an empty text."""
        return "" if self.json in (NULL, NAN) else self.json


Imported = str | Value | None
"""A cell as it was imported; None where the row has no such cell."""


class NumberText(str):
    """A number in the letters it was written in."""

    __slots__ = ()


class TruthText(str):
    """True or false in the letters of JSON."""

    __slots__ = ()


Json: TypeAlias = "str | bool | list[Json] | dict[str, Json] | None"


def imported(stored: Stored | None) -> Imported:
    return Value(stored[0]) if isinstance(stored, list) else stored


def shown_columns(columns: Mapping[str, Stored]) -> dict[str, str]:
    """Every imported value as text; what is null or missing is left out."""
    cells = {name: imported(stored) for name, stored in columns.items()}
    texts = {name: cell.text if isinstance(cell, Value) else cell for name, cell in cells.items()}
    nothing = {name for name, cell in cells.items() if isinstance(cell, Value) and not cell.text}
    return {name: text or "" for name, text in texts.items() if name not in nothing}


def json_text(value: Json) -> str:
    """Compact JSON with only the escapes that it demands; numbers in the letters they have."""
    if isinstance(value, NumberText | TruthText):
        return str(value)
    if isinstance(value, str):
        return encode_basestring(value)
    if isinstance(value, dict):
        members = (f"{encode_basestring(key)}:{json_text(item)}" for key, item in value.items())
        return "{" + ",".join(members) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(json_text, value)) + "]"
    return NULL if value is None else str(value).lower()


def _no_constant(text: str) -> Json:
    raise ValueError(f"{text} is no JSON")


_DECODER = json.JSONDecoder(
    parse_int=NumberText, parse_float=NumberText, parse_constant=_no_constant
)


def read_json(text: str) -> Json:
    """The other way: every number keeps its letters. Raises `ValueError` on what is no JSON."""
    value: Json = _DECODER.decode(text)
    return value


def one_text(value: Imported) -> str | None:
    """The text of a list that holds one text and nothing more."""
    if not isinstance(value, Value) or not value.json.startswith('["'):
        return None
    items = read_json(value.json)
    alone = isinstance(items, list) and len(items) == 1 and type(items[0]) is str
    return items[0] if alone and isinstance(items, list) and isinstance(items[0], str) else None
