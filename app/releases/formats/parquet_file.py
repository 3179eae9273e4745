"""Parquet by name. Its rows are written and read by pyarrow, which is loaded only then."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

from app.releases.formats.format import FileFormat, RowFile, RowRead, RowShape


def create_parquet(path: Path, shape: RowShape) -> AbstractContextManager[RowFile]:
    from app.releases.formats.parquet_rows import ParquetFile  # loads pyarrow

    return ParquetFile(path, shape)


def read_parquet(path: Path, shape: RowShape) -> Iterator[RowRead]:
    from app.releases.formats.parquet_rows import rows_of  # loads pyarrow

    return rows_of(path)


PARQUET = FileFormat(
    name="parquet",
    words="Parquet",
    ending="parquet",
    media_type="application/vnd.apache.parquet",
    create=create_parquet,
    read=read_parquet,
)
