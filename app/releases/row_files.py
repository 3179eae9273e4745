"""The two row files of a release, of the kept and the removed rows, in the format asked for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from app.releases.formats.format import RowFile, RowRead, RowShape, Sink
from app.releases.layout import Layout, names_of
from app.releases.options import ReleaseSpec


@dataclass(frozen=True)
class RowFiles:
    """What both have in common: columns, options, and what stands between the cells of a CSV."""

    layout: Layout
    spec: ReleaseSpec
    separator: str

    @property
    def names(self) -> tuple[str, str]:
        return names_of(self.spec.format)

    @property
    def shape(self) -> RowShape:
        return self.layout.shape(self.spec, self.separator)

    @contextmanager
    def create(self, path: Path) -> Iterator[RowFile]:
        with path.open("wb") as file, self.write_to(file) as rows:
            yield rows

    def write_to(self, file: Sink) -> AbstractContextManager[RowFile]:
        return self.spec.format.create(file, self.shape)

    def read(self, path: Path) -> Iterator[RowRead]:
        """Rows by column; any exception means that the file is damaged."""
        return self.spec.format.read(path, self.shape)
