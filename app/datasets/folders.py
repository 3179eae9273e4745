"""A folder or a file of somebody's disk becomes a blob."""

from __future__ import annotations

import stat
import zipfile
from pathlib import Path

from app.datasets.blobs import BlobStore
from app.datasets.findings import entry
from app.datasets.mapping import StoredFile
from app.errors import DataProblem, Invalid

_FIXED_DATE = (1980, 1, 1, 0, 0, 0)


def store_file(blobs: BlobStore, path: Path) -> StoredFile:
    if not path.is_file():
        raise Invalid(f"There is no file {path}.", next_step="Check the path.", code="no_file")
    with path.open("rb") as stream:
        sha256 = blobs.put(stream)
    return StoredFile(path.name, sha256, blobs.size(sha256))


def store_media(blobs: BlobStore, path: Path) -> StoredFile:
    """Store a file as it is; a folder is packed into a ZIP, always with the same bytes."""
    if not path.is_dir():
        return store_file(blobs, path)
    with blobs.scratch() as folder:
        packed = folder / "media.zip"
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
            for inside in sorted(path.rglob("*")):
                if inside.is_symlink():
                    finding = entry("E217", excerpt=inside.name)
                    raise DataProblem(finding["message"], next_step=finding["fix"], code="E217")
                if stat.S_ISREG(inside.stat().st_mode):
                    name = inside.relative_to(path).as_posix()
                    archive.writestr(zipfile.ZipInfo(name, _FIXED_DATE), inside.read_bytes())
        sha256 = blobs.adopt(packed)
        return StoredFile(path.name, sha256, blobs.size(sha256))
