"""JSON lines, one object a row in the order of the columns, or in its own where it has one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import orjson

from app.datasets.cell import Json, NumberText, Value, json_text, read_json
from app.releases.bounds import LONGEST_ROW, bounded_lines
from app.releases.formats.format import (
    Cell,
    FileFormat,
    RowFile,
    RowRead,
    RowShape,
    Sink,
    SparseRow,
)

_NO_JSON = re.compile("NaN|Infinity")


class JsonlFile:
    def __init__(self, file: Sink, columns: Sequence[str]) -> None:
        self._file, self._columns = file, columns

    def write(self, rows: Sequence[Sequence[Cell]]) -> None:
        line = orjson.OPT_APPEND_NEWLINE
        self._file.write(b"".join(orjson.dumps(self._object(row), option=line) for row in rows))

    def _object(self, row: Sequence[Cell]) -> dict[str, object]:
        if not isinstance(row, SparseRow):
            return {name: _as_json(c) for name, c in zip(self._columns, row, strict=True)}
        return {self._columns[place]: _as_json(row[place]) for place in row.keys}


def _as_json(cell: Cell) -> object:
    """What is no text stands there in the letters it came in."""
    if not isinstance(cell, Value):
        return cell
    if not cell.text:
        return None
    if cell.json[0] in "[{" and _NO_JSON.search(cell.json) and not _is_json(cell.json):
        return cell.json
    return orjson.Fragment(cell.json)


def _is_json(text: str) -> bool:
    """Whether a list of Parquet's says no NaN and no infinity, which JSON does not know."""
    try:
        read_json(text)
    except ValueError:
        return False
    return True


@contextmanager
def create_jsonl(file: Sink, shape: RowShape) -> Iterator[RowFile]:
    yield JsonlFile(file, shape.columns)


def read_jsonl(path: Path, shape: RowShape) -> Iterator[RowRead]:
    """Each line names its own columns; whether they are those of the shape, the caller compares."""
    typed = any(writing.get("values") for _, writing in shape.typed)
    with path.open("rb") as file:
        for line in bounded_lines(file.readline, LONGEST_ROW):
            row = read_json(line.decode()) if typed else orjson.loads(line)
            if not isinstance(row, dict):
                raise ValueError("a line is not an object")
            yield _in_its_letters(row, shape.numbers) if typed else row


def _in_its_letters(row: Mapping[str, Json], numbers: Mapping[str, type]) -> RowRead:
    """Every value as text; numbers are numbers in the columns that a release added."""
    return {
        name: numbers[name](value)
        if name in numbers and isinstance(value, NumberText)
        else value
        if value is None or type(value) is str
        else json_text(value)
        for name, value in row.items()
    }


JSONL = FileFormat(
    name="jsonl",
    words="JSON lines",
    ending="jsonl",
    media_type="application/jsonl",
    create=create_jsonl,
    read=read_jsonl,
    sparse=True,
)
