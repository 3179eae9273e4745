"""ZIP archives of strangers: read entry by entry, never unpacked to disk."""

from __future__ import annotations

import stat
import struct
import zipfile
import zlib
from lzma import LZMAError
from pathlib import Path
from typing import NamedTuple

from app.datasets.decoding import BLOCK, Counted, refuse_bomb
from app.datasets.findings import Stop, excerpt_of
from app.datasets.zip_names import hidden, name_of, unsafe

ZIP_MAGIC = (b"PK\x03\x04", b"PK\x05\x06")  # the second begins an empty one
MOST_ENTRIES = 200_000
MOST_DIRECTORY_BYTES = 100 << 20
MOST_UNPACKED = 20 << 30
_END, _END_BYTES = b"PK\x05\x06", 22
DAMAGED = (
    *(zipfile.BadZipFile, zlib.error, LZMAError, struct.error),
    *(EOFError, OSError, NotImplementedError, RuntimeError),
)
"""What an entry raises that is not as the directory says."""
_ARCHIVES = (".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar", ".zst")


def is_zip(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) in ZIP_MAGIC


class Directory(NamedTuple):
    """The files of an archive by their names as a person reads them, and what was passed over."""

    archive: zipfile.ZipFile
    files: dict[str, zipfile.ZipInfo]
    hidden: list[str]


def open_zip(path: Path) -> tuple[zipfile.ZipFile, list[zipfile.ZipInfo]]:
    """Open an archive and give its files, or stop on anything unsafe in its directory."""
    directory = open_directory(path)
    return directory.archive, list(directory.files.values())


def open_directory(path: Path) -> Directory:
    """Open an archive with the names of its files, or stop on anything unsafe in them."""
    _check_directory_size(path)
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, OSError, ValueError, struct.error) as error:
        raise Stop("E213", reason="it is damaged or cut off") from error
    files: dict[str, zipfile.ZipInfo] = {}
    seen, passed_over, unpacked = set(), [], 0
    for info in archive.infolist():
        name = name_of(info)
        _check_entry(info, name)
        if name in seen:
            raise Stop("E218", excerpt=excerpt_of(name))
        seen.add(name)
        if name.endswith("/"):
            continue
        if hidden(name):
            passed_over.append(name)
            continue
        _check_content(info, name)
        unpacked += info.file_size
        files[name] = info
    if len(files) > MOST_ENTRIES or unpacked > MOST_UNPACKED:
        raise Stop("E212", most=MOST_ENTRIES)
    if not files:
        raise Stop("E106")
    return Directory(archive, files, passed_over)


def _check_entry(info: zipfile.ZipInfo, name: str) -> None:
    if unsafe(name):
        raise Stop("E215", excerpt=excerpt_of(name))
    if stat.S_ISLNK(info.external_attr >> 16):
        raise Stop("E217", excerpt=excerpt_of(name))


def _check_content(info: zipfile.ZipInfo, name: str) -> None:
    if info.flag_bits & 1:
        raise Stop("E213", reason=f"{excerpt_of(name)} is encrypted")
    if name.lower().endswith(_ARCHIVES):
        raise Stop("E213", reason=f"{excerpt_of(name)} is an archive inside the archive")


def read_entry(archive: zipfile.ZipFile, info: zipfile.ZipInfo, *, most: int) -> bytes | None:
    """The bytes of one entry, counted as they come; None when it is damaged or too large."""
    parts, size = [], 0
    try:
        with archive.open(info) as packed:
            stream = Counted(packed, info.compress_size, name=info.orig_filename)
            while block := stream.read(BLOCK):
                size += len(block)
                if size > most:
                    return None
                parts.append(block)
    except DAMAGED:
        return None
    return b"".join(parts)


def check_ratio(info: zipfile.ZipInfo) -> None:
    """Stop on an entry that says itself that it is a bomb."""
    refuse_bomb(info.file_size, info.compress_size, name=info.orig_filename)


def _check_directory_size(path: Path) -> None:
    """Look at the end record first: a directory of millions is not even read."""
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(0, size - (1 << 16) - _END_BYTES))
        tail = file.read()
    at = tail.rfind(_END)
    if at < 0 or len(tail) - at < _END_BYTES:
        raise Stop("E213", reason="it is damaged or cut off")
    entries, length = struct.unpack_from("<10xHI", tail, at)
    if length > MOST_DIRECTORY_BYTES and entries:
        raise Stop("E212", most=MOST_ENTRIES)
