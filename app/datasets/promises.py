"""What a file or a folder on somebody's disk holds, before anybody has read it."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from typing import IO

from app.datasets.formats.registry import FORMATS, is_table
from app.datasets.shard_names import INFO, is_shard
from app.datasets.zip_names import hidden, name_of
from app.datasets.zipped import holds_a_table, names_in
from app.datasets.zips import DAMAGED

_TELLS = 1 << 20  # bytes at the end of a Parquet file, and at the beginning of another
_PICTURE = re.compile(rb'"_type":\s*"Image"')


def holds_rows(path: Path) -> bool:
    """Whether a ZIP or a folder holds rows, and no mere pictures."""
    names = _names(path)
    return any(one.holds(names) for one in FORMATS.values()) or (
        path.is_file() and holds_a_table(path, is_table)
    )


def holds_pictures(path: Path) -> bool:
    """Whether rows of Arrow or Parquet surely are about pictures: their features say so."""
    if path.is_file() and is_shard(path.name):
        return _tells_of(path)
    names = _names(path)
    if not any(one.holds(names) for one in FORMATS.values()):
        return False
    told = [name for name in names if name.rpartition("/")[2] == INFO]
    return any(
        _tells_inside(path, name) for name in told or [one for one in names if is_shard(one)][:1]
    )


def _tells_inside(path: Path, name: str) -> bool:
    if path.is_dir():
        return _tells_of(path / name)
    with zipfile.ZipFile(path) as archive:
        inside = {name_of(info): info for info in archive.infolist()}
        try:
            with archive.open(inside[name]) as file:
                return _tells(file, inside[name].file_size)
        except DAMAGED:
            return False  # what reads it says so


def _tells_of(path: Path) -> bool:
    with path.open("rb") as file:
        return _tells(file, path.stat().st_size)


def _tells(file: IO[bytes], size: int) -> bool:
    """Features stand at the beginning of a file, or at the end of one of Parquet."""
    if _PICTURE.search(file.read(_TELLS)):
        return True
    file.seek(max(0, size - _TELLS))
    return _PICTURE.search(file.read(_TELLS)) is not None


def _names(path: Path) -> list[str]:
    if path.is_dir():
        files = (one for one in sorted(path.rglob("*")) if one.is_file())
        names = [one.relative_to(path).as_posix() for one in files]
        return [name for name in names if not hidden(name)]
    return names_in(path) if path.is_file() else []
