"""Fit on some examples, score others: one function a learner, raw scores out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.naive_bayes import ComplementNB
from sklearn.svm import LinearSVC

from app.arrays import Labels
from app.learning.features import Dense, LearnerName, Rows, View
from app.learning.softmax_regression import softmax_scores, steady_scores

_SOFTMAX_PENALTY = 0.1
"""Views have rows of unit length, so weights must be free to grow."""

_RIDGE_PENALTY = 0.3
_TREES = 200
_LOOSE = 0.1
"""Where Newton's steps stop: a hundredth of it moves no rank and takes twice as long."""

UNSEEN = np.float32(-30.0)
"""Score of a class the learner never saw: e⁻³⁰ after softmax."""

Fit = Callable[[Rows, Labels, Rows, int], Dense]
"""Rows to learn from, their classes counted from 0, rows to score, seed; one score a class."""


@dataclass(frozen=True)
class Learner:
    """``always``: its view is averaged in unasked, because it does not follow wrong labels."""

    fit: Fit
    always: bool = False


def held_out_scores(
    view: View, labels: Labels, *, train: NDArray[np.int64], test: NDArray[np.int64], seed: int
) -> tuple[Labels, Dense]:
    """Learn from the rows ``train``; the classes seen there and the scores of rows ``test``."""
    seen, compact = np.unique(labels[train], return_inverse=True)
    if len(seen) == 1:
        return seen, np.zeros((len(test), 1), dtype=np.float32)
    fit = LEARNERS[view.learner].fit
    return seen, fit(view.matrix[train], compact, view.matrix[test], seed)


def _softmax(train: Rows, labels: Labels, test: Rows, seed: int) -> Dense:
    n_classes = int(labels.max()) + 1
    return softmax_scores(train, labels, test, n_classes=n_classes, penalty=_SOFTMAX_PENALTY)


def _steady(train: Rows, labels: Labels, test: Rows, seed: int) -> Dense:
    """The same, but a label that looks impossible pulls little."""
    n_classes = int(labels.max()) + 1
    return steady_scores(train, labels, test, n_classes=n_classes, penalty=_SOFTMAX_PENALTY)


def _ridge(train: Rows, labels: Labels, test: Rows, seed: int) -> Dense:
    """Least squares on one column a class, weights held small."""
    n_classes = int(labels.max()) + 1
    wanted = np.full((len(labels), n_classes), -1.0 / n_classes, dtype=np.float32)
    wanted[np.arange(len(labels)), labels] += 1.0
    squares = train.T @ train
    squares[np.diag_indices_from(squares)] += np.float32(_RIDGE_PENALTY)
    weights = cho_solve(cho_factor(squares), train.T @ wanted)
    return np.asarray(test @ weights, dtype=np.float32)


def _forest(train: Rows, labels: Labels, test: Rows, seed: int) -> Dense:
    """Logarithm of the votes of randomised trees."""
    trees = ExtraTreesClassifier(
        n_estimators=_TREES, min_samples_leaf=2, random_state=seed, n_jobs=1
    )
    votes = trees.fit(train, labels).predict_proba(test)
    floor = 1.0 / (2 * _TREES)
    return np.asarray(np.log(np.maximum(votes, floor)), dtype=np.float32)


def _margin(train: Rows, labels: Labels, test: Rows, seed: int) -> Dense:
    """Distance from a linear support vector machine's border, one a class.

    Solved in the primal: the dual draws from a chance that all threads of a process share.
    """
    machine = LinearSVC(dual=False, tol=_LOOSE)
    away = machine.fit(train, labels).decision_function(test)
    return np.asarray(np.column_stack([-away, away]) if away.ndim == 1 else away, np.float32)


def _bayes(train: Rows, labels: Labels, test: Rows, seed: int) -> Dense:
    """Complement naive Bayes: log-odds against the examples of all other classes.

    References
    ----------
    Rennie et al. (2003), Tackling the poor assumptions of naive Bayes text classifiers.
    """
    odds = ComplementNB().fit(train, labels).predict_joint_log_proba(test)
    return np.asarray(odds - odds.max(axis=1, keepdims=True), dtype=np.float32)


LEARNERS: Mapping[LearnerName, Learner] = MappingProxyType(
    {
        "softmax": Learner(_softmax),
        "steady": Learner(_steady),
        "ridge": Learner(_ridge, always=True),
        "forest": Learner(_forest),
        "margin": Learner(_margin),
        "bayes": Learner(_bayes),
    }
)
