"""Arrow: one file of it, as a stream (what `datasets` keeps) or as a file (Feather)."""

from __future__ import annotations

from importlib import import_module

from app.datasets.formats.file_format import FileFormat, FileToOpen, OpenFile

_FILE, _STREAM = b"ARROW1", b"\xff\xff\xff\xff"


def _open(file: FileToOpen) -> OpenFile:
    # Late and by name, as in `parquet`: no page loads the reader of Arrow.
    reader = import_module("app.datasets.shards")
    opened: OpenFile = reader.open_shards([reader.Shard(file.path)], file)
    return opened


ARROW = FileFormat(
    name="arrow",
    words="Arrow",
    endings=("arrow", "feather", "ipc"),
    opens=_open,
    recognises=lambda head: head.startswith((_FILE, _STREAM)),
)
