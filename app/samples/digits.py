"""Hand-written digits: scikit-learn's 1,797 images of 8 × 8 pixels, written by 43 people."""

from __future__ import annotations

import io
import zipfile

import numpy as np
from PIL import Image

from app.arrays import Embeddings
from app.samples.sample import Rows

ORIGIN = (
    "1,797 handwritten digits, 8 by 8 pixels each, from the Optical Recognition of Handwritten "
    "Digits set of the UCI Machine Learning Repository, as scikit-learn ships it."
)

_DEEPEST = 16.0


def digits() -> Rows:
    """The images as PNG files, and what each was meant to be."""
    from sklearn.datasets import load_digits  # slow to load, and only needed here

    bunch = load_digits()
    ids = [f"digit-{number:04d}" for number in range(1, len(bunch.target) + 1)]
    files = {f"{name}.png": _png(image) for name, image in zip(ids, bunch.images, strict=True)}
    return Rows("image", ids, list(files), [str(digit) for digit in bunch.target], files)


def pixels() -> Embeddings:
    """The same images as numbers, 64 of each."""
    from sklearn.datasets import load_digits

    return np.asarray(load_digits().data, dtype=np.float32)


def _png(image: np.ndarray[tuple[int, int], np.dtype[np.float64]]) -> bytes:
    buffer = io.BytesIO()
    shades = np.rint(image * (255.0 / _DEEPEST)).astype(np.uint8)
    Image.fromarray(shades).save(buffer, "PNG")
    return buffer.getvalue()


def as_zip(files: dict[str, bytes]) -> bytes:
    """An archive with the same bytes every time."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return buffer.getvalue()
