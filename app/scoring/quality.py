"""Label quality and difficulty, stored and shown beside the priority."""

import numpy as np

from app.arrays import (
    SMALLEST_PROBABILITY,
    Labels,
    Probs,
    Scores,
    check_predictions,
    row_chunks,
    usable_rows,
)


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
    check_predictions(given_labels, pred_probs)
    quality = np.empty(len(pred_probs), dtype=np.float64)
    for rows in row_chunks(pred_probs):
        chunk = np.asarray(pred_probs[rows])
        given = np.take_along_axis(chunk, given_labels[rows][:, None], axis=1)[:, 0]
        quality[rows] = given.astype(np.float64) / chunk.sum(axis=1, dtype=np.float64)
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
    if not usable_rows(pred_probs).all():
        raise ValueError("every row of pred_probs must be a list of probabilities")
    entropy = np.empty(len(pred_probs), dtype=np.float64)
    for rows in row_chunks(pred_probs):
        probs = pred_probs[rows].astype(np.float64)
        probs /= probs.sum(axis=1, keepdims=True)
        logs = np.log(np.maximum(probs, SMALLEST_PROBABILITY))
        entropy[rows] = np.maximum(-np.einsum("ij,ij->i", probs, logs), 0.0)
    return entropy
