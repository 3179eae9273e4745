"""Directories that are there whole or not at all, whenever the process dies."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def sync_file(path: Path) -> None:
    _sync(path, os.O_RDONLY)


def sync_directory(path: Path) -> None:
    _sync(path, os.O_RDONLY | os.O_DIRECTORY)


def _sync(path: Path, flags: int) -> None:
    handle = os.open(path, flags)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def partial(final: Path) -> Iterator[Path]:
    """A hidden directory beside the final one; gone at the end unless it was put in place.

    What an earlier process left behind when it was killed is cleared away first.
    """
    final.parent.mkdir(parents=True, exist_ok=True)
    for old in final.parent.glob(f".{final.name}.*.partial"):
        shutil.rmtree(old, ignore_errors=True)
    work = final.parent / f".{final.name}.{secrets.token_hex(4)}.partial"
    work.mkdir(mode=0o700)
    try:
        yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)


def put_in_place(work: Path, final: Path) -> bool:
    """Give the finished directory its name; False if another process was faster."""
    for path in sorted(work.iterdir()):
        sync_file(path)
    sync_directory(work)
    try:
        work.rename(final)
    except OSError:
        if not final.is_dir():
            raise
        return False
    sync_directory(final.parent)
    return True
