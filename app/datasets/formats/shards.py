"""A folder that `datasets` of Hugging Face saved, or one of Parquet shards, packed into a ZIP."""

from __future__ import annotations

from importlib import import_module

from app.datasets.formats.file_format import FileFormat, FileToOpen, OpenFile
from app.datasets.shard_names import are_shards


def _open(file: FileToOpen) -> OpenFile:
    # Late and by name, as in `parquet`: no page loads the reader of Arrow.
    reader = import_module("app.datasets.shard_folder")
    opened: OpenFile = reader.open_folder(file)
    return opened


SHARDS = FileFormat(
    name="datasets",
    words="Hugging Face datasets",
    endings=(),
    opens=_open,
    holds=are_shards,
)
