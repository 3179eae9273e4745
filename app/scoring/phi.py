"""The rule of Bernhardt et al.: looks wrong, and looks easy."""

import numpy as np

from app.arrays import SMALLEST_PROBABILITY, Labels, Probs, Scores
from app.scoring.quality import difficulty, label_quality


def phi(given_labels: Labels, pred_probs: Probs) -> Scores:
    """Cross-entropy of the given label minus entropy of the prediction.

    Parameters
    ----------
    given_labels : ndarray of shape (n_examples,)
        Class indices in ``[0, n_classes)``.
    pred_probs : ndarray of shape (n_examples, n_classes)
        Out-of-sample probabilities; rows sum to 1 within 1e-3.

    Returns
    -------
    ndarray of shape (n_examples,)
        Nats, from ``-log(n_classes)`` to about 20.7 (probabilities are raised to 1e-9);
        higher means review sooner.

    Raises
    ------
    ValueError
        If shapes disagree or rows are not probabilities.

    References
    ----------
    Bernhardt et al. (2022), Nat. Commun. 13:1161.
    """
    quality = label_quality(given_labels, pred_probs)
    surprise = -np.log(np.maximum(quality, SMALLEST_PROBABILITY))
    return np.asarray(surprise - difficulty(pred_probs), dtype=np.float64)
