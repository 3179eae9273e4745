"""How far annotators agree, with an interval from drawing the items again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.arrays import Labels, Scores

FEWEST_SHARED = 50
"""Of fewer items with two answers nothing is said: the interval is wider than a third."""

RESAMPLES = 1_000
_AT_ONCE = 100

Rows = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Agreement:
    """A coefficient, 1 where all agree and 0 where they do as by chance, with 95 % limits.

    ``shared`` items had two answers or more. All three are None under 50 of them, and where it is
    not defined: everybody always gave the same label.
    """

    value: float | None
    low: float | None
    high: float | None
    shared: int

    @property
    def is_enough(self) -> bool:
        return self.shared >= FEWEST_SHARED

    @property
    def limits(self) -> tuple[float, float, float] | None:
        """The value and its limits, where there is one."""
        if self.value is None or self.low is None or self.high is None:
            return None
        return self.value, self.low, self.high


def check_votes(votes: Labels) -> None:
    """Refuse what is not a matrix of class indices, -1 where somebody did not answer."""
    if votes.ndim != 2:
        raise ValueError("votes must have one row an item and one column an annotator")
    if not np.issubdtype(votes.dtype, np.integer):
        raise ValueError("votes must hold whole numbers, -1 where there is none")
    if votes.min(initial=0) < -1:
        raise ValueError("votes must hold class indices, -1 where there is none")


def counts_of(votes: Labels, n_classes: int | None = None) -> NDArray[np.int64]:
    """How many gave each class to each item.

    Parameters
    ----------
    votes : ndarray of shape (n_items, n_annotators)
        Class indices, or -1 for none.
    n_classes : int, optional
        As many as the votes name if not said.

    Returns
    -------
    ndarray of int64, shape (n_items, n_classes)

    Raises
    ------
    ValueError
        If it is no such matrix, or a vote is none of the classes.
    """
    check_votes(votes)
    named = int(votes.max(initial=-1)) + 1
    classes = named if n_classes is None else n_classes
    if named > classes:
        raise ValueError(f"a vote names class {named - 1} of {classes}")
    items, annotators = np.nonzero(votes >= 0)
    cells = items * classes + votes[items, annotators]
    counted = np.bincount(cells, minlength=len(votes) * classes)
    return counted.reshape(len(votes), classes)


def coefficient(
    rows: Rows, of_sums: Callable[[Rows], Scores], *, rng: np.random.Generator
) -> Agreement:
    """A coefficient of sums over items, and its bootstrap interval.

    Parameters
    ----------
    rows : ndarray of shape (n_items, n_terms)
        What each item adds.
    of_sums : function
        From sums, shape (n_samples, n_terms), to coefficients, NaN where not defined.
    rng : numpy.random.Generator

    Returns
    -------
    Agreement
    """
    items = len(rows)
    if items < FEWEST_SHARED:
        return Agreement(None, None, None, items)
    value = float(of_sums(rows.sum(axis=0, keepdims=True))[0])
    if not np.isfinite(value):
        return Agreement(None, None, None, items)
    again: list[Scores] = []
    for _ in range(RESAMPLES // _AT_ONCE):
        times = rng.multinomial(items, np.full(items, 1.0 / items), size=_AT_ONCE)
        again.append(of_sums(times @ rows))
    low, high = np.nanquantile(np.concatenate(again), (0.025, 0.975))
    return Agreement(value, min(float(low), value), max(float(high), value), items)
