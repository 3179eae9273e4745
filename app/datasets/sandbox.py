"""Limits a parser puts on itself before it sees the first untrusted byte."""

from __future__ import annotations

import ctypes
import os
import resource
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

MEMORY = 2 << 30
CPU_SECONDS = 300
LARGEST_FILE = 20 << 30
OPEN_FILES = 256
_NEW_USER, _NEW_NETWORK = 0x10000000, 0x40000000
_FORBIDDEN = ("socket.", "subprocess.", "os.system", "os.exec", "os.posix_spawn", "os.fork",
              "sqlite3.", "os.spawn", "pty.", "ftplib.", "smtplib.", "urllib.")  # fmt: skip


def enter(writable: Sequence[Path], readable: Sequence[Path]) -> None:
    """Cap memory, time and files; leave the network; refuse databases and other programs."""
    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, LARGEST_FILE),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        _lower(what, most)
    _leave_network()
    sys.addaudithook(_Guard(writable, readable))


def _lower(what: int, most: int) -> None:
    _, hard = resource.getrlimit(what)
    if hard != resource.RLIM_INFINITY:
        most = min(most, hard)
    resource.setrlimit(what, (most, most))


def _leave_network() -> None:
    """Enter an empty network where the system allows it; the audit hook refuses sockets anyway."""
    try:
        unshare = ctypes.CDLL(None, use_errno=True).unshare
    except (OSError, AttributeError):
        return
    if unshare(_NEW_NETWORK) != 0:
        unshare(_NEW_USER | _NEW_NETWORK)


class _Guard:
    """An audit hook: it cannot be taken off again."""

    def __init__(self, writable: Sequence[Path], readable: Sequence[Path]) -> None:
        programs = {sys.prefix, sys.base_prefix, sys.exec_prefix, str(Path(__file__).parents[2])}
        system = ("/usr", "/lib", "/etc", "/proc/self", "/sys", "/dev/null", "/dev/urandom")
        self.writable = tuple(str(path.resolve()) for path in writable)
        self.readable = (
            *self.writable,
            *(str(path.resolve()) for path in readable),
            *programs,
            *(os.path.realpath(path) for path in programs),
            *system,
        )
        self.data = tuple(str(path.resolve()) for path in writable)

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            self._open(*arguments)
        elif event.startswith(_FORBIDDEN):
            raise PermissionError(f"a parser may not do this: {event}")

    def _open(self, path: object, mode: str | None, flags: int) -> None:
        if not isinstance(path, str | bytes | os.PathLike):
            return
        where = os.path.abspath(os.fsdecode(path))  # noqa: PTH100  # no file is touched here
        writes = flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_APPEND)
        allowed = self.writable if writes else self.readable
        if where.endswith((".sqlite", ".sqlite-wal", ".sqlite-shm")) or not any(
            where == root or where.startswith(root.rstrip("/") + "/") for root in allowed
        ):
            raise PermissionError(f"a parser may not open {where}")
