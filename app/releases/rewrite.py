"""A row file written once more, and held against the one that is there. Offline."""

from __future__ import annotations

import io
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from app.releases.formats.format import Cell, RowFile
from app.releases.row_files import RowFiles
from app.releases.row_values import RowValues
from app.releases.same_bytes import Difference, SameBytes

TOGETHER = 100
"""Rows held against the file at once, of a format that can write them one by one."""


class RowAt(NamedTuple):
    """A row by its place in the file and its example's key."""

    row: int | None
    key: str | None


class Rewrite:
    """Takes rows as a release writes them; their bytes count only where they are `exact`.

    They are not where another build of a format's library wrote the file.
    """

    def __init__(self, path: Path, files: RowFiles, *, exact: bool) -> None:
        self.values = RowValues(files.layout.every)
        self.at: RowAt | None = None  # the row in which the first byte differs, if it is in one
        self._files, self._grouped = files, files.spec.format.grouped
        self._waiting, self._places = list[list[Cell]](), list[RowAt]()
        self._open, self._ends = ExitStack(), ExitStack()
        self._bytes: SameBytes | None = None
        self._file: RowFile | None = None
        if exact:
            self._bytes = self._open.enter_context(SameBytes(path))
            self._file = self._ends.enter_context(files.write_to(self._bytes))

    @property
    def parts(self) -> Difference | None:
        return self._bytes.parts if self._bytes else None

    def add(self, cells: list[Cell], at: RowAt) -> None:
        self.values.add(cells)
        if self._file is not None:
            self._waiting.append(cells)
            self._places.append(at)
            if not self._grouped and len(self._waiting) >= TOGETHER:
                self.flush()

    def flush(self) -> None:
        """The rows that were written together end here."""
        if self._file is None or self._bytes is None:
            return
        fine, start = self._bytes.parts is None, self._bytes.tell()
        self._file.write(self._waiting)
        if fine and self._bytes.parts is not None and not self._grouped:
            self.at = self._row_at(self._bytes.parts.place - start)
        self._waiting, self._places = [], []

    def _row_at(self, place: int) -> RowAt | None:
        """The row of those written last that holds this byte of them."""
        sink = io.BytesIO()
        with self._files.write_to(sink) as alone:
            start = sink.tell()
            for cells, at in zip(self._waiting, self._places, strict=True):
                alone.write([cells])
                if place < sink.tell() - start:
                    return at
        return None

    def finish(self) -> None:
        """No more rows come; whether the file ends here too, `parts` says afterwards."""
        if not self._grouped:
            self.flush()
        self._ends.close()
        if self._bytes is not None:
            self._bytes.finish()

    def close(self) -> None:
        self._ends.close()
        self._open.close()
