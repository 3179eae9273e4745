"""A map after which a linear learner bends like a Gaussian kernel."""

import numpy as np

from app.arrays import Embeddings

_LANDMARKS = 2048
_MOST_ENTRIES = 2**26
"""Larger datasets get fewer landmarks, so that the map stays below 256 MiB."""

_SHARPNESS = 1.0
"""exp(-squared distance): rows of unit length at a right angle are alike to e⁻²."""

_SMALLEST_EIGENVALUE = 1e-4


def kernel_map(rows: Embeddings, seed: int) -> Embeddings:
    """Nyström features of unit rows: inner products approximate a Gaussian kernel.

    References
    ----------
    Williams and Seeger (2001), Using the Nyström method to speed up kernel machines.
    """
    rng = np.random.default_rng(seed)
    n_landmarks = min(_LANDMARKS, len(rows), max(1, _MOST_ENTRIES // max(1, len(rows))))
    landmarks = rows[np.sort(rng.choice(len(rows), n_landmarks, replace=False))]
    values, vectors = np.linalg.eigh(_likeness(landmarks, landmarks).astype(np.float64))
    large = values > _SMALLEST_EIGENVALUE
    whitening = (vectors[:, large] / np.sqrt(values[large])).astype(np.float32)
    return np.asarray(_likeness(rows, landmarks) @ whitening, dtype=np.float32)


def _likeness(rows: Embeddings, others: Embeddings) -> Embeddings:
    lengths = np.square(rows).sum(axis=1)[:, None] + np.square(others).sum(axis=1)
    distance = np.maximum(lengths - 2.0 * (rows @ others.T), 0.0)
    return np.asarray(np.exp(-_SHARPNESS * distance), dtype=np.float32)
