"""Doubt in the given label, raised where the model is unsure."""

import numpy as np

from app.arrays import Labels, Probs, Scores
from app.scoring.quality import difficulty, label_quality

_SMALLEST_RATIO = 1e-6
"""cleanlab's lower bound, kept so that the two agree."""


def confidence_weighted_entropy(given_labels: Labels, pred_probs: Probs) -> Scores:
    """One minus ``log(1 + r) / r`` with r = normalised entropy / probability of the given label.

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
    One minus ``cleanlab.rank.get_confidence_weighted_entropy_for_each_label``, save that a row
    without any entropy scores 0 when its label is certain and 1 when it is impossible;
    cleanlab scores both 1.
    """
    quality = label_quality(given_labels, pred_probs)
    log_classes = np.log(max(2, pred_probs.shape[1]))
    ratio = difficulty(pred_probs) / log_classes / np.maximum(quality, _SMALLEST_RATIO)
    bounded = np.maximum(ratio, _SMALLEST_RATIO)
    scores = 1.0 - np.log1p(bounded) / bounded
    return np.where((ratio < _SMALLEST_RATIO) & (quality < 0.5), 1.0, scores)
