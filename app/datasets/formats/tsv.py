"""TSV: as CSV, where a tab wins a tie."""

from __future__ import annotations

from app.datasets.csv_rows import read_csv
from app.datasets.formats.file_format import FileFormat, FileToOpen, OpenFile
from app.datasets.reading_parts import PARTS


def _open(file: FileToOpen) -> OpenFile:
    return OpenFile(read_csv(file.opened, file.asked, file.findings, name="tsv", usual="\t"))


TSV = FileFormat(
    name="tsv",
    words="TSV",
    endings=("tsv", "tab"),
    opens=_open,
    asks=tuple(PARTS),
    may_be_packed=True,
)
