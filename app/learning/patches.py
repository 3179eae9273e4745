"""What small patches of these pictures look like, learnt from the pictures themselves."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from sklearn.preprocessing import normalize

_SIDE = 6
_STEP = 2
_PATTERNS = 256
_REGIONS = 3
_SAMPLE = 40_000
_ROUNDS = 10
_THRESHOLD = 0.5
_FAINTEST = 1.5e-4
_WHITENING_FLOOR = 0.1
_BATCH = 128

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Patterns:
    """A whitening of patches and the patterns they cluster around, of unit length."""

    mean: Floats
    whitening: Floats
    patterns: Floats


def learn_patterns(pictures: NDArray[np.uint8], rng: np.random.Generator) -> Patterns:
    """Cluster random whitened patches by direction.

    Parameters
    ----------
    pictures : ndarray of shape (n_pictures, side, side, n_channels)
    rng : numpy.random.Generator

    References
    ----------
    Coates and Ng (2012), Learning feature representations with k-means.
    """
    windows = _windows(pictures)
    places = [rng.integers(0, size, _SAMPLE) for size in windows.shape[:3]]
    sample = _flattened(windows[places[0], places[1], places[2]])
    mean = sample.mean(axis=0)
    values, vectors = np.linalg.eigh(np.cov((sample - mean).T))
    scale = 1.0 / np.sqrt(np.maximum(values, 0.0) + _WHITENING_FLOOR)
    whitening = ((vectors * scale) @ vectors.T).astype(np.float32)
    white = (sample - mean) @ whitening
    patterns = normalize(white[rng.choice(len(white), _PATTERNS, replace=False)])
    for _ in range(_ROUNDS):
        cosines = white @ patterns.T
        nearest = cosines.argmax(axis=1)
        pull = white * cosines[np.arange(len(white)), nearest, None]
        order = np.argsort(nearest, kind="stable")
        starts = np.flatnonzero(np.diff(nearest[order], prepend=-1))
        moved = patterns * np.float32(1e-3)
        moved[nearest[order][starts]] += np.add.reduceat(pull[order], starts, axis=0)
        patterns = normalize(moved)
    return Patterns(mean, whitening, np.asarray(patterns, dtype=np.float32))


def pattern_shares(pictures: NDArray[np.uint8], known: Patterns) -> Floats:
    """How strongly each pattern shows in each of 3 × 3 regions; rows of unit length or zero."""
    shares = [
        _pooled(pictures[start : start + _BATCH], known)
        for start in range(0, len(pictures), _BATCH)
    ]
    return np.asarray(normalize(np.sqrt(np.concatenate(shares))), dtype=np.float32)


def _pooled(pictures: NDArray[np.uint8], known: Patterns) -> Floats:
    windows = _windows(pictures)
    n_pictures, across = windows.shape[:2]
    white = (_flattened(windows) - known.mean) @ known.whitening
    shown = np.maximum(white @ known.patterns.T - np.float32(_THRESHOLD), 0.0)
    shown = shown.reshape(n_pictures, across, across, _PATTERNS)
    edges = np.linspace(0, across, _REGIONS + 1).astype(int)
    spans = [slice(first, last) for first, last in pairwise(edges)]
    regions = [shown[:, down, right].mean(axis=(1, 2)) for down in spans for right in spans]
    return np.concatenate(regions, axis=1)


def _windows(pictures: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Every second patch; a view of shape (n_pictures, places, places, channels, 6, 6)."""
    patches = sliding_window_view(pictures, (_SIDE, _SIDE), axis=(1, 2))
    return patches[:, ::_STEP, ::_STEP]


def _flattened(windows: NDArray[np.uint8]) -> Floats:
    """One row a patch, brightness and contrast taken away."""
    size = int(np.prod(windows.shape[-3:]))
    rows = windows.reshape(-1, size).astype(np.float32) / np.float32(255.0)
    rows -= rows.mean(axis=1, keepdims=True)
    rows /= np.sqrt(np.square(rows).mean(axis=1, keepdims=True) + np.float32(_FAINTEST))
    return rows
