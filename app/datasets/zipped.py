"""A ZIP that holds one table: opened as that table, as a file packed with gzip is."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from app.datasets.decoding import BLOCK, Counted, Opened, Reads, read_block
from app.datasets.findings import Findings, Stop, excerpt_of
from app.datasets.zip_names import hidden
from app.datasets.zips import DAMAGED, ZIP_MAGIC, open_directory, open_zip

HEAD = 8192
_PROSE = (".txt", ".md")  # beside a table, a file of these tells about it
_SHOWN = 5


class _Entry:
    """An entry as it is unpacked; one that is damaged fails as any other packed file does."""

    def __init__(self, packed: Reads) -> None:
        self._packed = packed

    def read(self, size: int, /) -> bytes:
        try:
            return self._packed.read(size)
        except DAMAGED as error:
            raise OSError(str(error)) from error


def is_zipped(head: bytes) -> bool:
    return head.startswith(ZIP_MAGIC)


def table_in(path: Path, is_table: Callable[[str], bool]) -> tuple[zipfile.ZipFile, str]:
    """An archive, and the name of the one table in it; it stops when there is no such one."""
    archive, files = open_zip(path)
    names = [info.filename for info in files]
    tables = [name for name in names if is_table(name)]
    if len(tables) > 1:
        tables = [name for name in tables if not name.lower().endswith(_PROSE)] or tables
    if len(tables) == 1:
        return archive, tables[0]
    archive.close()
    shown = excerpt_of(", ".join(tables[:_SHOWN]))
    kind = f"a ZIP with several tables ({shown})" if tables else "a ZIP or XLSX file"
    raise Stop("E116", kind=kind, expected="one table")


def names_in(path: Path) -> list[str]:
    """The names of a ZIP's files; none of what is no ZIP, or cannot be used."""
    with path.open("rb") as file:
        if not is_zipped(file.read(4)):
            return []
    try:
        directory = open_directory(path)
    except Stop:
        return []
    with directory.archive:
        return list(directory.files)


def holds_a_table(path: Path, is_table: Callable[[str], bool]) -> bool:
    """Whether a file is a ZIP of a table alone; a list beside pictures does not make it one."""
    with path.open("rb") as file:
        if not is_zipped(file.read(4)):
            return False
    try:
        archive, table = table_in(path, is_table)
    except Stop:
        return False
    with archive:
        names = [one.filename for one in archive.infolist() if not one.is_dir()]
    beside = [name for name in names if name != table and not hidden(name)]
    return all(name.lower().endswith(_PROSE) for name in beside)


@contextmanager
def open_zipped(
    path: Path, is_table: Callable[[str], bool], findings: Findings
) -> Iterator[tuple[str, Opened]]:
    """The one table of an archive: its name, and its bytes as they are unpacked."""
    archive, name = table_in(path, is_table)
    with archive:
        info = archive.getinfo(name)
        with entry_stream(archive, info, name) as beginning:
            head = read_block(beginning, HEAD)
        if not head:
            raise Stop("E105")
        with entry_stream(archive, info, name) as stream:
            findings.warn("W160", excerpt=excerpt_of(name))
            yield name, Opened(stream, head, "zip")


@contextmanager
def entry_stream(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str) -> Iterator[Counted]:
    """The bytes of one entry as they are unpacked, under a cap."""
    try:
        packed = archive.open(info)
    except DAMAGED as error:
        raise Stop("E213", reason=f"{excerpt_of(name)} is damaged") from error
    with packed:
        yield Counted(_Entry(packed), info.compress_size, name=name)


def unpacked_into(folder: Path, opened: Opened, name: str = "unzipped") -> Path:
    """The table as a file, for a reader that has to jump about in it."""
    path = folder / name
    with path.open("wb") as target:
        while block := read_block(opened.stream, BLOCK):
            target.write(block)
    return path
