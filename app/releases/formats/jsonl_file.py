"""JSON lines, one object a row in the order of the columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import orjson

from app.releases.layout import Cell


class JsonlFile:
    def __init__(self, path: Path, columns: Sequence[str]) -> None:
        self._file = path.open("wb")
        self._columns = tuple(columns)

    def write(self, rows: Sequence[Sequence[Cell]]) -> None:
        line = orjson.OPT_APPEND_NEWLINE
        self._file.write(
            b"".join(
                orjson.dumps(dict(zip(self._columns, row, strict=True)), option=line)
                for row in rows
            )
        )

    def __enter__(self) -> JsonlFile:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()


def read_jsonl(path: Path) -> Iterator[dict[str, Any]]:
    with path.open("rb") as file:
        for line in file:
            found = orjson.loads(line)
            if not isinstance(found, dict):
                raise ValueError("a line is not an object")
            yield found
