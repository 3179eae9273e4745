"""Checksums, and JSON in the one form in which a release writes it. Standard library, orjson."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import orjson

from app.releases.layout import MANIFEST

_PIECE = 1 << 20


def manifest_bytes(content: Any) -> bytes:
    """Sorted, indented, with a line end: what is read back must be these very bytes."""
    return orjson.dumps(
        content, option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
    )


def digest_of(about: dict[str, Any]) -> str:
    """What the release's event keeps of the manifest."""
    return hashlib.sha256(manifest_bytes(about)).hexdigest()


def manifest_of(directory: Path) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads((directory / MANIFEST).read_bytes())
    return found


def file_facts(path: Path) -> dict[str, Any]:
    """SHA-256 and size."""
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
            size += len(piece)
    return {"sha256": digest.hexdigest(), "size": size}


def files_of(directory: Path, names: Iterable[str]) -> dict[str, Any]:
    return {name: file_facts(directory / name) for name in names}
