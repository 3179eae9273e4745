"""Multinomial logistic regression on a dense view."""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from app.arrays import Labels

_MOST_ITERATIONS = 60
"""More changes no held-out probability that matters, and costs time."""


def softmax(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    """Exponentials of each row over their sum."""
    shifted = scores - scores.max(axis=1, keepdims=True)
    np.exp(shifted, out=shifted)
    shifted /= shifted.sum(axis=1, keepdims=True)
    return np.asarray(shifted, dtype=np.float32)


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
    n_train, n_dimensions = train.shape
    wanted = np.zeros((n_train, n_classes), dtype=np.float32)
    wanted[np.arange(n_train), labels] = 1.0

    def loss(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        weights = flat.reshape(n_dimensions + 1, n_classes)
        narrow = weights.astype(np.float32)
        probs = softmax(train @ narrow[:-1] + narrow[-1])
        likelihood = np.maximum(probs[np.arange(n_train), labels], 1e-30)
        probs -= wanted
        slope = np.empty_like(weights)
        slope[:-1] = train.T @ probs + penalty * weights[:-1]
        slope[-1] = probs.sum(axis=0, dtype=np.float64)
        cost = -np.log(likelihood, dtype=np.float64).sum()
        cost += 0.5 * penalty * float(np.square(weights[:-1]).sum())
        return cost / n_train, slope.ravel() / n_train

    start = np.zeros((n_dimensions + 1) * n_classes)
    optimum = minimize(
        loss, start, jac=True, method="L-BFGS-B", options={"maxiter": _MOST_ITERATIONS}
    )
    weights = optimum.x.reshape(n_dimensions + 1, n_classes).astype(np.float32)
    return np.asarray(test @ weights[:-1] + weights[-1], dtype=np.float32)
