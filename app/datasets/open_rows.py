"""Find out what a file is by its bytes, and open it with the reader for it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from app.datasets.csv_rows import read_csv
from app.datasets.decoding import open_unpacked
from app.datasets.findings import Findings, Stop
from app.datasets.json_rows import read_json
from app.datasets.rows import Table, check_columns

PARQUET = b"PAR1"
ZIP = b"PK\x03\x04"
_EMPTY_ZIP = b"PK\x05\x06"


def is_zip(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) in (ZIP, _EMPTY_ZIP)


def open_rows(path: Path, name: str, mapping: dict[str, Any], findings: Findings) -> Table:
    """Open a table in whatever format it has; the name only breaks ties."""
    opened = open_unpacked(path, name)
    bare = name.lower().removesuffix(".gz").removesuffix(".zst").removesuffix(".zstd")
    if opened.head.startswith(PARQUET) or bare.endswith((".parquet", ".pq")):
        if opened.packing:
            raise Stop("E116", kind="packed Parquet", expected="plain Parquet")
        from app.datasets.parquet_rows import read_parquet

        table = read_parquet(path, findings)
    elif bare.endswith((".jsonl", ".ndjson", ".json")) or _begins_like_json(opened.head):
        table = read_json(opened, mapping, findings)
    else:
        table = read_csv(opened, bare, mapping, findings)
    check_columns(table.columns)
    return table


def _begins_like_json(head: bytes) -> bool:
    beginning = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    return beginning.startswith((b'{"', b"[{", b"[\n", b"[\r\n")) or beginning[:3] == b'{ "'
