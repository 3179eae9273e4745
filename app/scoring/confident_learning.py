"""Labels that confident learning would prune."""

import warnings

import numpy as np
from cleanlab.filter import find_label_issues
from numpy.typing import NDArray

from app.arrays import Labels, Probs, check_predictions


def confident_learning(given_labels: Labels, pred_probs: Probs) -> NDArray[np.bool_]:
    """Mark the examples that confident learning counts as mislabeled.

    Estimates from out-of-sample probabilities how many examples of each given label belong to
    each other label, and marks that many: those whose margin against their label is largest.

    Parameters
    ----------
    given_labels : ndarray of shape (n_examples,)
        Class indices in ``[0, n_classes)``; classes may be absent.
    pred_probs : ndarray of shape (n_examples, n_classes)
        Out-of-sample probabilities; rows sum to 1 within 1e-3.

    Returns
    -------
    ndarray of bool, shape (n_examples,)
        True marks a suspect. With fewer than two classes among the labels nothing is marked.

    Raises
    ------
    ValueError
        If shapes disagree or rows are not probabilities.

    References
    ----------
    Northcutt, Jiang and Chuang (2021), Confident learning: estimating uncertainty in dataset
    labels, JAIR 70. This is ``cleanlab.filter.find_label_issues``, prune by noise rate.
    """
    check_predictions(given_labels, pred_probs)
    if len(np.unique(given_labels)) < 2:
        return np.zeros(len(given_labels), dtype=np.bool_)
    issues = _find(given_labels, pred_probs)
    _find(np.array([0, 1]), np.eye(2))  # cleanlab holds on to the last probabilities it saw
    return issues


def _find(given_labels: Labels, pred_probs: Probs) -> NDArray[np.bool_]:
    with warnings.catch_warnings():  # one for each class without two members
        warnings.filterwarnings("ignore", message="May not flag all label issues")
        issues = find_label_issues(given_labels.astype(np.int64), pred_probs, n_jobs=1)
    return np.asarray(issues, dtype=np.bool_)
