"""Stored images, decoded one by one for the learners."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from app.datasets.blobs import BlobStore
from app.datatypes.data_type import StoredContent
from app.datatypes.shown import picture_of
from app.errors import Gone, NotFound
from app.learning.picture_quality import Look, look

_LARGE = 256
"""Longer sides are reduced while decoding: the learners look at far less."""

_MISSING = np.zeros((1, 1), dtype=np.uint8)


class Pictures:
    """Decodes in order, and measures each on the way.

    Remembers the rows whose file is gone or broken, which are shown as one pixel.
    """

    def __init__(self, blobs: BlobStore, contents: Sequence[StoredContent]) -> None:
        self._blobs = blobs
        self._contents = contents
        self.unreadable: list[int] = []
        self.looks: list[Look | None] = []

    def __iter__(self) -> Iterator[NDArray[np.uint8]]:
        for row, content in enumerate(self._contents):
            picture = decoded_one(self._blobs, content)
            if picture is None:
                self.unreadable.append(row)
                self.looks.append(None)
                yield _MISSING
            else:
                self.looks.append(look(picture, _size(content)))
                yield picture


def decoded_one(blobs: BlobStore, content: StoredContent) -> NDArray[np.uint8] | None:
    """The picture of one example; None where its file is gone or broken."""
    try:
        with blobs.open(picture_of(content)) as file:
            return _decoded(file)
    except (Gone, NotFound, OSError, UnidentifiedImageError, ValueError, SyntaxError):
        return None


def _size(content: StoredContent) -> tuple[int, int] | None:
    """Height and width of the file itself, where the import wrote them down."""
    height, width = content.get("height"), content.get("width")
    return (int(height), int(width)) if height and width else None


def _decoded(file: BinaryIO) -> NDArray[np.uint8]:
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            image: Image.Image = Image.open(file)
        except Image.DecompressionBombWarning as warning:
            raise ValueError("too many pixels") from warning
    image.draft("RGB", (_LARGE, _LARGE))
    if image.mode.startswith(("I", "F")):
        return _stretched(np.asarray(image, dtype=np.float64))
    grey = image.mode in ("1", "L")
    plain = image.convert("L" if grey else "RGB")
    factor = max(plain.size) // _LARGE
    if factor > 1:
        plain = plain.reduce(factor)
    return np.asarray(plain, dtype=np.uint8)


def _stretched(values: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Deep grey images on the scale of a plain one."""
    low, high = float(values.min()), float(values.max())
    if not np.isfinite([low, high]).all():
        raise ValueError("not a picture")
    return np.asarray((values - low) * (255.0 / max(high - low, 1.0)), dtype=np.uint8)
