"""JSONL: an object a line; an array of objects is read as well, and the one object of COCO."""

from __future__ import annotations

from app.datasets.coco import may_be_coco, read_coco
from app.datasets.decoding import open_unpacked
from app.datasets.formats.file_format import FileFormat, FileToOpen, OpenFile
from app.datasets.json_rows import read_json


def _open(file: FileToOpen) -> OpenFile:
    if may_be_coco(file.opened.head):
        coco = read_coco(file.opened, file.findings)
        if coco is not None:
            return OpenFile(coco)
        again = file.closing.enter_context(open_unpacked(file.path, file.path.name))
        return OpenFile(read_json(again, file.asked, file.findings))
    return OpenFile(read_json(file.opened, file.asked, file.findings))


def _begins(head: bytes) -> bool:
    beginning = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    plain = beginning.startswith((b'{"', b"[{", b"[\n", b"[\r\n")) or beginning[:3] == b'{ "'
    return plain or may_be_coco(head)


JSONL = FileFormat(
    name="jsonl",
    words="JSONL",
    endings=("jsonl", "ndjson", "json"),
    opens=_open,
    recognises=_begins,
    asks=("encoding",),
    may_be_packed=True,
)
