"""XLSX: one sheet of an Excel workbook, read as the table a person sees."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory

from app.datasets.csv_rows import read_csv
from app.datasets.decoding import open_unpacked
from app.datasets.formats.file_format import FileFormat, FileToOpen, OpenFile

_PARTS = (b"[Content_Types].xml", b"xl/", b"_rels/.rels", b"docProps/")


def _open(file: FileToOpen) -> OpenFile:
    # Late and by name, as in `parquet`: no page loads what reads workbooks.
    reader = import_module("app.datasets.xlsx_rows")
    folder = file.folder if file.folder.is_dir() else None
    place = Path(file.closing.enter_context(TemporaryDirectory(dir=folder)))
    reader.write_sheet(file.path, place / "sheet.csv", file.findings)
    opened = file.closing.enter_context(open_unpacked(place / "sheet.csv", "sheet.csv"))
    as_written = {"separator": "comma", "quoting": "doubled", "escape": "none"}
    asked = replace(file.asked, encoding="utf-8", **as_written)
    table = read_csv(opened, asked, file.findings, name="xlsx")
    table.dialect, table.line_ends, table.encoding = None, "", ""
    return OpenFile(table)


XLSX = FileFormat(
    name="xlsx",
    words="Excel (XLSX)",
    endings=("xlsx", "xlsm"),
    opens=_open,
    recognises=lambda head: head.startswith(b"PK") and any(one in head[:2_000] for one in _PARTS),
    asks=("header",),
)
