"""The few directions along which many features vary most."""

from typing import Any

import numpy as np
from sklearn.preprocessing import normalize
from sklearn.utils.extmath import randomized_svd

from app.arrays import Embeddings

_POWER_STEPS = 2


def main_directions(features: Any, most: int, seed: int) -> Embeddings:
    """Coordinates on the leading singular vectors, rows of unit length or zero.

    ``features`` is dense or sparse with one row an example; it is not centred here.
    """
    wanted = min(most, *features.shape)
    left, strength, _ = randomized_svd(
        features, wanted, n_iter=_POWER_STEPS, power_iteration_normalizer="QR", random_state=seed
    )
    coordinates = left * strength
    coordinates[:, strength <= strength[0] * 1e-5] = 0.0  # rounding, not variation
    return np.asarray(normalize(coordinates), dtype=np.float32)


def centred_directions(features: Embeddings, most: int, seed: int) -> Embeddings:
    """The same after taking the mean row away: what tells examples apart."""
    return main_directions(features - features.mean(axis=0), most, seed)
