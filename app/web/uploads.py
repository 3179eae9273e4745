"""Files that come in over HTTP: kept as blobs, never opened here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fastapi import UploadFile

from app.datasets.blobs import BlobStore
from app.errors import Invalid
from app.settings import Settings

ROLES = ("text", "image", "label", "id", "source", "split", "group")
DATA_FILES = "CSV, TSV, JSONL, Parquet or ZIP"
ARRAY_FILES = "NPZ, NPY, CSV, TSV, JSONL or Parquet"


@dataclass(frozen=True, slots=True)
class Kept:
    """A stored upload."""

    name: str
    sha256: str
    size: int


def keep(settings: Settings, upload: UploadFile | None) -> Kept | None:
    """Store an upload; None where the field was left empty."""
    if upload is None or not upload.filename:
        return None
    blobs = BlobStore(settings.blob_directory)
    sha256 = blobs.put(upload.file)
    return Kept(upload.filename[-300:], sha256, blobs.size(sha256))


def needed(kept: Kept | None, *, kinds: str = DATA_FILES) -> Kept:
    if kept is None:
        raise Invalid(
            "No file was chosen.",
            next_step=f"Choose a {kinds} file.",
            code="no_file",
        )
    return kept


def extras(
    settings: Settings,
    *,
    media: UploadFile | None,
    labels: UploadFile | None,
    pred_probs: UploadFile | None,
    embeddings: UploadFile | None,
) -> dict[str, Any]:
    """The parts of a mapping that are files themselves."""
    mapping: dict[str, Any] = {}
    pictures = keep(settings, media)
    if pictures is not None:
        mapping["media"] = pictures.sha256
    for name, upload in (
        ("labels", labels),
        ("pred_probs", pred_probs),
        ("embeddings", embeddings),
    ):
        kept = keep(settings, upload)
        if kept is not None:
            mapping[name] = {"sha256": kept.sha256, "name": kept.name}
    return mapping
