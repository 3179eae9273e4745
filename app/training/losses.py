"""What a network is trained to make small: losses, each with its slope by the logits.

A loss takes logits and labels and gives one value an example and the gradient of that value by
the example's own logits. They work in the precision of the logits.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.arrays import Labels

Numbers = NDArray[np.floating[Any]]

Loss = Callable[[Numbers, Labels], tuple[Numbers, Numbers]]
"""(logits, labels) -> (values of shape (n,), gradients of shape (n, n_classes))."""

SMOOTHING = 0.1
"""Share of the target that is spread over all labels (Szegedy et al. 2016)."""

SOFT, HARD = 0.95, 0.8
"""How much of the target the label at hand is; the rest is the model's own view."""

STEADINESS = 0.7
"""q of generalized cross-entropy: 0 is cross-entropy, 1 counts errors."""

LOG_OF_NOTHING = -4.0
"""What stands for log 0 in reverse cross-entropy."""

FORWARD_WEIGHT, REVERSE_WEIGHT = 0.1, 1.0
"""Of symmetric cross-entropy. The paper takes 0.1 and 1 for 10 labels, 6 and 0.1 for 100."""

_TINY = 1e-30


def log_softmax(logits: Numbers) -> Numbers:
    """Logarithms of the probabilities, shape of ``logits``; no overflow for any finite logits."""
    shifted = logits - logits.max(axis=1, keepdims=True)
    totals = np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return np.asarray(shifted - totals)


def cross_entropy(logits: Numbers, labels: Labels) -> tuple[Numbers, Numbers]:
    """Minus the logarithm of the probability of the label.

    Parameters
    ----------
    logits : ndarray of shape (n, n_classes)
        Finite.
    labels : ndarray of shape (n,)
        Class indices in ``[0, n_classes)``.

    Returns
    -------
    tuple of ndarray
        Values in nats, at least 0, shape (n,); gradient by the logits, shape (n, n_classes).

    Raises
    ------
    ValueError
        If shapes disagree or a label is not a column.
    """
    log_probs, rows = _logs(logits, labels)
    slope = np.exp(log_probs)
    slope[rows, labels] -= 1
    return np.asarray(-log_probs[rows, labels]), slope


def label_smoothing(logits: Numbers, labels: Labels) -> tuple[Numbers, Numbers]:
    """Cross-entropy against 0.9 of the label and 0.1 spread over all.

    Parameters and errors as `cross_entropy`.

    Returns
    -------
    tuple of ndarray
        Values in nats, above 0, shape (n,); gradient by the logits, shape (n, n_classes).

    References
    ----------
    Szegedy et al. (2016), Rethinking the Inception architecture for computer vision.
    """
    log_probs, rows = _logs(logits, labels)
    spread = SMOOTHING / logits.shape[1]
    values = -(1 - SMOOTHING) * log_probs[rows, labels] - spread * log_probs.sum(axis=1)
    slope = np.exp(log_probs) - np.asarray(spread, dtype=logits.dtype)
    slope[rows, labels] -= 1 - SMOOTHING
    return values, slope


def soft_bootstrapping(logits: Numbers, labels: Labels) -> tuple[Numbers, Numbers]:
    """Cross-entropy against 0.95 of the label and 0.05 of the model's own probabilities.

    With p the probabilities: -sum_k (0.95 [k = label] + 0.05 p_k) log p_k, its second part the
    entropy of p. The slope goes through both.

    Parameters and errors as `cross_entropy`.

    Returns
    -------
    tuple of ndarray
        Values in nats, at least 0, shape (n,); gradient by the logits, shape (n, n_classes).

    References
    ----------
    Reed et al. (2015), Training deep neural networks on noisy labels with bootstrapping.
    """
    log_probs, rows = _logs(logits, labels)
    probs = np.exp(log_probs)
    entropy = -(probs * log_probs).sum(axis=1)
    values = -SOFT * log_probs[rows, labels] + (1 - SOFT) * entropy
    slope = SOFT * probs
    slope[rows, labels] -= SOFT
    slope -= (1 - SOFT) * probs * (log_probs + entropy[:, None])
    return values, slope


def hard_bootstrapping(logits: Numbers, labels: Labels) -> tuple[Numbers, Numbers]:
    """Cross-entropy against 0.8 of the label and 0.2 of the label the model favors.

    Parameters and errors as `cross_entropy`. Which label is favored counts as fixed.

    Returns
    -------
    tuple of ndarray
        Values in nats, at least 0, shape (n,); gradient by the logits, shape (n, n_classes).

    References
    ----------
    Reed et al. (2015), Training deep neural networks on noisy labels with bootstrapping.
    """
    log_probs, rows = _logs(logits, labels)
    favored = log_probs.argmax(axis=1)
    values = -HARD * log_probs[rows, labels] - (1 - HARD) * log_probs[rows, favored]
    slope = np.exp(log_probs)
    slope[rows, labels] -= HARD
    slope[rows, favored] -= 1 - HARD
    return values, slope


def generalized_cross_entropy(logits: Numbers, labels: Labels) -> tuple[Numbers, Numbers]:
    """(1 - p ** 0.7) / 0.7 for a label with probability p: unlikely labels pull little.

    Parameters and errors as `cross_entropy`.

    Returns
    -------
    tuple of ndarray
        Values in ``[0, 1 / 0.7]``, shape (n,); gradient by the logits, shape (n, n_classes).

    References
    ----------
    Zhang and Sabuncu (2018), Generalized cross entropy loss for training deep neural networks
    with noisy labels.
    """
    log_probs, rows = _logs(logits, labels)
    pull = np.exp(STEADINESS * log_probs[rows, labels])
    slope = np.exp(log_probs)
    slope[rows, labels] -= 1
    return np.asarray((1 - pull) / STEADINESS), slope * pull[:, None]


def symmetric_cross_entropy(logits: Numbers, labels: Labels) -> tuple[Numbers, Numbers]:
    """Cross-entropy plus reverse cross-entropy, where log 0 is -4.

    The reverse is -sum_k p_k log [k = label] = 4 (1 - p) for a label with probability p.

    Parameters and errors as `cross_entropy`.

    Returns
    -------
    tuple of ndarray
        Values at least 0, shape (n,); gradient by the logits, shape (n, n_classes).

    References
    ----------
    Wang et al. (2019), Symmetric cross entropy for robust learning with noisy labels.
    """
    log_probs, rows = _logs(logits, labels)
    own = np.exp(log_probs[rows, labels])
    values = -FORWARD_WEIGHT * log_probs[rows, labels]
    values = values - REVERSE_WEIGHT * LOG_OF_NOTHING * (1 - own)
    slope = np.exp(log_probs)
    slope[rows, labels] -= 1
    return values, slope * (FORWARD_WEIGHT - REVERSE_WEIGHT * LOG_OF_NOTHING * own)[:, None]


def forward_correction(transition: Numbers) -> Loss:
    """Cross-entropy of what the label at hand would be, if the model's view were right.

    With T the noise transition matrix and p the probabilities: -log (T' p) at the label.

    Parameters
    ----------
    transition : ndarray of shape (n_classes, n_classes)
        P(given | right); row: right, column: given; rows sum to 1.

    Returns
    -------
    Loss
        Values in nats, shape (n,); gradient by the logits, shape (n, n_classes).

    Raises
    ------
    ValueError
        If the matrix is not square, has an entry that is negative or not finite, or a row that
        does not sum to 1.

    References
    ----------
    Patrini et al. (2017), Making deep neural networks robust to label noise.
    """
    of = np.asarray(transition, dtype=np.float64)
    if of.ndim != 2 or of.shape[0] != of.shape[1]:
        raise ValueError("a transition matrix has one row and one column a class")
    if not (np.isfinite(of) & (of >= 0)).all() or np.abs(of.sum(axis=1) - 1).max() > 1e-6:
        raise ValueError("rows of a transition matrix are probabilities and sum to 1")

    def loss(logits: Numbers, labels: Labels) -> tuple[Numbers, Numbers]:
        log_probs, _ = _logs(logits, labels)
        probs = np.exp(log_probs)
        through = of.T[labels].astype(logits.dtype)  # P(given = this label | right = k)
        likelihood = np.maximum((probs * through).sum(axis=1), _TINY)
        back = probs * through / likelihood[:, None]  # P(right = k | given)
        return -np.log(likelihood), probs - back

    return loss


def _logs(logits: Numbers, labels: Labels) -> tuple[Numbers, NDArray[np.int64]]:
    if logits.ndim != 2 or labels.shape != (len(logits),):
        raise ValueError("logits have one row an example, labels one entry")
    if len(labels) and not 0 <= labels.min() <= labels.max() < logits.shape[1]:
        raise ValueError("every label is a column of the logits")
    return log_softmax(logits), np.arange(len(labels))
