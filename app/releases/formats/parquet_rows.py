"""Parquet rows: imported columns of the types they had, else text. Alone here: pyarrow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType

import pyarrow as pa
import pyarrow.parquet as pq

from app.datasets import arrow_cells
from app.datasets.arrow_kinds import Column, Schema
from app.datasets.cell import Value, imported
from app.releases.formats.format import Cell, RowRead, RowShape, Sink, itself

_TYPES = {float: pa.float64(), int: pa.int64()}
_BATCH = 10_000
_OWN_METADATA = {b"ARROW:schema"}
BUILD = f"{pa.__version__} {pa.cpp_build_info.package_kind}".strip()


def schema_of(shape: RowShape) -> pa.Schema:
    """Of a release; what its first Parquet file said of itself, it says too."""
    schemas = [(columns, arrow_cells.schema_of(writing)) for columns, writing in shape.typed]
    metadata = next((schema.metadata for _, schema in schemas if schema is not None), None)
    return pa.schema([_field(name, shape, schemas) for name in shape.columns], metadata)


def _field(name: str, shape: RowShape, schemas: Sequence[tuple[Sequence[str], Schema]]) -> pa.Field:
    """A column as every file that has it had it; text where they differ, or no text is exact."""
    text = pa.field(name, pa.string())
    if name in shape.numbers:
        return pa.field(name, _TYPES[shape.numbers[name]])
    fields = [
        text if schema is None or name not in schema.names else schema.field(name)
        for columns, schema in schemas
        if name in columns
    ]
    if not fields or name in shape.texts or any(field.type != fields[0].type for field in fields):
        return text
    if not arrow_cells.is_exact(fields[0].type):
        return text
    return fields[0].with_nullable(True)


class ParquetFile:
    def __init__(self, file: Sink, shape: RowShape) -> None:
        self._schema, self._numbers = schema_of(shape), shape.numbers
        self._writer = pq.ParquetWriter(
            file, self._schema, compression="zstd", write_page_checksum=True
        )

    def write(self, rows: Sequence[Sequence[Cell]]) -> None:
        if not rows:
            return
        arrays = [
            self._array(values, field)
            for values, field in zip(zip(*rows, strict=True), self._schema, strict=True)
        ]
        self._writer.write_table(pa.Table.from_arrays(arrays, schema=self._schema))

    def _array(self, cells: Sequence[Cell], field: pa.Field) -> pa.Array:
        if field.name in self._numbers:
            return pa.array(cells, field.type)
        if pa.types.is_string(field.type):
            return pa.array([itself(cell) for cell in cells], field.type)
        some = [None if isinstance(cell, int | float) else cell for cell in cells]
        return arrow_cells.column_of(some, field.type)

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
                columns = [
                    column.to_pylist() if name in shape.numbers else _texts(column)
                    for name, column in zip(shape.columns, batch.columns, strict=True)
                ]
                for row in zip(*columns, strict=True):
                    yield dict(zip(shape.columns, row, strict=True))
    except pa.ArrowException as error:
        raise ValueError(str(error)) from error


def _texts(column: Column) -> Sequence[str | None]:
    """A column of an imported file as text; nothing where it is null or no number."""
    cells = (imported(cell) for cell in arrow_cells.cells_of(column))
    return [cell.text or None if isinstance(cell, Value) else cell for cell in cells]


def _check_schema(opened: pq.ParquetFile, shape: RowShape) -> None:
    """Names, order and types of the columns, and nothing beside them that says more."""
    if not opened.schema_arrow.equals(schema_of(shape), check_metadata=True):
        raise ValueError("it has other columns, or columns of another type")
    said = set(schema_of(shape).metadata or {})
    if set(opened.metadata.metadata or {}) - _OWN_METADATA - said:
        raise ValueError("it holds metadata that no release writes")
