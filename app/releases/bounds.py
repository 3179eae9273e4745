"""How much of a release is read at once, whoever made it. Standard library only.

A file without a line end may be a thousand times larger than it takes on the disk.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import AnyStr

LARGEST_WHOLE = 64 << 20
"""Of `manifest.json` and `labels.json`, which are parsed as one. 10,000 labels, the most there may
be, and their spellings in thirty imported files are 10 MB; parsed, 64 MB may fill 2 GB."""
LONGEST_LINE = 32 << 20
"""Of events and given lines. The longest holds all labels of a schema: 10,000 are 1 MB, and 24 MB
if every letter of all names and codes is an escape."""
LONGEST_ROW = 256 << 20
"""Of released rows. An imported record has up to 32 MB, six times that if all is escaped."""


def read_whole(path: Path) -> bytes:
    with path.open("rb") as file:
        content = file.read(LARGEST_WHOLE + 1)
    if len(content) > LARGEST_WHOLE:
        raise ValueError(f"it is larger than {LARGEST_WHOLE:,} bytes")
    return content


def bounded_lines(readline: Callable[[int], AnyStr], most: int) -> Iterator[AnyStr]:
    """Lines with their ends; `readline` is that of an open file."""
    while line := readline(most + 1):
        if len(line) > most:
            raise ValueError(f"a line is longer than {most:,}")
        yield line
