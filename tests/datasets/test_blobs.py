"""Bytes by their SHA-256."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import pytest

from app.datasets.blobs import BlobStore
from app.errors import Altered, Gone, NotFound


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


def test_what_was_altered_is_never_read(tmp_path: Path) -> None:
    blobs = BlobStore(tmp_path)
    name = blobs.put(b"fish")
    for content in (b"", b"fis", b"fisH", b"fish and more"):
        blobs.path(name).write_bytes(content)
        with pytest.raises(Altered):
            blobs.open(name)
        with pytest.raises(Altered):
            blobs.sound_path(name)
        assert isinstance(blobs.what_is_wrong(name), Altered)


def test_what_is_missing_says_so(tmp_path: Path) -> None:
    blobs = BlobStore(tmp_path)
    name = blobs.put(b"fish")
    assert blobs.what_is_wrong(name) is None and blobs.sound_path(name).read_bytes() == b"fish"
    blobs.remove(name)
    with pytest.raises(Gone) as gone:
        blobs.open(name)
    assert not isinstance(gone.value, Altered) and gone.value.next_step


@pytest.mark.parametrize("again", [b"fish", io.BytesIO(b"fish")])
def test_the_same_bytes_again_mend_what_was_altered(
    tmp_path: Path, again: bytes | io.BytesIO
) -> None:
    blobs = BlobStore(tmp_path)
    name = blobs.put(b"fish")
    blobs.path(name).write_bytes(b"fowl")
    assert blobs.put(again) == name
    with blobs.open(name) as file:
        assert file.read() == b"fish"
