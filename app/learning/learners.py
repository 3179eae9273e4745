"""Fit on some examples, score others: one function a learner, raw scores out."""

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve
from sklearn.ensemble import ExtraTreesClassifier

from app.arrays import Labels
from app.learning.features import View
from app.learning.softmax_regression import softmax_scores

_SOFTMAX_PENALTY = 0.1
"""Views have rows of unit length, so weights must be free to grow."""

_RIDGE_PENALTY = 0.3
_TREES = 200

UNSEEN = np.float32(-30.0)
"""Score of a class the learner never saw: e⁻³⁰ after softmax."""


def held_out_scores(
    view: View, labels: Labels, *, train: NDArray[np.int64], test: NDArray[np.int64], seed: int
) -> tuple[Labels, NDArray[np.float32]]:
    """Learn from the rows ``train``; the classes seen there and the scores of rows ``test``."""
    seen, compact = np.unique(labels[train], return_inverse=True)
    if len(seen) == 1:
        return seen, np.zeros((len(test), 1), dtype=np.float32)
    learn_from, score = view.matrix[train], view.matrix[test]
    if view.learner == "softmax":
        scores = softmax_scores(
            learn_from, compact, score, n_classes=len(seen), penalty=_SOFTMAX_PENALTY
        )
    elif view.learner == "ridge":
        scores = _ridge_scores(learn_from, compact, score, n_classes=len(seen))
    else:
        scores = _forest_scores(learn_from, compact, score, seed=seed)
    return seen, scores


def _ridge_scores(
    train: NDArray[np.float32], labels: Labels, test: NDArray[np.float32], *, n_classes: int
) -> NDArray[np.float32]:
    """Least squares on one column a class, weights held small."""
    wanted = np.full((len(labels), n_classes), -1.0 / n_classes, dtype=np.float32)
    wanted[np.arange(len(labels)), labels] += 1.0
    squares = train.T @ train
    squares[np.diag_indices_from(squares)] += np.float32(_RIDGE_PENALTY)
    weights = cho_solve(cho_factor(squares), train.T @ wanted)
    return np.asarray(test @ weights, dtype=np.float32)


def _forest_scores(
    train: NDArray[np.float32], labels: Labels, test: NDArray[np.float32], *, seed: int
) -> NDArray[np.float32]:
    """Logarithm of the votes of randomised trees."""
    trees = ExtraTreesClassifier(
        n_estimators=_TREES, min_samples_leaf=2, random_state=seed, n_jobs=1
    )
    votes = trees.fit(train, labels).predict_proba(test)
    floor = 1.0 / (2 * _TREES)
    return np.asarray(np.log(np.maximum(votes, floor)), dtype=np.float32)
