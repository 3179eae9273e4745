"""Parquet, read in batches with a count of the bytes that come out. Only the parser imports it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from app.datasets.arrow_cells import exact_rows, types_of, writing_of
from app.datasets.cell_kinds import ExactValues
from app.datasets.decoding import FREE_BYTES, MOST_RATIO
from app.datasets.findings import BadRow, Findings, Stop, excerpt_of
from app.datasets.rows import MOST_ROWS, Table, Values, check_cells, check_columns

BATCH_ROWS = 10_000
_MAGIC = b"PAR1"
_SHOWN = 5


def read_parquet(path: Path, findings: Findings) -> Table:
    """Open a Parquet file; every value becomes the text of itself."""
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(4)
        file.seek(max(0, size - 4))
        if size < 12 or head != _MAGIC or file.read(4) != _MAGIC:
            raise Stop("E131")
    try:
        opened = pq.ParquetFile(path, memory_map=False, pre_buffer=False)
        schema = opened.schema_arrow
    except (pa.ArrowInvalid, pa.ArrowException, OSError, ValueError) as error:
        raise Stop("E131") from error
    columns = [str(name) for name in schema.names]
    check_columns(columns)
    for field in schema:
        if not _is_plain(field.type):
            raise Stop("E130", column=excerpt_of(field.name), kind=str(field.type))
    if opened.metadata.num_rows == 0:
        raise Stop("E106")
    floats = frozenset(field.name for field in schema if pa.types.is_floating(field.type))
    rows = _rows(opened, columns, size, findings)
    table = Table(columns, rows, "parquet", floats=floats)
    table.writing, table.types = writing_of(schema), types_of(schema)
    return table


def _is_plain(kind: Any) -> bool:
    if pa.types.is_dictionary(kind):
        return _is_plain(kind.value_type)
    return bool(
        pa.types.is_string(kind)
        or pa.types.is_large_string(kind)
        or pa.types.is_string_view(kind)
        or pa.types.is_integer(kind)
        or pa.types.is_floating(kind)
        or pa.types.is_boolean(kind)
        or pa.types.is_null(kind)
    )


def _rows(
    opened: Any, columns: list[str], size: int, findings: Findings
) -> Iterator[tuple[int, Values | BadRow]]:
    row, read = 0, 0
    unused: dict[str, set[str]] = {}
    batches = opened.iter_batches(batch_size=BATCH_ROWS, use_threads=False)
    while True:
        try:
            batch = next(batches, None)
        except (pa.ArrowException, OSError) as error:
            raise Stop("E131") from error
        if batch is None:
            break
        read += batch.nbytes
        if read > FREE_BYTES and read > MOST_RATIO * size:
            raise Stop("E216", excerpt="The Parquet file", most=MOST_RATIO)
        cells = [_texts(name, column, unused) for name, column in zip(columns, batch, strict=True)]
        exact = exact_rows(batch, cells)
        for values in zip(*cells, strict=True):
            row += 1
            if row > MOST_ROWS:
                raise Stop("E142", most=MOST_ROWS)
            row_values = ExactValues(dict(zip(columns, values, strict=True)), next(exact))
            try:
                check_cells(row, row_values)
                yield row, row_values
            except BadRow as bad:
                yield row, bad
    for name, left in unused.items():
        if left:
            shown = ", ".join(excerpt_of(value) for value in sorted(left)[:_SHOWN])
            findings.warn("W132", len(left), column=name, excerpt=shown)


def _texts(name: str, column: Any, unused: dict[str, set[str]]) -> list[str | None]:
    """One column of a batch as text; floats keep their shortest exact form."""
    if pa.types.is_dictionary(column.type):
        words = {str(word) for word in column.dictionary.to_pylist() if word is not None}
        texts = _texts(name, column.dictionary_decode(), unused)
        unused[name] = unused.get(name, words) - set(texts)
        return texts
    if pa.types.is_floating(column.type):
        column = column.cast(pa.float64())
        return [_float_text(value) for value in column.to_pylist()]
    return [None if value is None else str(value) for value in column.to_pylist()]


def _float_text(value: float | None) -> str | None:
    """Missing numbers are missing; pandas writes them as NaN."""
    return None if value is None or value != value else repr(value)
