"""What a prediction, a given label and repeated answers say together of the right label."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.arrays import Labels, Probs, normalised


def label_posterior(
    pred_probs: Probs,
    given_labels: Labels,
    answers: Labels,
    *,
    reviewer_accuracy: NDArray[np.floating[Any]],
    given_accuracy: float,
) -> NDArray[np.float64]:
    """Probability of every class being right, given the model, the label and all answers.

    Bayes' rule with the prediction as prior. The given label and every answer are right with
    their accuracy, otherwise any other class, all alike, and err independently of each other
    and of the model.

    Parameters
    ----------
    pred_probs : ndarray of shape (n_examples, n_classes)
        Out-of-sample probabilities; rows sum to 1 within 1e-3; raised to 1e-9.
    given_labels : ndarray of shape (n_examples,)
        Class indices in ``[0, n_classes)``, or -1 for none.
    answers : ndarray of shape (n_examples, most_answers)
        Class indices reviewers answered with, in any order, or -1 for none.
    reviewer_accuracy : ndarray of shape (n_examples, most_answers)
        Chance that the reviewer who gave each answer is right, strictly between 0 and 1;
        not read where there is no answer.
    given_accuracy : float
        Share of given labels that are right, strictly between 0 and 1.

    Returns
    -------
    ndarray of float64, shape (n_examples, n_classes)
        Rows sum to 1.

    Raises
    ------
    ValueError
        If shapes disagree, rows are not probabilities, a label or answer is not a class, or an
        accuracy is not strictly between 0 and 1.

    References
    ----------
    Dawid and Skene (1979), J. R. Stat. Soc. C 28(1):20, with one accuracy a reviewer instead
    of a matrix.
    """
    logs = np.log(normalised(pred_probs))
    if given_labels.shape != logs.shape[:1] or answers.shape[:1] != logs.shape[:1]:
        raise ValueError("there must be one given label and one list of answers an example")
    if answers.ndim != 2 or reviewer_accuracy.shape != answers.shape:
        raise ValueError("answers and reviewer_accuracy must be matrices of one shape")
    _weigh(logs, given_labels, np.full(len(logs), given_accuracy))
    for nth in range(answers.shape[1]):
        _weigh(logs, answers[:, nth], reviewer_accuracy[:, nth])
    logs -= logs.max(axis=1, keepdims=True, initial=-np.inf)
    posterior = np.exp(logs)
    posterior /= posterior.sum(axis=1, keepdims=True)
    return posterior


def _weigh(logs: NDArray[np.float64], labels: Labels, accuracy: NDArray[np.floating[Any]]) -> None:
    """Add to ``logs`` how much more likely one label an example is if it is right than if not."""
    n_classes = logs.shape[1]
    if not np.issubdtype(labels.dtype, np.integer):
        raise ValueError("labels and answers must hold whole numbers")
    if labels.min(initial=-1) < -1 or labels.max(initial=-1) >= n_classes:
        raise ValueError("labels and answers must be columns of pred_probs, or -1 for none")
    rows = np.flatnonzero(labels >= 0)
    right = accuracy[rows].astype(np.float64)
    if not ((right > 0.0) & (right < 1.0)).all():
        raise ValueError("accuracies must lie strictly between 0 and 1")
    if n_classes > 1:
        logs[rows, labels[rows]] += np.log(right) - np.log1p(-right) + np.log(n_classes - 1)
