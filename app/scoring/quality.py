"""Label quality and difficulty, stored and shown beside the priority."""

import numpy as np

from app.arrays import (
    SMALLEST_PROBABILITY,
    Labels,
    Probs,
    Scores,
    check_labels,
    checked_chunks,
)
from app.scoring.blocks import in_blocks


def label_quality(given_labels: Labels, pred_probs: Probs) -> Scores:
    """Probability the model gives the given label.

    Parameters
    ----------
    given_labels : ndarray of shape (n_examples,)
        Class indices in ``[0, n_classes)``.
    pred_probs : ndarray of shape (n_examples, n_classes)
        Calibrated out-of-sample probabilities; rows sum to 1 within 1e-3.

    Returns
    -------
    ndarray of shape (n_examples,)
        In ``[0, 1]``: 0 is surely wrong, 1 is surely right.

    Raises
    ------
    ValueError
        If shapes disagree or rows are not probabilities.
    """
    check_labels(given_labels, pred_probs)
    quality = np.empty(len(pred_probs), dtype=np.float64)

    def fill(block: slice) -> None:
        for rows, probs, sums in checked_chunks(pred_probs, block):
            given = np.take_along_axis(probs, given_labels[rows][:, None], axis=1)[:, 0]
            quality[rows] = np.minimum(given / sums, 1.0)

    in_blocks(len(pred_probs), fill)
    return quality


def difficulty(pred_probs: Probs) -> Scores:
    """Entropy of the prediction.

    Parameters
    ----------
    pred_probs : ndarray of shape (n_examples, n_classes)
        Out-of-sample probabilities; rows sum to 1 within 1e-3.

    Returns
    -------
    ndarray of shape (n_examples,)
        Nats, in ``[0, log(n_classes)]``: 0 is easy, the upper end is an even split.

    Raises
    ------
    ValueError
        If a row is not finite, has a negative entry or does not sum to 1.
    """
    entropy = np.empty(len(pred_probs), dtype=np.float64)

    def fill(block: slice) -> None:
        for rows, probs, _ in checked_chunks(pred_probs, block):
            sums = probs.sum(axis=1, dtype=np.float64)  # nats multiply the error of a float32 sum
            logs = np.log(np.maximum(probs, SMALLEST_PROBABILITY, dtype=probs.dtype))
            crossed = np.multiply(probs, logs, out=logs).sum(axis=1, dtype=np.float64)
            entropy[rows] = np.maximum(np.log(sums) - crossed / sums, 0.0)

    in_blocks(len(pred_probs), fill)
    return entropy
