"""Parquet by name. Its rows are written and read by pyarrow, which is loaded only then."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path

from app.releases.formats.format import FileFormat, RowFile, RowRead, RowShape, Sink


def create_parquet(file: Sink, shape: RowShape) -> AbstractContextManager[RowFile]:
    from app.releases.formats.parquet_rows import ParquetFile  # loads pyarrow

    return ParquetFile(file, shape)


def read_parquet(path: Path, shape: RowShape) -> Iterator[RowRead]:
    from app.releases.formats.parquet_rows import rows_of  # loads pyarrow

    return rows_of(path, shape)


def parquet_library() -> Mapping[str, str]:
    """Another build of the same version may compress with another library."""
    from app.releases.formats.parquet_rows import BUILD  # loads pyarrow

    return {"pyarrow": BUILD}


PARQUET = FileFormat(
    name="parquet",
    words="Parquet",
    ending="parquet",
    media_type="application/vnd.apache.parquet",
    create=create_parquet,
    read=read_parquet,
    grouped=True,
    libraries=parquet_library,
)
