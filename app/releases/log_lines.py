"""Lines of a release in their own bytes, and the chain over those of its log. Offline."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from app.db.canonical import canonical
from app.releases.bounds import LONGEST_LINE, bounded_lines
from app.releases.problems import DAMAGE, Damaged
from app.releases.same_bytes import difference

FIRST_HASH = bytes(32)


def lines_of(path: Path) -> Iterator[bytes]:
    """Whole lines, each without its end."""
    place = 0
    with path.open("rb") as file:
        try:
            for line in bounded_lines(file.readline, LONGEST_LINE):
                place += 1
                if not line.endswith(b"\n"):
                    raise Damaged("the last line is not whole")
                yield line[:-1]
        except ValueError as error:
            raise Damaged(f"cannot be read: {error}", place=place + 1) from error


def follow_chain(path: Path) -> tuple[bytes, int, bytes]:
    """Hash every body in order: the head, how many there are, and the last body."""
    head, count, last = FIRST_HASH, 0, b""
    for body in lines_of(path):
        head = hashlib.sha256(head + body).digest()
        count, last = count + 1, body
    return head, count, last


def own_bytes(line: bytes, place: int) -> Any:
    """What a line says, if it is written in the only way there is: canonical JSON."""
    try:
        said = orjson.loads(line)
        written = canonical(said, "it")
    except DAMAGE as error:
        raise Damaged(f"cannot be read: {error}", place=place) from error
    if written != line:
        parts = difference(written, line)
        raise Damaged("is not written the way Relabel writes it", place=place, parts=parts)
    return said
