"""JSONL: an object a line; an array of objects is read as well."""

from __future__ import annotations

from app.datasets.formats.file_format import FileFormat, FileToOpen, OpenFile
from app.datasets.json_rows import read_json


def _open(file: FileToOpen) -> OpenFile:
    return OpenFile(read_json(file.opened, file.asked, file.findings))


def _begins(head: bytes) -> bool:
    beginning = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    return beginning.startswith((b'{"', b"[{", b"[\n", b"[\r\n")) or beginning[:3] == b'{ "'


JSONL = FileFormat(
    name="jsonl",
    words="JSONL",
    endings=("jsonl", "ndjson", "json"),
    opens=_open,
    recognises=_begins,
    asks=("encoding",),
    may_be_packed=True,
)
