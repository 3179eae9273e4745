"""One file of Arrow or Parquet: its schema, and its rows in batches. Only the parser imports it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from app.datasets.arrow_kinds import Batch, Column, Kind, Schema, is_bytes
from app.datasets.decoding import LFS_POINTER, refuse_bomb
from app.datasets.feature_kinds import Features, features_in, is_picture
from app.datasets.findings import Stop, excerpt_of
from app.datasets.rows import MOST_ROWS

PARQUET_ENDINGS = (".parquet", ".pq")
BATCH_ROWS, BATCH_BYTES = 10_000, 64 << 20
_PARQUET, _FILE = b"PAR1", b"ARROW1"
_BROKEN = (pa.ArrowException, OSError, ValueError, KeyError)
_LONGEST_KIND = 40
_PICTURE = frozenset({"bytes", "path"})


@dataclass
class Shard:
    """A file of rows: its split, and what is told of its columns beside it."""

    path: Path
    split: str = ""
    told: Features = field(default_factory=dict)
    name: str = ""

    @cached_property
    def size(self) -> int:
        return self.path.stat().st_size

    @cached_property
    def is_parquet(self) -> bool:
        with self.path.open("rb") as file:
            head = file.read(len(LFS_POINTER))
            file.seek(max(0, self.size - 4))
            end = file.read(4)
        if head == LFS_POINTER:
            raise Stop("E138", excerpt=excerpt_of(self.name))
        begins = head[:4] == _PARQUET
        said = self.name.lower().endswith(PARQUET_ENDINGS)
        if (begins or said) and not (begins and self.size >= 12 and end == _PARQUET):
            raise Stop("E131")
        return begins

    @cached_property
    def schema(self) -> Schema:
        try:
            if self.is_parquet:
                schema = pq.ParquetFile(self.path, memory_map=False, pre_buffer=False).schema_arrow
            else:
                with self._arrow() as reader:
                    schema = reader.schema
            _ = schema.names  # each of them is decoded, and may be no text
            return schema
        except _BROKEN as error:
            raise self._broken() from error

    @cached_property
    def features(self) -> Features:
        return {**self.told, **features_in(self.schema.metadata)}

    @cached_property
    def kinds(self) -> dict[str, Kind]:
        return {str(field.name): field.type for field in self.schema}

    @cached_property
    def pictures(self) -> frozenset[str]:
        """Columns of pictures: called so, or of bytes with a path."""
        return frozenset(
            name for name, kind in self.kinds.items() if _shows(kind, self.features.get(name))
        )

    def batches(self) -> Iterator[Batch]:
        """Rows in batches that stay small, however large a row is; what they say is there."""
        batches = self._of_parquet() if self.is_parquet else self._of_arrow()
        while True:
            try:
                batch = next(batches, None)
                if batch is not None:
                    batch.validate()  # a length or a place that lies leads to bytes of others
            except _BROKEN as error:
                raise self._broken() from error
            if batch is None:
                return
            _check_values(batch)
            yield batch

    def _of_parquet(self) -> Iterator[Batch]:
        opened = pq.ParquetFile(self.path, memory_map=False, pre_buffer=False)
        about = opened.metadata
        _check_rows(about.num_rows)
        size = sum(about.row_group(at).total_byte_size for at in range(about.num_row_groups))
        rows = max(16, min(BATCH_ROWS, BATCH_BYTES * about.num_rows // max(1, size)))
        yield from opened.iter_batches(batch_size=rows, use_threads=False)

    def _of_arrow(self) -> Iterator[Batch]:
        with self._arrow() as reader:
            for batch in _every(reader):
                _check_rows(len(batch))
                refuse_bomb(batch.nbytes, self.size, name="The Arrow file")
                rows = max(16, min(BATCH_ROWS, BATCH_BYTES * len(batch) // max(1, batch.nbytes)))
                for start in range(0, len(batch), rows):
                    yield batch.slice(start, rows)

    def _arrow(self) -> pa.RecordBatchFileReader | pa.RecordBatchStreamReader:
        with self.path.open("rb") as file:
            is_file = file.read(len(_FILE)) == _FILE
        source = pa.OSFile(str(self.path))
        return pa.ipc.open_file(source) if is_file else pa.ipc.open_stream(source)

    def _broken(self) -> Stop:
        return Stop("E131") if self.is_parquet else Stop("E137")


def _check_rows(count: int) -> None:
    """Rows without values cost a file nothing, and a reader as much as others."""
    if count > MOST_ROWS:
        raise Stop("E142", most=MOST_ROWS)


def _check_values(batch: Batch) -> None:
    """Stop on a column whose values are not what its type says: texts in UTF-8, places in it."""
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        if pa.types.is_temporal(column.type):
            continue  # a time outside of the day is odd, and comes in and goes out as it is
        try:
            column.validate(full=True)
        except pa.ArrowException as error:
            raise unreadable(str(name), column) from error


def unreadable(name: str, column: Column) -> Stop:
    kind = f"{str(column.type)[:_LONGEST_KIND]} with values that do not fit it"
    return Stop("E130", column=excerpt_of(name), kind=kind)


def _every(reader: pa.RecordBatchFileReader | pa.RecordBatchStreamReader) -> Iterator[Batch]:
    if isinstance(reader, pa.RecordBatchFileReader):
        yield from (reader.get_batch(at) for at in range(reader.num_record_batches))
    else:
        yield from reader


def _shows(kind: Kind, feature: object) -> bool:
    if is_picture(feature):
        return pa.types.is_struct(kind) or is_bytes(kind)
    if feature is not None or not pa.types.is_struct(kind) or kind.num_fields != len(_PICTURE):
        return False
    return {kind.field(at).name for at in range(2)} == _PICTURE and is_bytes(
        kind.field("bytes").type
    )
