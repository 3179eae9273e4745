"""Images that stand in the rows themselves, as bytes with or without a name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from app.datasets.findings import BadRow, Findings, excerpt_of
from app.datasets.formats.file_format import Images
from app.datasets.row_check import TakenImage
from app.datasets.rows import SAMPLE

if TYPE_CHECKING:
    from app.datasets.kept_pictures import KeptPictures


class InlineImages:
    """Holds the bytes of the rows that were read last: those of a sample, and the row at hand."""

    def __init__(self, folder: Path, findings: Findings) -> None:
        self._folder, self._findings = folder, findings
        self._keeping: KeptPictures | None = None
        self._held: dict[int, Mapping[str, bytes]] = {}
        self._beside: Callable[[], Images] | None = None
        self._others: Images | None = None

    def find_others(self, beside: Callable[[], Images]) -> None:
        """Where pictures are that rows name and do not hold: opened when it is needed."""
        self._beside = beside

    def hold(self, row: int, pictures: Mapping[str, bytes]) -> None:
        self._held[row] = pictures
        self._held.pop(row - SAMPLE - 1, None)

    def take(self, name: str, row: int) -> TakenImage:
        content = self._held.get(row, {}).get(name)
        if content is None and self._beside is not None:
            self._others = self._others or self._beside()
            return self._others.take(name, row)
        if content is None:
            raise BadRow("E219", column="image", row=row, excerpt=excerpt_of(name))
        return self._kept().keep(content, name, row)

    def _kept(self) -> KeptPictures:
        from app.datasets.kept_pictures import KeptPictures  # what decodes images is loaded late

        self._keeping = self._keeping or KeptPictures(self._folder, self._findings)
        return self._keeping

    def finish(self) -> None:
        if self._keeping is not None:
            self._keeping.finish()
        if self._others is not None:
            self._others.finish()
