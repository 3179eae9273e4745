"""Find out what a file is, and open it with the reader for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from app.datasets.decoding import open_unpacked
from app.datasets.findings import Findings, Stop
from app.datasets.formats.file_format import FileFormat, FileToOpen, OpenFile
from app.datasets.formats.registry import TABLES, format_of, is_table
from app.datasets.mapping import Reading
from app.datasets.rows import Table, check_columns
from app.datasets.zipped import is_zipped, names_in, open_zipped, unpacked_into

_NOWHERE = Path("/nonexistent")  # a table holds nothing that would have to be put anywhere


@contextmanager
def open_file(
    path: Path,
    name: str,
    findings: Findings,
    *,
    read: Iterable[FileFormat],
    into: tuple[Path, Reading] = (_NOWHERE, Reading()),
) -> Iterator[OpenFile]:
    """Open a file in one of these formats."""
    folder, asked = into
    with ExitStack() as closing:
        read = tuple(read)
        opened = closing.enter_context(open_unpacked(path, name))
        names = names_in(path) if is_zipped(opened.head) else []
        shards = next((one for one in read if names and one.holds(names)), None)
        if shards is not None:
            file = shards.opens(FileToOpen(path, opened, asked, findings, folder, closing))
            check_columns(file.table.columns)
            yield file
            return
        if is_zipped(opened.head) and not any(one.recognises(opened.head) for one in read):
            if opened.packing:
                raise Stop("E116", kind="a packed ZIP", expected="a plain ZIP")
            name, opened = closing.enter_context(open_zipped(path, is_table, findings))
        file_format = format_of(opened.head, name, read)
        if opened.packing == "zip" and not file_format.may_be_packed and folder.is_dir():
            path = unpacked_into(folder, opened)
        elif opened.packing and not file_format.may_be_packed:
            raise Stop(
                "E116", kind=f"packed {file_format.words}", expected=f"plain {file_format.words}"
            )
        file = file_format.opens(FileToOpen(path, opened, asked, findings, folder, closing))
        check_columns(file.table.columns)
        yield file


@contextmanager
def open_table(path: Path, name: str, findings: Findings) -> Iterator[Table]:
    """Open a table that comes beside the examples."""
    with open_file(path, name, findings, read=TABLES) as opened:
        yield opened.table
