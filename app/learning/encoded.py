"""Vectors of a network trained elsewhere, beside the features that are made here."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from sklearn.preprocessing import normalize

from app.arrays import Embeddings
from app.learning.directions import centred_directions
from app.learning.features import Encoded, Features, View
from app.learning.kernel import kernel_map
from app.learning.threads import one_thread

_DIMENSIONS = 256


def beside(features: Features, encoded: Sequence[Encoded], *, seed: int) -> Features:
    """The features with two views of each encoder's vectors, and its neighbours.

    All of it has to show its worth: what is known of other texts and pictures need not fit these.

    Parameters
    ----------
    features : Features
    encoded : sequence of Encoded
        Vectors of the same examples, any length, shape (n_examples, width).
    seed : int

    Returns
    -------
    Features

    Raises
    ------
    ValueError
        If an encoder has another number of rows, or a value that is not finite.
    """
    for one in encoded:
        if one.vectors.shape[:1] != (features.n_examples,) or not np.isfinite(one.vectors).all():
            raise ValueError("encoded vectors must be finite, one row an example")
    centred = [Encoded(one.name, _centred(one.vectors, seed)) for one in encoded]
    views = [view for one in centred for view in _views(one, seed)]
    return replace(features, views=(*features.views, *views), encoded=tuple(centred))


@one_thread
def _centred(vectors: Embeddings, seed: int) -> Embeddings:
    """What tells the examples apart: vectors of one network all lean the same way."""
    present = np.asarray(vectors.any(axis=1))
    around = vectors - vectors[present].mean(axis=0) if present.any() else vectors
    centred = np.where(present[:, None], around, 0.0).astype(np.float32)
    if centred.shape[1] > 2 * _DIMENSIONS and present.any():
        return centred_directions(centred, _DIMENSIONS, seed)
    return np.asarray(normalize(centred), dtype=np.float32)


@one_thread
def _views(one: Encoded, seed: int) -> tuple[View, View]:
    return (
        View(one.name, one.vectors, "steady", asked=True),
        View(f"{one.name} likeness", kernel_map(one.vectors, seed), "ridge", asked=True),
    )
