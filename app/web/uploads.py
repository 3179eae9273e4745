"""Files that come in over HTTP: kept as blobs, never opened here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Literal

from fastapi import Depends, File, Form, Request, UploadFile

from app.datasets.blobs import BlobStore
from app.datasets.formats.registry import FORMATS, TABLES, in_words
from app.datasets.mapping import ImportMapping, StoredFile
from app.datasets.pushed_arrays import Sent
from app.datasets.pushed_models import SentModel
from app.datasets.stage import FileToImport
from app.errors import Invalid

DATA_FILES = in_words(FORMATS.values())
PREDICTION_FILES = f"NPZ, {in_words(TABLES)}"
ARRAY_FILES = f"NPZ, NPY, {in_words(TABLES)}"


@dataclass(frozen=True, slots=True)
class SentFiles:
    """The file with the examples, and what may come beside it."""

    file: UploadFile | None
    media: UploadFile | None
    beside: Mapping[str, UploadFile | None]

    def keep(self, blobs: BlobStore, mapping: ImportMapping) -> FileToImport:
        """Store everything that was sent; the mapping names what came beside."""
        file = needed(keep(blobs, self.file))
        media = keep(blobs, self.media)
        stored = {name: keep(blobs, upload) for name, upload in self.beside.items()}
        beside = {name: one for name, one in stored.items() if one is not None}
        sha256 = media.sha256 if media else ""
        return FileToImport(file, replace(mapping, media=sha256, beside=beside))


def sent_files(
    file: Annotated[UploadFile | None, File()] = None,
    media: Annotated[UploadFile | None, File()] = None,
    labels: Annotated[UploadFile | None, File()] = None,
    pred_probs: Annotated[UploadFile | None, File()] = None,
    embeddings: Annotated[UploadFile | None, File()] = None,
) -> SentFiles:
    beside = {"labels": labels, "pred_probs": pred_probs, "embeddings": embeddings}
    return SentFiles(file, media, beside)


@dataclass(frozen=True, slots=True)
class SentArray:
    """An array of a user's own model; without a kind the file's own word counts."""

    file: UploadFile | None
    kind: str
    name: str

    def keep(self, blobs: BlobStore, choices: Mapping[str, str]) -> Sent:
        stored = needed(keep(blobs, self.file), kinds=ARRAY_FILES)
        return Sent(stored.sha256, self.name.strip() or stored.name, self.kind, choices)


def sent_array(
    file: Annotated[UploadFile | None, File()] = None,
    kind: Annotated[Literal["", "pred_probs", "embeddings", "losses"], Form()] = "",
    name: Annotated[str, Form()] = "",
) -> SentArray:
    return SentArray(file, kind, name)


@dataclass(frozen=True, slots=True)
class SentPredictions:
    """What a model of a user's own predicts, and which model it is."""

    file: UploadFile | None
    name: str
    version: str
    size: str
    split: str

    def keep(self, blobs: BlobStore) -> SentModel:
        stored = needed(keep(blobs, self.file), kinds=PREDICTION_FILES)
        name = self.name.strip() or stored.name.rsplit(".", 1)[0]
        return SentModel(stored, name, self.version, _count(self.size), self.split)


def _count(typed: str) -> int | None:
    """As people write it: 22,000,000 and 22 000 000 are the same."""
    plain = "".join(one for one in typed if one not in ", _\u00a0\u202f")
    if not plain:
        return None
    if not (plain.isascii() and plain.isdecimal() and len(plain) < 17):
        raise Invalid(
            "The size of a model is a whole number of parameters.",
            next_step="Write the number, or leave it out.",
            code="model_size",
        )
    return int(plain)


def sent_predictions(
    file: Annotated[UploadFile | None, File()] = None,
    name: Annotated[str, Form()] = "",
    version: Annotated[str, Form()] = "",
    size: Annotated[str, Form()] = "",
    split: Annotated[str, Form()] = "",
) -> SentPredictions:
    return SentPredictions(file, name, version, size, split)


def keep_media(
    request: Request, media: Annotated[UploadFile | None, File()] = None
) -> Callable[[], str]:
    """Stores the ZIP that was sent, once its sender may send it; gives its SHA-256."""
    return lambda: needed(keep(blobs_here(request), media), kinds="ZIP").sha256


def blobs_here(request: Request) -> BlobStore:
    return BlobStore(request.app.state.settings.blob_directory)


Files = Annotated[SentFiles, Depends(sent_files)]
Media = Annotated[Callable[[], str], Depends(keep_media)]
ArrayFile = Annotated[SentArray, Depends(sent_array)]
PredictionsFile = Annotated[SentPredictions, Depends(sent_predictions)]
Blobs = Annotated[BlobStore, Depends(blobs_here)]


def keep(blobs: BlobStore, upload: UploadFile | None) -> StoredFile | None:
    """Store an upload; None where the field was left empty."""
    if upload is None or not upload.filename:
        return None
    sha256 = blobs.put(upload.file)
    return StoredFile(upload.filename[-300:], sha256, blobs.size(sha256))


def needed(file: StoredFile | None, *, kinds: str = DATA_FILES) -> StoredFile:
    if file is None:
        raise Invalid(
            "No file was chosen.",
            next_step=f"Choose a {kinds} file.",
            code="no_file",
        )
    return file
