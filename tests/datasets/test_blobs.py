"""Bytes by their SHA-256."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import pytest

from app.datasets.blobs import BlobStore
from app.errors import NotFound


def test_the_same_bytes_are_stored_once(tmp_path: Path) -> None:
    blobs = BlobStore(tmp_path)
    name = blobs.put(b"fish")
    assert name == hashlib.sha256(b"fish").hexdigest() == blobs.put(io.BytesIO(b"fish"))
    with blobs.open(name) as file:
        assert file.read() == b"fish"
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == [name]


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "a" * 63, "A" * 64, "a" * 63 + "/"])
def test_nothing_but_a_hash_is_a_name(tmp_path: Path, name: str) -> None:
    with pytest.raises(NotFound):
        BlobStore(tmp_path).open(name)


def test_a_stream_that_breaks_leaves_nothing(tmp_path: Path) -> None:
    class Breaks(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        BlobStore(tmp_path).put(Breaks(b"x"))
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
