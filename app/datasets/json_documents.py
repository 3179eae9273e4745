"""A JSON file that is one object, or objects over several lines: where its rows are."""

from __future__ import annotations

from collections.abc import Iterator

from app.datasets.cell import Json
from app.datasets.findings import BadRow, Findings, Stop, excerpt_of
from app.datasets.strict_json import StrictReader, text_of, too_deep

_ROWS = frozenset(
    {"data", "rows", "examples", "records", "items", "results", "samples", "tasks"}
    | {"dataset", "instances", "documents"}
)
_GOES_ON = tuple("{[,:")
Object = dict[str, Json]


def is_document(first_line: str, more_follows: bool) -> bool:
    """Whether the file is no line an object: one object alone, or each over several lines."""
    line = first_line.strip()
    return line.startswith("{") and (not more_follows or line.endswith(_GOES_ON))


def rows_of(text: str, findings: Findings) -> Iterator[tuple[int, Json | BadRow]]:
    """The rows of such a file, numbered as they come."""
    try:
        objects = list(_objects(text))
    except BadRow as bad:
        yield 1, bad
        return
    rows: list[Json] = objects
    if len(objects) == 1 and isinstance(objects[0], dict):
        if _holds_nothing(objects[0]):
            return
        where, inner = _inside(objects[0])
        if inner:
            rows = inner
            findings.warn("W154", column=excerpt_of(where))
    yield from enumerate(rows, start=1)


def _objects(text: str) -> Iterator[Json]:
    reader, at, row = StrictReader(), 0, 0
    if too_deep(text):
        raise BadRow("E124", row=1)
    while at < len(text):
        if text[at] in " \t\r\n,\ufeff":
            at += 1
            continue
        row += 1
        try:
            value, at = reader.read_at(text, at, row)
        except BadRow as bad:
            if row == 1:
                raise
            raise Stop(bad.code, **bad.fields) from bad
        yield value


def _holds_nothing(value: Object) -> bool:
    """Whether an object wraps no rows: `{}`, `{"data": []}`, a table of columns without any."""
    if isinstance(value.get("columns"), list) and value.get("data") == []:
        return True
    names = [name for name, one in value.items() if one == [] and name.lower() in _ROWS]
    about = [one for name, one in value.items() if name not in names]
    if names and not any(isinstance(one, list) or (one and " " in str(one)) for one in about):
        return True  # `{"version": 2, "examples": []}`
    return all(one in ([], {}) for one in value.values())


def _inside(value: Object) -> tuple[str, list[Json]]:
    """The rows an object wraps, and the name they have in it; none if it is a row itself."""
    for name, one in value.items():
        rows = _of_objects(one)
        if rows and (name.lower() in _ROWS or len(value) == 1):
            return name, [_unwrapped(row) for row in rows]
    columns, data = value.get("columns"), value.get("data")
    if isinstance(columns, list) and isinstance(data, list):
        names = [text_of(one) or "" for one in columns]
        found = [dict(zip(names, row, strict=False)) for row in data if isinstance(row, list)]
        return "data", list(found) if len(found) == len(data) else []
    return "its columns", _columns(value) or _by_key(value)


def _of_objects(value: Json) -> list[Json]:
    if isinstance(value, list) and all(isinstance(one, dict) for one in value):
        return value
    return []


def _unwrapped(row: Json) -> Json:
    """`{"row_idx": 0, "row": {…}}`, as the viewer of Hugging Face gives rows."""
    inner = row.get("row") if isinstance(row, dict) and "row_idx" in row else None
    return inner if isinstance(inner, dict) else row


def _columns(value: Object) -> list[Json]:
    """A list for each column, or an object by row number as pandas writes it."""
    if len(value) < 2:
        return []
    lists: list[list[Json]] = [one for one in value.values() if isinstance(one, list)]
    if len(lists) == len(value) and len({len(one) for one in lists}) == 1:
        cells: Iterator[tuple[Json, ...]] = zip(*lists, strict=True)
        return [dict(zip(value, row, strict=True)) for row in cells]
    numbered = [one for one in value.values() if isinstance(one, dict) and _numbered(one)]
    if len(numbered) < len(value):
        return []
    places = dict.fromkeys(at for one in numbered for at in one)
    return [{name: one.get(at) for name, one in zip(value, numbered, strict=True)} for at in places]


def _numbered(value: Object) -> bool:
    return bool(value) and all(name.isascii() and name.isdecimal() for name in value)


def _by_key(value: Object) -> list[Json]:
    """An object for each id, all of the same keys."""
    rows = {name: one for name, one in value.items() if isinstance(one, dict)}
    if (
        len(rows) < 2
        or len(rows) < len(value)
        or len({frozenset(one) for one in rows.values()}) > 1
    ):
        return []
    return [{**({} if "id" in one else {"id": name}), **one} for name, one in rows.items()]
