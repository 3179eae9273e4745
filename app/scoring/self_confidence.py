"""Doubt in the given label alone."""

import numpy as np

from app.arrays import Labels, Probs, Scores
from app.scoring.quality import label_quality


def self_confidence(given_labels: Labels, pred_probs: Probs) -> Scores:
    """One minus the probability of the given label.

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

    Notes
    -----
    One minus ``cleanlab.rank.get_self_confidence_for_each_label``.
    """
    return np.asarray(1.0 - label_quality(given_labels, pred_probs), dtype=np.float64)
