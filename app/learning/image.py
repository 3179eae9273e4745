"""Features of pictures: grey or colour, any size."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from app.learning.directions import centred_directions
from app.learning.edges import edge_histograms
from app.learning.features import Features, View
from app.learning.kernel import kernel_map
from app.learning.patches import learn_patterns, pattern_shares
from app.learning.threads import one_thread
from app.progress import Progress, quiet

Picture = NDArray[np.uint8]
"""Shape (height, width), (height, width, 1) or (height, width, 3)."""

SIDE = 32
_DIMENSIONS = 256
_BATCH = 512
_FINE_CELL = 4
_COARSE_CELL = 8


@one_thread
def image_features(
    pictures: Iterable[Picture], *, seed: int, progress: Progress = quiet
) -> Features:
    """Edges and learnt patterns of every picture, brought to 32 × 32.

    Parameters
    ----------
    pictures : iterable of ndarray of uint8
        Decoded, grey or RGB, any size; read once.
    seed : int
    progress : callable
        Called with (step, done, total); the total is 0 while it is unknown. May raise to cancel.

    Returns
    -------
    Features
        Without pictures, or with all alike, there are no views.

    Raises
    ------
    ValueError
        If a picture has no pixel, another shape or another type.
    """
    small = []
    for done, picture in enumerate(pictures):
        if done % _BATCH == 0:
            progress("features", done, 0)
        small.append(resized(picture))
    if not small or all(np.array_equal(small[0], picture) for picture in small):
        return Features((), np.zeros((len(small), 1), dtype=np.float32))
    pixels = np.stack(small)
    del small
    if np.ptp(pixels, axis=-1).max() == 0:
        pixels = pixels[..., :1]
    rng = np.random.default_rng(seed)
    patterns = learn_patterns(pixels, rng)
    described = []
    for start in range(0, len(pixels), _BATCH):
        progress("features", start, len(pixels))
        batch = pixels[start : start + _BATCH]
        described.append(np.hstack([pattern_shares(batch, patterns), _edges(batch)]))
    looks = centred_directions(np.concatenate(described), _DIMENSIONS, seed)
    progress("features", len(pixels), len(pixels))
    views = (View("looks", looks, "softmax"), View("likeness", kernel_map(looks, seed), "ridge"))
    return Features(views, looks)


def resized(picture: Picture, side: int = SIDE) -> Picture:
    """The picture as a square of RGB: means of areas when it shrinks, straight lines when it grows.

    Shape (side, side, 3).
    """
    if picture.dtype != np.uint8 or picture.ndim not in (2, 3) or picture.size == 0:
        raise ValueError("a picture must be an array of uint8, grey or RGB, and not empty")
    planes = picture[:, :, None] if picture.ndim == 2 else picture
    if planes.shape[2] not in (1, 3):
        raise ValueError("a picture must have one channel or three")
    down, right = _weights(planes.shape[0], side), _weights(planes.shape[1], side)
    values = np.einsum("ih,hwc,jw->ijc", down, planes.astype(np.float32), right, optimize=True)
    small = np.clip(np.rint(values), 0, 255).astype(np.uint8)
    return np.repeat(small, 3, axis=2) if small.shape[2] == 1 else small


def _weights(length: int, side: int) -> NDArray[np.float32]:
    """Triangle filter from one length to another: as wide as a new pixel, at least an old one."""
    scale = length / side
    centres = (np.arange(side) + 0.5) * scale - 0.5
    distance = np.abs(np.clip(centres, 0, length - 1)[:, None] - np.arange(length))
    weights = np.maximum(1.0 - distance / max(1.0, scale), 0.0)
    return np.asarray(weights / weights.sum(axis=1, keepdims=True), dtype=np.float32)


def _edges(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    grey = pixels.mean(axis=-1, dtype=np.float32) / np.float32(255.0)
    return np.hstack([edge_histograms(grey, cell) for cell in (_FINE_CELL, _COARSE_CELL)])
