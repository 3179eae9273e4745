"""How far several labels of one example differ."""

from dataclasses import dataclass

import numpy as np

from app.arrays import Labels, Scores


@dataclass(frozen=True)
class Disagreement:
    """``share`` of the labels against the commonest, and ``entropy`` of them in nats."""

    share: Scores
    entropy: Scores


def disagreement(labels: Labels) -> Disagreement:
    """How far annotators, or the favourite classes of several models, differ on each example.

    Parameters
    ----------
    labels : ndarray of shape (n_examples, n_annotators)
        Class indices; -1 where an annotator gave none.

    Returns
    -------
    Disagreement
        ``share`` in ``[0, 1)``: labels that are not the commonest one. ``entropy`` in nats,
        ``[0, log(n_annotators)]``. Both are 0 with fewer than two labels, and only if all agree.

    Raises
    ------
    ValueError
        If the array is not two-dimensional, does not hold whole numbers, or one is below -1.

    References
    ----------
    Uma et al. (2021), Learning from disagreement: a survey, JAIR 72 (entropy of the labels).
    """
    if labels.ndim != 2 or not np.issubdtype(labels.dtype, np.integer):
        raise ValueError("labels must be whole numbers, one row an example")
    if labels.min(initial=-1) < -1:
        raise ValueError("labels must be class indices, or -1 for none")
    present = labels >= 0
    times = present.sum(axis=1)
    most = np.zeros(len(labels))
    entropy = np.zeros(len(labels))
    for nth in range(labels.shape[1]):
        alike = ((labels == labels[:, nth : nth + 1]) & present).sum(axis=1) * present[:, nth]
        most = np.maximum(most, alike)
        portion = np.where(alike > 0, alike, 1) / np.maximum(times, 1)
        # each label adds its part of -p log p, so that equal labels add it once together
        entropy += np.where(alike > 0, -np.log(portion) / np.maximum(times, 1), 0.0)
    share = np.where(times > 0, 1.0 - most / np.maximum(times, 1), 0.0)
    return Disagreement(share, np.where(share > 0, entropy, 0.0))
