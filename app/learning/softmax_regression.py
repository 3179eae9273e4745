"""Multinomial regression on a dense view, by cross-entropy or by a loss that doubts labels."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from app.arrays import Labels

_MOST_ITERATIONS = 60
"""More changes no held-out probability that matters, and costs time."""

_STEADINESS = 0.5
"""q: 0 is cross-entropy, 1 counts errors. 0.7 follows systematic errors a little less, but learns
badly from few examples a label."""

_ROUGH_ITERATIONS = 15
_STEADY_ITERATIONS = 25
"""After the rough ones; 60 give the same shares."""


def softmax(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    """Exponentials of each row over their sum."""
    shifted = scores - scores.max(axis=1, keepdims=True)
    np.exp(shifted, out=shifted)
    shifted /= shifted.sum(axis=1, keepdims=True)
    return np.asarray(shifted, dtype=np.float32)


@dataclass(frozen=True)
class _Loss:
    """Mean loss and its slope at weights and intercepts, flat."""

    train: NDArray[np.float32]
    labels: Labels
    penalty: float
    steadiness: float

    def __call__(self, flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        n_train, n_dimensions = self.train.shape
        weights = flat.reshape(n_dimensions + 1, -1)
        narrow = weights.astype(np.float32)
        rows = np.arange(n_train)
        probs = softmax(self.train @ narrow[:-1] + narrow[-1])
        likelihood = np.maximum(probs[rows, self.labels], 1e-30).astype(np.float64)
        probs[rows, self.labels] -= 1.0
        if self.steadiness > 0:
            pull = likelihood**self.steadiness
            probs *= pull.astype(np.float32)[:, None]
            cost = float((1.0 - pull).sum()) / self.steadiness
        else:
            cost = -float(np.log(likelihood).sum())
        slope = np.empty_like(weights)
        slope[:-1] = self.train.T @ probs + self.penalty * weights[:-1]
        slope[-1] = probs.sum(axis=0, dtype=np.float64)
        cost += 0.5 * self.penalty * float(np.square(weights[:-1]).sum())
        return cost / n_train, slope.ravel() / n_train


def _lowest(
    loss: _Loss, start: NDArray[np.float64], *, most_iterations: int
) -> NDArray[np.float64]:
    options = {"maxiter": most_iterations}
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options=options)
    return np.asarray(found.x)


def softmax_scores(
    train: NDArray[np.float32],
    labels: Labels,
    test: NDArray[np.float32],
    *,
    n_classes: int,
    penalty: float,
) -> NDArray[np.float32]:
    """Fit on ``train``, return log-odds for ``test`` of shape (n_test, n_classes).

    Minimises cross-entropy summed over examples plus ``penalty / 2`` times the squared weights.
    Intercepts are not penalised. Starts at zero, so the result needs no seed.
    """
    start = np.zeros((train.shape[1] + 1) * n_classes)
    loss = _Loss(train, labels, penalty, 0.0)
    return _scores(_lowest(loss, start, most_iterations=_MOST_ITERATIONS), test, n_classes)


def steady_scores(
    train: NDArray[np.float32],
    labels: Labels,
    test: NDArray[np.float32],
    *,
    n_classes: int,
    penalty: float,
) -> NDArray[np.float32]:
    """The same, but labels that look impossible pull little, so that wrong ones are not followed.

    The loss of a label with probability p is (1 - p ** q) / q, which is not convex: the search
    starts at a rough optimum of cross-entropy.

    References
    ----------
    Zhang and Sabuncu (2018), Generalized cross entropy loss for training deep neural networks
    with noisy labels.
    """
    start = np.zeros((train.shape[1] + 1) * n_classes)
    rough = _Loss(train, labels, penalty, 0.0)
    begun = _lowest(rough, start, most_iterations=_ROUGH_ITERATIONS)
    loss = _Loss(train, labels, penalty, _STEADINESS)
    return _scores(_lowest(loss, begun, most_iterations=_STEADY_ITERATIONS), test, n_classes)


def _scores(
    flat: NDArray[np.float64], test: NDArray[np.float32], n_classes: int
) -> NDArray[np.float32]:
    weights = flat.reshape(-1, n_classes).astype(np.float32)
    return np.asarray(test @ weights[:-1] + weights[-1], dtype=np.float32)
