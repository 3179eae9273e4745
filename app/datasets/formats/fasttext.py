"""fastText: lines of a label and a text, known by the mark before the label."""

from __future__ import annotations

from app.datasets.fasttext_rows import MARK, read_fasttext
from app.datasets.formats.file_format import FileFormat, FileToOpen, OpenFile
from app.db.words import DataType


def _open(file: FileToOpen) -> OpenFile:
    return OpenFile(read_fasttext(file.opened, file.asked, file.findings))


FASTTEXT = FileFormat(
    name="fasttext",
    words="fastText",
    endings=("ft",),
    opens=_open,
    recognises=lambda head: head.lstrip(b"\xef\xbb\xbf \r\n").startswith(MARK.encode()),
    data_types=frozenset({DataType.TEXT}),
    asks=("encoding",),
    may_be_packed=True,
)
