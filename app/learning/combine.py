"""From raw scores to calibrated probabilities, and from several views to one."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from app.arrays import Labels, Probs
from app.learning.softmax_regression import softmax

_LOG_SHARPEST = 5.0
_LOG_FLATTEST = -3.0
_MOST_CALIBRATED_ON = 20_000
"""One number is fitted; more examples would not move it."""


def calibrated(scores: NDArray[np.float32], given_labels: Labels) -> NDArray[np.float32]:
    """Softmax of held-out scores at the sharpness that fits the given labels best.

    Parameters
    ----------
    scores : ndarray of shape (n_examples, n_classes)
        Held-out log-odds or cosines, any scale; higher is likelier.
    given_labels : ndarray of shape (n_examples,)
        Class indices, or -1 for none (not used for the fit).

    Returns
    -------
    ndarray of float32, shape (n_examples, n_classes)
        Rows sum to 1.

    References
    ----------
    Guo et al. (2017), On calibration of modern neural networks: temperature scaling.
    """
    labelled = np.flatnonzero(given_labels >= 0)
    stride = max(1, len(labelled) // _MOST_CALIBRATED_ON)
    used = labelled[::stride]
    sample, labels = scores[used], given_labels[used]

    def loss(log_sharpness: float) -> float:
        probs = softmax(sample * np.float32(np.exp(log_sharpness)))
        likelihood = probs[np.arange(len(labels)), labels].astype(np.float64)
        return float(-np.log(np.maximum(likelihood, 1e-9)).mean())

    best = minimize_scalar(loss, bounds=(_LOG_FLATTEST, _LOG_SHARPEST), method="bounded")
    return softmax(scores * np.float32(np.exp(best.x)))


def mean_of(views: Sequence[Probs]) -> NDArray[np.float32]:
    """Plain mean of several predictions of the same examples; rows sum to 1.

    Raises
    ------
    ValueError
        If there is nothing to average or shapes disagree.
    """
    if not views or any(view.shape != views[0].shape for view in views):
        raise ValueError("views must be of one shape, and at least one")
    total = np.zeros(views[0].shape, dtype=np.float32)
    for view in views:
        total += view
    total /= total.sum(axis=1, keepdims=True)
    return total
