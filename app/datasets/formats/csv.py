"""CSV: text in rows, most often with commas; what else separates is found or asked."""

from __future__ import annotations

from app.datasets.csv_rows import read_csv
from app.datasets.formats.file_format import FileFormat, FileToOpen, OpenFile
from app.datasets.reading_parts import PARTS


def _open(file: FileToOpen) -> OpenFile:
    return OpenFile(read_csv(file.opened, file.asked, file.findings))


CSV = FileFormat(
    name="csv",
    words="CSV",
    endings=("csv", "txt"),
    opens=_open,
    asks=tuple(PARTS),
    may_be_packed=True,
)
