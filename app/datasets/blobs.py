"""Bytes by their SHA-256: the one place that opens a file of the data directory."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import structlog

from app.errors import Altered, Gone, NotFound

_log = structlog.get_logger("relabel")
_MEND = "Tell an admin: the data directory lost it, and a backup has it."
BLOCK = 1 << 20
_NAME = re.compile(r"[0-9a-f]{64}")


class BlobStore:
    """A directory of files named by what is in them; a name that is there is complete."""

    def __init__(self, directory: Path) -> None:
        self.directory = Path(directory).resolve()  # children work in other folders

    def path(self, sha256: str) -> Path:
        """Where the bytes of this name are, or would be; `sound_path` for who reads them."""
        if _NAME.fullmatch(sha256) is None:
            raise NotFound("There is no file of this name.")
        return self.directory / sha256[:2] / sha256

    def exists(self, sha256: str) -> bool:
        return self.path(sha256).is_file()

    def size(self, sha256: str) -> int:
        return self.path(sha256).stat().st_size

    def open(self, sha256: str) -> BinaryIO:
        """Open the bytes for reading, once they are known to be those of the name.

        Every read is checked, whatever its size: SHA-256 takes about half a millisecond a MB
        (1.9 GB/s measured on one core), far less than decoding or sending the same bytes.
        """
        try:
            file = self.path(sha256).open("rb")
        except FileNotFoundError:
            raise self._lost(Gone("A stored file is missing.", next_step=_MEND), sha256) from None
        if hashlib.file_digest(file, "sha256").hexdigest() != sha256:
            file.close()
            raise self._lost(Altered("A stored file was changed.", next_step=_MEND), sha256)
        file.seek(0)
        return file

    def what_is_wrong(self, sha256: str) -> Gone | None:
        """Why these bytes cannot be read; None where they are as they were stored."""
        try:
            self.open(sha256).close()
        except Gone as lost:
            return lost
        return None

    def sound_path(self, sha256: str) -> Path:
        """Where the bytes of this name are; they were just checked, for who reads by a path."""
        self.open(sha256).close()
        return self.path(sha256)

    def _lost(self, failure: Gone, sha256: str) -> Gone:
        _log.error(failure.code, sha256=sha256, path=str(self.path(sha256)))
        return failure

    def put(self, content: bytes | BinaryIO, *, durable: bool = True) -> str:
        """Store bytes or a stream; the same bytes are stored once."""
        if isinstance(content, bytes):
            return self._put_bytes(content, durable=durable)
        digest = hashlib.sha256()
        with self.scratch() as folder:
            path = folder / "incoming"
            with path.open("wb") as target:
                while block := content.read(BLOCK):
                    digest.update(block)
                    target.write(block)
            return self._keep(path, digest.hexdigest(), durable=durable)

    def _put_bytes(self, content: bytes, *, durable: bool) -> str:
        name = hashlib.sha256(content).hexdigest()
        if self._is_sound(name):
            return name
        self._working().mkdir(parents=True, exist_ok=True)
        handle, path = tempfile.mkstemp(dir=self._working())
        with os.fdopen(handle, "wb") as target:
            target.write(content)
        return self._keep(Path(path), name, durable=durable)

    def adopt(self, path: Path) -> str:
        """Take a finished file, made in `scratch`, into the store."""
        with path.open("rb") as source:
            name = hashlib.file_digest(source, "sha256").hexdigest()
        return self._keep(path, name, durable=True)

    def adopt_all(self, folder: Path) -> dict[str, int]:
        """Take every file of a folder into the store; their names and sizes."""
        sizes: dict[str, int] = {}
        for path in sorted(folder.iterdir()) if folder.is_dir() else ():
            with path.open("rb") as source:
                name = hashlib.file_digest(source, "sha256").hexdigest()
            sizes[name] = path.stat().st_size
            self._keep(path, name, durable=False)
        self.sync(sizes)
        return sizes

    def _keep(self, path: Path, name: str, *, durable: bool) -> str:
        """On disk first, under its name second: a half-written blob is never seen.

        What was altered meanwhile is mended by the same bytes coming again.
        """
        goal = self.path(name)
        if self._is_sound(name):
            path.unlink()
            return name
        goal.parent.mkdir(parents=True, exist_ok=True)
        path.chmod(0o640)
        if durable:
            _sync(path)
        path.replace(goal)
        if durable:
            _sync(goal.parent)
        return name

    def _is_sound(self, name: str) -> bool:
        return self.exists(name) and self.what_is_wrong(name) is None

    def sync(self, names: Iterable[str]) -> None:
        """Make blobs durable that were put with `durable=False`."""
        paths = {self.path(name) for name in names}
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(_sync, paths))
            list(pool.map(_sync, {path.parent for path in paths}))

    def remove(self, sha256: str) -> None:
        """Forget bytes that nothing refers to any more."""
        self.path(sha256).unlink(missing_ok=True)

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """A folder on the same disk for unfinished work; gone afterwards."""
        self._working().mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self._working()) as folder:
            yield Path(folder)

    def _working(self) -> Path:
        return self.directory / "unfinished"


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
