"""How many examples that came as one label belong to another, with limits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta

PRIOR_ANSWERS = 20.0
"""What the model's view of a given label weighs, in answers. More harms where it is weak."""

_LEAST_FACTOR, _MOST_FACTOR = 0.1, 10.0
_SPREAD = 0.5

Matrix = NDArray[np.float64]
Table = NDArray[np.integer] | Matrix


@dataclass(frozen=True)
class Joint:
    """Given label by right label: ``posterior`` is Dirichlet, one row a given label.

    ``class_sizes`` says how many examples came with each label, shape (n_classes,).
    All matrices are of shape (n_classes, n_classes), row: given, column: right.
    """

    posterior: Matrix
    class_sizes: Matrix

    def shares(self) -> Matrix:
        """P(right | given), mean; rows sum to 1."""
        return np.asarray(self.posterior / self.posterior.sum(axis=1, keepdims=True))

    def share_limits(self) -> tuple[Matrix, Matrix]:
        """Lower and upper 95 % limit of each cell of ``shares``, each cell for itself."""
        rest = self.posterior.sum(axis=1, keepdims=True) - self.posterior
        low, high = (beta.ppf(point, self.posterior, rest) for point in (0.025, 0.975))
        return np.asarray(low), np.asarray(high)

    def counts(self) -> Matrix:
        """Expected number of examples in each cell; rows sum to ``class_sizes``."""
        return np.asarray(self.shares() * self.class_sizes[:, None])

    def count_limits(self) -> tuple[Matrix, Matrix]:
        """Lower and upper 95 % limit of each cell of ``counts``, each cell for itself."""
        low, high = self.share_limits()
        return low * self.class_sizes[:, None], high * self.class_sizes[:, None]


def joint(confident: Table, audited: Table, class_sizes: Table) -> Joint:
    """Join what a model suspects with what reviewers found at random.

    Confident learning gives the direction of errors, the audit their level: the errors the
    model suspects are scaled to the rate of the audit (by 0.1 to 10), each row then counts as
    20 answers beside those of the audit, and half an answer is spread over each row.

    Parameters
    ----------
    confident : ndarray of shape (n_classes, n_classes)
        Confident learning's counts, row: given, column: believed right. A row of zeros
        believes the given label.
    audited : ndarray of shape (n_classes, n_classes)
        Random draws, row: given, column: what reviewers said. All zeros before the audit;
        then the matrix is what the model suspects and no more.
    class_sizes : ndarray of shape (n_classes,)
        How many examples came with each label.

    Returns
    -------
    Joint

    Raises
    ------
    ValueError
        If shapes disagree or a count is negative or not finite.

    References
    ----------
    Northcutt, Jiang and Chuang (2021), Confident learning, JAIR 70.
    """
    model, found = _checked(confident), _checked(audited)
    sizes = np.asarray(class_sizes, dtype=np.float64)
    if model.shape != found.shape or sizes.shape != (len(model),):
        raise ValueError("confident, audited and class_sizes must have the same classes")
    if not (np.isfinite(sizes) & (sizes >= 0)).all():
        raise ValueError("class sizes must be finite and not negative")
    direction = _rescaled(_rows(model), found, sizes)
    posterior = PRIOR_ANSWERS * direction + found + _SPREAD / len(model)
    return Joint(posterior, sizes)


def transition_matrix(of: Joint) -> Matrix:
    """P(given | right): what becomes of examples of each class.

    Parameters
    ----------
    of : Joint

    Returns
    -------
    ndarray of shape (n_classes, n_classes)
        Row: right, column: given; rows sum to 1. A class that no example can be of is taken
        as labeled right.
    """
    by_right = of.counts().T
    totals = by_right.sum(axis=1, keepdims=True)
    kept = np.eye(len(by_right))
    return np.asarray(np.divide(by_right, totals, out=kept, where=totals > 0))


def most_confused(of: Joint, most: int) -> list[tuple[int, int]]:
    """The pairs (given, right) with most expected wrong labels, most first.

    Parameters
    ----------
    of : Joint
    most : int

    Returns
    -------
    list of tuple of int
    """
    wrong = of.counts()
    np.fill_diagonal(wrong, -1.0)
    order = np.argsort(-wrong, axis=None, kind="stable")[: min(most, wrong.size - len(wrong))]
    rows, columns = np.unravel_index(order, wrong.shape)
    return [(int(given), int(right)) for given, right in zip(rows, columns, strict=True)]


def _checked(table: Table) -> Matrix:
    counts = np.asarray(table, dtype=np.float64)
    if counts.ndim != 2 or counts.shape[0] != counts.shape[1] or not len(counts):
        raise ValueError("a table of counts must be square, one row and one column a class")
    if not (np.isfinite(counts) & (counts >= 0)).all():
        raise ValueError("counts must be finite and not negative")
    return counts


def _rows(counts: Matrix) -> Matrix:
    totals = counts.sum(axis=1, keepdims=True)
    believed = np.eye(len(counts))
    return np.asarray(np.divide(counts, totals, out=believed, where=totals > 0))


def _rescaled(direction: Matrix, found: Matrix, sizes: Matrix) -> Matrix:
    """The model's rows with their errors scaled to the rate of the audit."""
    asked = found.sum()
    weights = sizes / sizes.sum() if sizes.sum() else np.full(len(sizes), 1 / len(sizes))
    suspected = float(weights @ (1 - np.diag(direction)))
    if asked == 0 or suspected == 0:
        return direction
    factor = (1 - np.trace(found) / asked) / suspected
    scaled = direction * np.clip(factor, _LEAST_FACTOR, _MOST_FACTOR)
    np.fill_diagonal(scaled, np.diag(direction))
    return _rows(scaled)
