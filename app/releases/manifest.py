"""Checksums, and JSON in the one form in which a release writes it. Standard library, orjson."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

import orjson

from app.db.log_bodies import FileFacts
from app.releases.manifest_parts import About, LabelsFile, Manifest

_PIECE = 1 << 20


def manifest_bytes(content: Manifest | About | LabelsFile) -> bytes:
    """Sorted, indented, with a line end: what is read back must be these very bytes."""
    return orjson.dumps(
        content, option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
    )


def digest_of(about: About) -> str:
    """What the release's event keeps of the manifest."""
    return hashlib.sha256(manifest_bytes(about)).hexdigest()


def file_facts(path: Path) -> FileFacts:
    """SHA-256 and size."""
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
            size += len(piece)
    return {"sha256": digest.hexdigest(), "size": size}


def files_of(directory: Path, names: Iterable[str]) -> dict[str, FileFacts]:
    return {name: file_facts(directory / name) for name in names}
