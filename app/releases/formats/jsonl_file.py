"""JSON lines, one object a row in the order of the columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import orjson

from app.releases.bounds import LONGEST_ROW, bounded_lines
from app.releases.formats.format import Cell, FileFormat, RowFile, RowRead, RowShape, Sink


class JsonlFile:
    def __init__(self, file: Sink, columns: Sequence[str]) -> None:
        self._file, self._columns = file, columns

    def write(self, rows: Sequence[Sequence[Cell]]) -> None:
        line = orjson.OPT_APPEND_NEWLINE
        self._file.write(
            b"".join(
                orjson.dumps(dict(zip(self._columns, row, strict=True)), option=line)
                for row in rows
            )
        )


@contextmanager
def create_jsonl(file: Sink, shape: RowShape) -> Iterator[RowFile]:
    yield JsonlFile(file, shape.columns)


def read_jsonl(path: Path, shape: RowShape) -> Iterator[RowRead]:
    """Each line names its own columns; whether they are those of the shape, the caller compares."""
    with path.open("rb") as file:
        for line in bounded_lines(file.readline, LONGEST_ROW):
            row = orjson.loads(line)
            if not isinstance(row, dict):
                raise ValueError("a line is not an object")
            yield row


JSONL = FileFormat(
    name="jsonl",
    words="JSON lines",
    ending="jsonl",
    media_type="application/jsonl",
    create=create_jsonl,
    read=read_jsonl,
)
