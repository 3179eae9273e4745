"""How far another label leads the given one."""

import numpy as np

from app.arrays import Labels, Probs, Scores, check_predictions, row_chunks


def normalized_margin(given_labels: Labels, pred_probs: Probs) -> Scores:
    """Half of one plus the best other probability minus that of the given label.

    Parameters
    ----------
    given_labels : ndarray of shape (n_examples,)
        Class indices in ``[0, n_classes)``.
    pred_probs : ndarray of shape (n_examples, n_classes)
        Out-of-sample probabilities; rows sum to 1 within 1e-3.

    Returns
    -------
    ndarray of shape (n_examples,)
        In ``[0, 1]``; higher means review sooner; above 0.5 another label leads.

    Raises
    ------
    ValueError
        If shapes disagree or rows are not probabilities.

    Notes
    -----
    One minus ``cleanlab.rank.get_normalized_margin_for_each_label``.
    """
    check_predictions(given_labels, pred_probs)
    scores = np.empty(len(pred_probs), dtype=np.float64)
    for rows in row_chunks(pred_probs):
        probs = np.array(pred_probs[rows], dtype=np.float64)
        probs /= probs.sum(axis=1, keepdims=True)
        given_column = given_labels[rows][:, None]
        given = np.take_along_axis(probs, given_column, axis=1)[:, 0]
        np.put_along_axis(probs, given_column, 0.0, axis=1)
        scores[rows] = (probs.max(axis=1) - given + 1.0) / 2.0
    return scores
