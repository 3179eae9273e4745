"""What lies in a release's directory: the files that its manifest lists, and nothing else."""

from __future__ import annotations

import os
import stat
from collections.abc import Collection
from pathlib import Path

from app.releases.problems import Problems

_KINDS = (
    (stat.S_ISLNK, "a symbolic link"),
    (stat.S_ISDIR, "a directory"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISBLK, "a device"),
    (stat.S_ISCHR, "a device"),
)


def kind_of(path: Path) -> str:
    """What stands under a name where it is no plain file; nothing where it is one."""
    return _kind(path.lstat())


def only_these(directory: Path, names: Collection[str], problems: Problems) -> bool:
    """Tell of everything else that lies there; whether the named ones may be opened.

    A link leads to bytes that may change after they were checked, and reading a pipe never ends.
    A file that is missing may be opened: whoever opens it tells.
    """
    try:
        with os.scandir(directory) as entries:
            there = {entry.name: entry.stat(follow_symlinks=False) for entry in entries}
    except OSError as error:
        problems.say(str(directory), f"cannot be read: {error.strerror}")
        return False
    plain = True
    for name, facts in sorted(there.items()):
        what = _kind(facts)
        if name not in names:
            also = f": it is {what}" if what else ""
            problems.say(_shown(name), f"is not listed in the manifest{also}")
        elif what:
            problems.say(name, f"is {what}, not a file of its own")
            plain = False
    return plain


def _kind(facts: os.stat_result) -> str:
    """What it is where it is no plain file under one name."""
    for is_one, words in _KINDS:
        if is_one(facts.st_mode):
            return words
    if not stat.S_ISREG(facts.st_mode):
        return "something else than a file"
    return "" if facts.st_nlink == 1 else "a hard link, the same file under another name too"


def _shown(name: str) -> str:
    """A name that hides what it is (spaces at its ends, what looks like another letter) in full."""
    return name if name.isascii() and name.isprintable() and name == name.strip() else ascii(name)
