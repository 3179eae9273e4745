"""A row file written once more, and held against the one that is there. Offline."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

from app.releases.formats.format import Cell, RowFile
from app.releases.row_files import RowFiles
from app.releases.row_values import RowValues
from app.releases.same_bytes import Difference, SameBytes


class Rewrite:
    """Takes rows as a release writes them; their bytes count only where they are `exact`.

    They are not where another build of a format's library wrote the file.
    """

    def __init__(self, path: Path, files: RowFiles, *, exact: bool) -> None:
        self.values = RowValues(files.layout.every)
        self._grouped, self._waiting = files.spec.format.grouped, list[list[Cell]]()
        self._open, self._ends = ExitStack(), ExitStack()
        self._bytes: SameBytes | None = None
        self._file: RowFile | None = None
        if exact:
            self._bytes = self._open.enter_context(SameBytes(path))
            self._file = self._ends.enter_context(files.write_to(self._bytes))

    @property
    def parts(self) -> Difference | None:
        return self._bytes.parts if self._bytes else None

    def add(self, cells: list[Cell]) -> None:
        self.values.add(cells)
        if self._file is not None:
            self._waiting.append(cells)
            if not self._grouped:
                self.flush()

    def flush(self) -> None:
        """The rows that were written together end here."""
        if self._file is not None:
            self._file.write(self._waiting)
            self._waiting = []

    def finish(self) -> None:
        """No more rows come; whether the file ends here too, `parts` says afterwards."""
        self._ends.close()
        if self._bytes is not None:
            self._bytes.finish()

    def close(self) -> None:
        self._ends.close()
        self._open.close()
