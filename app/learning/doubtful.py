"""Which labels are so doubtful that the second fit does without them."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from app.arrays import Labels, Probs

SecondFit = Literal["auto", "always", "never"]
"""Settings say the same words."""

FEWEST_FITTED_TWICE = 1_000
"""Below, a model misses what is left out more than it gains (tables of 150 to 570 rows: −0.005)."""

MOST_FITTED_TWICE = 30_000
"""Beyond, the first ranking would come too late."""

_UNLIKELY = 0.1
_LIKELY = 0.6
_MOST_OF_A_LABEL = 0.5


def fits_twice(wanted: SecondFit, n_examples: int) -> bool:
    """Whether there is a second fit; never asks a clock, so that the bits stay the same."""
    fits = FEWEST_FITTED_TWICE <= n_examples <= MOST_FITTED_TWICE
    return wanted == "always" or (wanted == "auto" and fits)


def doubtful(pred_probs: Probs, labels: Labels, decided: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Undecided examples whose label is unlikely (< 0.1) while another is likely (> 0.6).

    A label that would lose more than half of its examples keeps them all: what looks wrong as a
    whole is rather something the models cannot see.

    Parameters
    ----------
    pred_probs : ndarray of shape (n_examples, n_classes)
        Held-out; rows sum to 1.
    labels : ndarray of shape (n_examples,)
        Class indices, -1 for none; those are never doubtful.
    decided : ndarray of bool, shape (n_examples,)
        Never doubtful.

    Returns
    -------
    ndarray of bool, shape (n_examples,)

    Raises
    ------
    ValueError
        If shapes disagree.
    """
    if labels.shape != pred_probs.shape[:1] or decided.shape != labels.shape:
        raise ValueError("labels and decided must hold one entry for each row of pred_probs")
    rows = np.flatnonzero((labels >= 0) & ~decided)
    given = labels[rows]
    others = pred_probs[rows].copy()
    likelihood = others[np.arange(len(rows)), given]
    others[np.arange(len(rows)), given] = 0.0
    marked = (likelihood < _UNLIKELY) & (others.max(axis=1, initial=0.0) > _LIKELY)
    n_classes = pred_probs.shape[1]
    lost = np.bincount(given[marked], minlength=n_classes)
    counts = np.bincount(labels[labels >= 0], minlength=n_classes)
    marked &= (lost <= _MOST_OF_A_LABEL * counts)[given]
    found = np.zeros(len(labels), dtype=np.bool_)
    found[rows[marked]] = True
    return found
