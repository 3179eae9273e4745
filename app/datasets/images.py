"""Images of a ZIP: found by name, decoded with care, kept as they came and as they are shown."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from zipfile import ZipInfo

from app.datasets.findings import BadRow, Findings, Stop, excerpt_of
from app.datasets.pictures import MEDIA_TYPES, Refused, show
from app.datasets.row_check import TakenImage
from app.datasets.rows import Table, Values
from app.datasets.scratch import PICTURES
from app.datasets.staged import StoredBlob
from app.datasets.zips import check_ratio, open_zip, read_entry, unsafe
from app.datatypes.image import StoredImage

LARGEST_IMAGE = 64 << 20
_FEW = 5


@dataclass
class _Left:
    """Names that were matched in a way worth saying."""

    names: list[str] = field(default_factory=list)

    def shown(self) -> str:
        return ", ".join(excerpt_of(name) for name in self.names[:_FEW])


class ZipImages:
    """Finds, checks and stores the image a row names."""

    def __init__(self, path: Path, folder: Path, findings: Findings) -> None:
        self.archive, files = open_zip(path)
        for info in files:
            check_ratio(info)
        self.files = {info.orig_filename: info for info in files}
        self.findings = findings
        self.folder = folder / PICTURES
        self.folder.mkdir(exist_ok=True)
        self._by_last = _unique(self.files, lambda name: name.rsplit("/", 1)[-1])
        self._by_case = _unique(self.files, str.casefold)
        self._by_last_case = _unique(self.files, lambda name: name.rsplit("/", 1)[-1].casefold())
        self._used: set[str] = set()
        self._moved, self._recased = _Left(), _Left()

    def take(self, name: str, row: int) -> TakenImage:
        """What a row's image is shown as, and its blobs."""
        if name.lower().startswith(("http://", "https://", "//", "ftp://", "data:", "file:")):
            raise BadRow("E231", column="image", row=row, excerpt=excerpt_of(name))
        if unsafe(name):
            raise BadRow("E214", column="image", row=row, excerpt=excerpt_of(name))
        info = self._find(name)
        if info is None:
            raise BadRow("E219", column="image", row=row, excerpt=excerpt_of(name))
        self._used.add(info.orig_filename)
        content = read_entry(self.archive, info, most=LARGEST_IMAGE)
        if content is None:
            raise BadRow("E222", column="image", row=row, excerpt=excerpt_of(name))
        try:
            shown = show(content)
        except Refused as refused:
            raise BadRow(
                refused.code,
                column="image",
                row=row,
                excerpt=excerpt_of(name),
                found=refused.million_pixels,
            ) from refused
        for code in shown.changes:
            self.findings.warn(code)
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

    def _find(self, name: str) -> ZipInfo | None:
        wanted = name.removeprefix("./")
        if wanted in self.files:
            return self.files[wanted]
        last = wanted.rsplit("/", 1)[-1]
        for index, key, left in (
            (self._by_last, last, self._moved),
            (self._by_case, wanted.casefold(), self._recased),
            (self._by_last_case, last.casefold(), self._recased),
        ):
            full_name = index.get(key)
            if full_name is not None:
                left.names.append(name)
                return self.files[full_name]
        return None

    def _keep(self, content: bytes) -> str:
        name = hashlib.sha256(content).hexdigest()
        path = self.folder / name
        if not path.exists():
            path.write_bytes(content)
        return name

    def finish(self) -> None:
        """Say which images no row names, and which were found under another name."""
        unused = [name for name in self.files if name not in self._used]
        if unused:
            shown = ", ".join(excerpt_of(name) for name in unused[:_FEW])
            self.findings.warn("W219", len(unused), excerpt=shown)
        for code, left in (("W227", self._moved), ("W226", self._recased)):
            if left.names:
                self.findings.warn(code, len(left.names), excerpt=left.shown())


def _unique(names: Iterable[str], key: Callable[[str], str]) -> dict[str, str]:
    """Names by a looser form of themselves, where only one has it."""
    by_form: dict[str, str | None] = {}
    for name in names:
        form = key(name)
        by_form[form] = None if form in by_form else name
    return {form: name for form, name in by_form.items() if name is not None}


def rows_of_zip(images: ZipImages) -> Table:
    """Every image of a ZIP as a row: its name is the id, its folder the label."""
    names = sorted(images.files)
    folders = {_folder(name) for name in names}
    if not names:
        raise Stop("E106")
    has_labels = bool(folders - {""}) and len(folders) > 1
    columns = ["file", "folder"] if has_labels else ["file"]

    def rows() -> Iterator[tuple[int, Values | BadRow]]:
        for row, name in enumerate(names, start=1):
            values: Values = {"file": name}
            if has_labels:
                values["folder"] = _folder(name)
            yield row, values

    return Table(columns, rows(), "zip")


def _folder(name: str) -> str:
    return name.rsplit("/", 2)[-2] if "/" in name else ""
