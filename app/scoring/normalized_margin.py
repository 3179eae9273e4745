"""How far another label leads the given one."""

import numpy as np

from app.arrays import Labels, Probs, Scores, check_labels, checked_chunks
from app.scoring.blocks import in_blocks


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
    check_labels(given_labels, pred_probs)
    scores = np.empty(len(pred_probs), dtype=np.float64)

    def fill(block: slice) -> None:
        for rows, probs, sums in checked_chunks(pred_probs, block):
            others, given_column = probs.copy(), given_labels[rows][:, None]
            given = np.take_along_axis(probs, given_column, axis=1)[:, 0]
            np.put_along_axis(others, given_column, 0.0, axis=1)
            best = np.take_along_axis(others, others.argmax(axis=1)[:, None], axis=1)[:, 0]
            scores[rows] = ((best - given) / sums + 1.0) / 2.0

    in_blocks(len(pred_probs), fill)
    return scores
