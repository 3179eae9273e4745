"""Chance alone: the baseline every other order is compared with."""

import numpy as np

from app.arrays import Scores


def random_order(n_examples: int, rng: np.random.Generator) -> Scores:
    """Independent uniform scores.

    Parameters
    ----------
    n_examples : int
    rng : numpy.random.Generator

    Returns
    -------
    ndarray of shape (n_examples,)
        In ``[0, 1)``; higher means review sooner.
    """
    return rng.random(n_examples)
