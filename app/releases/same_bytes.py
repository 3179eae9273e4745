"""Bytes that are written once more, held against those that are there. Standard library only."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from typing_extensions import Buffer

_BEFORE, _AFTER = 20, 40  # how much of the surroundings is shown


class Difference(NamedTuple):
    place: int  # the first byte that differs
    expected: str
    actual: str


def difference(expected: bytes, actual: bytes, *, start: int = 0) -> Difference | None:
    """Where two pieces part, with what stands around it; `start` is where they begin."""
    if expected == actual:
        return None
    pairs = zip(expected, actual, strict=False)
    shorter = min(len(expected), len(actual))
    place = next((n for n, (one, other) in enumerate(pairs) if one != other), shorter)
    return Difference(start + place, _around(expected, place), _around(actual, place))


def _around(piece: bytes, place: int) -> str:
    shown = piece[max(0, place - _BEFORE) : place + _AFTER]
    return ascii(shown.decode(errors="backslashreplace")) if shown else ""


class SameBytes(io.RawIOBase):
    """A stream for a writer: nothing is kept, every byte is held against a file's."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._file, self._place = path.open("rb"), 0
        self.parts: Difference | None = None

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._place

    def write(self, piece: Buffer, /) -> int:
        written = bytes(piece)
        if self.parts is None:
            there = self._file.read(len(written))
            self.parts = difference(written, there, start=self._place)
        self._place += len(written)
        return len(written)

    def close(self) -> None:
        if not self.closed:
            self._file.close()
        super().close()

    def finish(self) -> None:
        """Nothing more was written: nothing more may be there."""
        if self.parts is None:
            self.parts = difference(b"", self._file.read(_AFTER), start=self._place)
