"""Parquet: columns with types, and a mark at both ends."""

from __future__ import annotations

from importlib import import_module

from app.datasets.formats.file_format import FileFormat, FileToOpen, OpenFile

_MAGIC = b"PAR1"


def _open(file: FileToOpen) -> OpenFile:
    # Loaded by name and late: pages read this registry for its words, and only the parser's
    # own process may pay for (and trust) the reader of Parquet.
    reader = import_module("app.datasets.shards")
    opened: OpenFile = reader.open_shards(
        [reader.Shard(file.path, name="data.parquet")], file, "parquet"
    )
    return opened


PARQUET = FileFormat(
    name="parquet",
    words="Parquet",
    endings=("parquet", "pq"),
    opens=_open,
    recognises=lambda head: head.startswith(_MAGIC),
)
