"""Examples whose loss stayed high."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.arrays import Scores

PERSISTENT = 0.8
"""Share of the epochs in which the loss must be high. Early epochs know nothing yet, and one good
epoch in five may be luck."""


@dataclass(frozen=True)
class Losses:
    """``scores``: mean loss, NaN where none was recorded; ``marked``: high throughout."""

    scores: Scores
    marked: NDArray[np.bool_]


def loss(losses: NDArray[np.floating], n_classes: int) -> Losses:
    """Mean loss of the given label over training, and which examples kept a high one.

    A loss is high above ``log(n_classes)``: an even guess over the classes would have cost less.
    Unlike a share of the examples, this bound does not move with the number of wrong labels.

    Parameters
    ----------
    losses : ndarray of shape (n_examples, n_epochs)
        Cross-entropy of the given label in nats, epoch by epoch (or model by model), at least 0;
        NaN where it was not recorded.
    n_classes : int
        Classes that could have been given, at least 1.

    Returns
    -------
    Losses
        Scores in nats, ``[0, inf)``, higher means review sooner. Marked where at least 0.8 of the
        recorded losses are high; never with a single class.

    Raises
    ------
    ValueError
        If the array is not two-dimensional, a loss is negative or infinite, or there is no class.

    References
    ----------
    Huang et al. (2019), O2U-Net: a simple noisy label detection approach for deep neural
    networks (mean loss over epochs); Arazo et al. (2019), Unsupervised label noise modeling and
    loss correction (wrong labels keep a high loss while right ones are learnt).
    """
    if losses.ndim != 2 or n_classes < 1:
        raise ValueError("losses must have one row an example, and there must be a class")
    recorded = ~np.isnan(losses)
    values = np.where(recorded, losses, 0.0).astype(np.float64)
    if not (np.isfinite(values).all() and (values >= 0).all()):
        raise ValueError("losses must be finite and not negative, or NaN where there is none")
    times = recorded.sum(axis=1)
    known = times > 0
    scores = np.full(len(values), np.nan)
    scores[known] = values.sum(axis=1)[known] / times[known]
    if n_classes == 1:
        return Losses(scores, np.zeros(len(values), dtype=np.bool_))
    high = (values > np.log(n_classes)).sum(axis=1)
    return Losses(scores, known & (high >= PERSISTENT * times))
