"""Parquet, read in batches with a count of the bytes that come out. Only the parser imports it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from app.datasets.arrow_cells import exact_rows, types_of, writing_of
from app.datasets.arrow_kinds import Batch, Column, Kind, is_bytes, is_word
from app.datasets.cell_kinds import ExactValues
from app.datasets.decoding import refuse_bomb
from app.datasets.findings import BadRow, Findings, Stop, excerpt_of
from app.datasets.parquet_cells import class_names, holds_words, texts_of
from app.datasets.rows import MOST_ROWS, Table, Values, check_cells, check_columns

BATCH_ROWS, BATCH_BYTES = 10_000, 64 << 20
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
    if opened.metadata.num_rows == 0:
        raise Stop("E106")
    batches = _batches(opened)
    first = next(batches, None)
    kinds = {field.name: field.type for field in schema}
    unread = _unread(kinds, first)
    odd = {
        name: str(kind)
        for name, kind in kinds.items()
        if name in unread or not (is_word(kind) or is_bytes(kind))
    }
    if odd:
        named = ", ".join(f"{excerpt_of(name)} ({kind[:40]})" for name, kind in odd.items())
        findings.warn("W151", len(odd), excerpt=excerpt_of(named))
    rows = _rows(chain([] if first is None else [first], batches), columns, size, findings)
    return Table(
        columns,
        rows,
        "parquet",
        floats=frozenset(name for name, kind in kinds.items() if pa.types.is_floating(kind)),
        nested=any(pa.types.is_nested(kind) for kind in kinds.values()),
        odd={name: kind for name, kind in odd.items() if not pa.types.is_nested(kinds[name])},
        unread=unread,
        class_names=class_names(schema.metadata),
        writing=writing_of(schema),
        types=types_of(schema),
    )


def _unread(kinds: Mapping[str, Kind], first: Batch | None) -> dict[str, str]:
    """Columns of bytes that are no text, and their types."""
    return {
        name: str(kind)
        for place, (name, kind) in enumerate(kinds.items())
        if is_bytes(kind) and first is not None and not holds_words(first.column(place))
    }


def _batches(opened: pq.ParquetFile) -> Iterator[Batch]:
    """Rows in batches that stay small, however large a row is."""
    about = opened.metadata
    size = sum(about.row_group(at).total_byte_size for at in range(about.num_row_groups))
    rows = max(16, min(BATCH_ROWS, BATCH_BYTES * about.num_rows // max(1, size)))
    batches = opened.iter_batches(batch_size=rows, use_threads=False)
    while True:
        try:
            batch = next(batches, None)
        except (pa.ArrowException, OSError) as error:
            raise Stop("E131") from error
        if batch is None:
            return
        yield batch


def _rows(
    batches: Iterable[Batch], columns: list[str], size: int, findings: Findings
) -> Iterator[tuple[int, Values | BadRow]]:
    row, read = 0, 0
    unused: dict[str, set[str]] = {}
    for batch in batches:
        read += batch.nbytes
        refuse_bomb(read, size, name="The Parquet file")
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


def _texts(name: str, column: Column, unused: dict[str, set[str]]) -> list[str | None]:
    """One column of a batch; categories that no row has are kept in mind."""
    texts = texts_of(column)
    if pa.types.is_dictionary(column.type):
        words = {str(word) for word in texts_of(column.dictionary) if word is not None}
        unused[name] = unused.get(name, words) - {str(text) for text in texts}
    return texts
