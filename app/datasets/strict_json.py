"""JSON read strictly: numbers stay the text they were, what is doubtful is refused."""

from __future__ import annotations

import json
import math
import re

from app.datasets.cell import Json, NumberText, TruthText, json_text
from app.datasets.findings import BadRow, excerpt_of
from app.datasets.rows import Values

MOST_DEPTH = 32
MOST_DIGITS = 1000


class Nested(str):
    """An object or a list, kept as compact JSON, with what it holds."""

    value: Json

    def __new__(cls, value: Json) -> Nested:
        text = super().__new__(cls, json_text(value))
        text.value = value
        return text


class StrictReader:
    """A JSON reader that notes what Python's own would let pass."""

    def __init__(self) -> None:
        self.noted: tuple[str, str] | None = None
        self._decoder = json.JSONDecoder(
            object_pairs_hook=self._object,
            parse_float=self._float,
            parse_int=self._integer,
            parse_constant=self._constant,
        )

    def read(self, text: str, row: int) -> Json:
        value, end = self.read_at(text, 0, row)
        rest = text[end:].strip()
        if rest:
            reason = "text follows the object"
            raise BadRow("E120", row=row, at=end + 1, reason=reason, excerpt=excerpt_of(rest))
        return value

    def read_at(self, text: str, start: int, row: int) -> tuple[Json, int]:
        self.noted = None
        try:
            value, end = self._decoder.raw_decode(text, start)
        except json.JSONDecodeError as error:
            shown = excerpt_of(text[max(0, error.pos - 10) : error.pos + 20])
            at = error.pos - start + 1
            raise BadRow("E120", row=row, at=at, reason=_reason(error), excerpt=shown) from error
        except RecursionError as error:
            raise BadRow("E124", row=row) from error
        if self.noted is not None:
            code, what = self.noted
            extra = {"found": len(what)} if code == "E125" else {"column": excerpt_of(what)}
            raise BadRow(code, row=row, excerpt=excerpt_of(what), **extra)
        return value, end

    def _note(self, code: str, what: str) -> None:
        self.noted = self.noted or (code, what)

    def _object(self, pairs: list[tuple[str, Json]]) -> dict[str, Json]:
        members = dict(pairs)
        if len(members) != len(pairs):
            keys = [key for key, _ in pairs]
            self._note("E123", next(key for key in keys if keys.count(key) > 1))
        return members

    def _float(self, text: str) -> NumberText:
        if not math.isfinite(float(text)):
            self._note("E122", text)
        return NumberText(text)

    def _integer(self, text: str) -> NumberText:
        if len(text) > MOST_DIGITS:
            self._note("E125", text)
        return NumberText(text)

    def _constant(self, text: str) -> None:
        self._note("E122", text)


def _reason(error: json.JSONDecodeError) -> str:
    return error.msg[:1].lower() + error.msg[1:]


def too_deep(text: str) -> bool:
    """Whether brackets outside strings nest deeper than is read."""
    if text.count("{") + text.count("[") <= MOST_DEPTH:
        return False
    depth = deepest = 0
    for bracket in re.sub(r'"(?:[^"\\]|\\.)*"', "", text):
        if bracket in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif bracket in "]}":
            depth -= 1
    return deepest > MOST_DEPTH


def inside(values: Values, path: str) -> str | None:
    """What a path such as `answer.text` or `choices.0` leads to; numbers count in lists."""
    first, *rest = path.split(".")
    outer = values.get(first)
    value: Json = outer.value if isinstance(outer, Nested) else None
    for step in rest:
        value = _step(value, step)
    return text_of(value)


def _step(value: Json, step: str) -> Json:
    if isinstance(value, dict):
        return value.get(step)
    at = int(step) if step.isascii() and step.isdecimal() and len(step) < 10 else None
    return value[at] if isinstance(value, list) and at is not None and at < len(value) else None


def text_of(value: Json) -> str | None:
    """A value as text: what the file shows. Null is a missing value."""
    if isinstance(value, bool):
        return TruthText("true" if value else "false")
    if isinstance(value, dict | list):
        return Nested(value)
    return value  # text, or a number as it was written


def plain(values: Values) -> Values:
    """The values as text and nothing else: what leaves the reader is stored and sent."""
    return {name: None if value is None else str(value) for name, value in values.items()}
