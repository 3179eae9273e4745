"""A picture that came in: checked, and kept as it came and as it is shown."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from app.datasets.findings import BadRow, Findings, excerpt_of
from app.datasets.pictures import MEDIA_TYPES, Refused, show
from app.datasets.row_check import TakenImage
from app.datasets.scratch import PICTURES
from app.datasets.staged import StoredBlob
from app.datatypes.image import StoredImage

LARGEST_IMAGE = 64 << 20
_FEW = 5


@dataclass
class NamesTold:
    """Names of pictures that something is to be said of."""

    names: list[str] = field(default_factory=list)

    def shown(self) -> str:
        return ", ".join(excerpt_of(name) for name in self.names[:_FEW])


class KeptPictures:
    """Shows and stores pictures one by one; counts what had to be changed."""

    def __init__(self, folder: Path, findings: Findings) -> None:
        self.findings = findings
        self.folder = folder / PICTURES
        self.folder.mkdir(exist_ok=True)
        self._deep = NamesTold()
        self._changes: Counter[str] = Counter()

    def keep(self, content: bytes, name: str, row: int, *, file: str = "") -> TakenImage:
        """What a picture is shown as, and its blobs; `file` where the row names it otherwise."""
        try:
            shown = show(content, file or name)
        except Refused as refused:
            raise BadRow(
                refused.code,
                column="image",
                row=row,
                excerpt=excerpt_of(name),
                found=refused.million_pixels,
            ) from refused
        self._changes.update(shown.changes)
        if shown.range:
            self._deep.names.append(f"{name} from {shown.range.words()}")
        original = self._keep(content)
        served = self._keep(shown.content)
        facts: StoredImage = {
            "image": served,
            "original": original,
            "width": shown.width,
            "height": shown.height,
        }
        kind = MEDIA_TYPES.get(shown.original_format, "application/octet-stream")
        blobs = {original: StoredBlob(original, len(content), kind)}
        blobs[served] = StoredBlob(served, len(shown.content), shown.media_type)
        return TakenImage(facts, list(blobs.values()))

    def _keep(self, content: bytes) -> str:
        name = hashlib.sha256(content).hexdigest()
        path = self.folder / name
        if not path.exists():
            path.write_bytes(content)
        return name

    def finish(self) -> None:
        """Say how pictures were changed."""
        deep = f"; deep ones by what they use: {self._deep.shown()}" if self._deep.names else ""
        for code, count in self._changes.items():
            self.findings.warn(code, count, range=deep)
