"""The two row files of a release, in whichever format was asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

from app.releases.formats.csv_file import CsvFile, read_csv
from app.releases.formats.jsonl_file import JsonlFile, read_jsonl
from app.releases.layout import Cell, Layout
from app.releases.options import Format, ReleaseSpec


class RowFile(Protocol):
    def write(self, rows: Sequence[Sequence[Cell]]) -> None: ...


def create_rows(
    path: Path, layout: Layout, spec: ReleaseSpec, *, separator: str
) -> AbstractContextManager[RowFile]:
    if spec.format is Format.CSV:
        return CsvFile(path, layout.every, flavour=spec.flavour, separator=separator)
    if spec.format is Format.JSONL:
        return JsonlFile(path, layout.every)
    from app.releases.formats.parquet_rows import ParquetFile  # loads pyarrow

    return ParquetFile(path, layout.every, layout.added)


def read_rows(path: Path, spec: ReleaseSpec, *, separator: str) -> Iterator[dict[str, Any]]:
    """Rows by column; any exception means that the file is damaged."""
    if spec.format is Format.CSV:
        return read_csv(path, flavour=spec.flavour, separator=separator)
    if spec.format is Format.JSONL:
        return read_jsonl(path)
    from app.releases.formats.parquet_rows import read_parquet  # loads pyarrow

    return read_parquet(path)
