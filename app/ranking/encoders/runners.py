"""What runs each encoder: from the bytes of its files to vectors. Only a worker loads it."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, TypeAlias

import numpy as np

from app.arrays import Embeddings
from app.datasets.blobs import BlobStore
from app.datatypes.data_type import StoredContent
from app.datatypes.registry import type_stored
from app.learning.encoders import pictures, sentences
from app.learning.encoders.pieces import read_pieces
from app.learning.encoders.torch_file import read_torch_file

Run: TypeAlias = Callable[[list[Any]], Embeddings]
Inputs: TypeAlias = Callable[[BlobStore, Iterable[StoredContent]], Iterator[Any]]


@dataclass(frozen=True)
class Runner:
    """`load` makes what encodes out of the files; `inputs` what it reads of each example, None
    where there is nothing to read; `at_once`: examples in one call."""

    load: Callable[[list[bytes]], Run]
    inputs: Inputs
    at_once: int
    width: int


def _sentences(files: list[bytes]) -> Run:
    model, weights = files
    with np.load(io.BytesIO(weights), allow_pickle=False) as archive:
        arrays = {name: archive[name] for name in archive.files}
    return sentences.SentenceEncoder(arrays, read_pieces(model))


def _texts(blobs: BlobStore, contents: Iterable[StoredContent]) -> Iterator[str | None]:
    for content in contents:
        yield str(content.get(type_stored(content).stored_as, "")).strip() or None


def _pictures(files: list[bytes]) -> Run:
    return pictures.PictureEncoder(read_torch_file(files[0]))


def _decoded(blobs: BlobStore, contents: Iterable[StoredContent]) -> Iterator[Any]:
    from app.learning.image import resized
    from app.ranking.pictures import decoded_one  # Pillow is loaded for images only

    for content in contents:
        picture = decoded_one(blobs, content)
        yield None if picture is None else resized(picture, pictures.SIDE)


RUNNERS: Mapping[str, Runner] = MappingProxyType(
    {
        "sentences": Runner(_sentences, _texts, 256, sentences.WIDTH),
        "objects": Runner(_pictures, _decoded, 8, pictures.WIDTH),
    }
)
"""By the names of the records."""
