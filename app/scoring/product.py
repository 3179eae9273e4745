"""Doubt in the given label times ease of the example."""

import numpy as np

from app.arrays import Labels, Probs, Scores
from app.scoring.quality import difficulty, label_quality


def product(given_labels: Labels, pred_probs: Probs) -> Scores:
    """(1 - probability of the given label) × (1 - entropy / log of the number of classes).

    Parameters
    ----------
    given_labels : ndarray of shape (n_examples,)
        Class indices in ``[0, n_classes)``.
    pred_probs : ndarray of shape (n_examples, n_classes)
        Out-of-sample probabilities; rows sum to 1 within 1e-3.

    Returns
    -------
    ndarray of shape (n_examples,)
        In ``[0, 1]``; higher means review sooner.

    Raises
    ------
    ValueError
        If shapes disagree or rows are not probabilities.
    """
    doubt = 1.0 - label_quality(given_labels, pred_probs)
    hardest = np.log(max(2, pred_probs.shape[1]))
    ease = 1.0 - np.minimum(difficulty(pred_probs) / hardest, 1.0)
    return np.asarray(doubt * ease, dtype=np.float64)
