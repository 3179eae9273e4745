"""Parquet rows: every imported column as text, numbers only in added ones. Alone here: pyarrow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType

import pyarrow as pa
import pyarrow.parquet as pq

from app.releases.formats.format import Cell, RowRead, RowShape, Sink

_TYPES = {float: pa.float64(), int: pa.int64()}
_BATCH = 10_000
_OWN_METADATA = {b"ARROW:schema"}
BUILD = f"{pa.__version__} {pa.cpp_build_info.package_kind}".strip()


def schema_of(shape: RowShape) -> pa.Schema:
    numbers = shape.numbers
    return pa.schema(
        [
            (column, _TYPES[numbers[column]] if column in numbers else pa.string())
            for column in shape.columns
        ]
    )


class ParquetFile:
    def __init__(self, file: Sink, shape: RowShape) -> None:
        self._schema = schema_of(shape)
        self._writer = pq.ParquetWriter(
            file, self._schema, compression="zstd", write_page_checksum=True
        )

    def write(self, rows: Sequence[Sequence[Cell]]) -> None:
        if not rows:
            return
        arrays = [
            pa.array(values, field.type)
            for values, field in zip(zip(*rows, strict=True), self._schema, strict=True)
        ]
        self._writer.write_table(pa.Table.from_arrays(arrays, schema=self._schema))

    def __enter__(self) -> ParquetFile:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._writer.close()


def rows_of(path: Path, shape: RowShape) -> Iterator[RowRead]:
    """The rows; a damaged page fails its own checksum before it is decoded."""
    try:
        with pq.ParquetFile(path, memory_map=False, page_checksum_verification=True) as opened:
            _check_schema(opened, shape)
            for batch in opened.iter_batches(batch_size=_BATCH, use_threads=False):
                yield from batch.to_pylist()
    except pa.ArrowException as error:
        raise ValueError(str(error)) from error


def _check_schema(opened: pq.ParquetFile, shape: RowShape) -> None:
    """Names, order and types of the columns, and nothing beside them that says more."""
    if not opened.schema_arrow.equals(schema_of(shape), check_metadata=True):
        raise ValueError("it has other columns, or columns of another type")
    if set(opened.metadata.metadata or {}) - _OWN_METADATA:
        raise ValueError("it holds metadata that no release writes")
