"""What an estimate of wrong labels is made from: what was served, in order, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

Outcomes = NDArray[np.int8]
Counts = NDArray[np.int64]


class Outcome(IntEnum):
    """What is known of a served example."""

    OPEN = -1  # no final answer yet
    RIGHT = 0  # the label stays, or it was removed for another reason
    WRONG = 1


@dataclass(frozen=True, slots=True, eq=False)
class Draws:
    """The random draws among the serves, each with what stood just before it.

    Arrays of shape (n_draws,), in serving order: examples unserved before it, known wrong labels
    and open answers among those served before it, and its own outcome.
    """

    unserved: Counts
    wrong_before: Counts
    open_before: Counts
    outcome: Outcomes

    def __len__(self) -> int:
        return len(self.outcome)

    def known(self) -> Draws:
        """Those with an answer."""
        return self._part(self.outcome != Outcome.OPEN)

    def between(self, first: int, last: int) -> Draws:
        """Those from number `first` up to, not including, number `last`."""
        return self._part(slice(first, last))

    def _part(self, part: slice | NDArray[np.bool_]) -> Draws:
        return Draws(
            self.unserved[part], self.wrong_before[part], self.open_before[part], self.outcome[part]
        )


@dataclass(frozen=True, slots=True, eq=False)
class Serves:
    """The serves of one epoch.

    Parameters
    ----------
    pool : int
        Examples in the pool when the epoch opened, at least 0.
    drawn : ndarray of bool, shape (n_serves,)
        In serving order: whether it was a random draw. All others only leave the pool.
    outcome : ndarray of int8, shape (n_serves,)
        `Outcome` of each.
    ranked : ndarray of bool, shape (n_serves,), optional
        Whether the ranking put it first; by default all that were not drawn.

    Raises
    ------
    ValueError
        If the arrays disagree, hold something else, or more was served than the pool holds.
    """

    pool: int
    drawn: NDArray[np.bool_]
    outcome: Outcomes
    ranked: NDArray[np.bool_] | None = None

    def __post_init__(self) -> None:
        if self.drawn.ndim != 1 or self.drawn.shape != self.outcome.shape:
            raise ValueError(
                f"drawn has shape {self.drawn.shape} and outcome {self.outcome.shape}: "
                "give one value for each serve in both"
            )
        if self.drawn.dtype != np.bool_:
            raise ValueError(f"drawn holds {self.drawn.dtype}: give True for a random draw")
        if self.outcome.dtype != np.int8:
            raise ValueError(f"outcome holds {self.outcome.dtype}: give int8")
        if self.ranked is not None and (
            self.ranked.dtype != np.bool_
            or self.ranked.shape != self.drawn.shape
            or bool((self.ranked & self.drawn).any())
        ):
            raise ValueError("ranked says of each serve whether the ranking put it first, no draw")
        if len(self) and not -1 <= self.outcome.min() <= self.outcome.max() <= 1:
            raise ValueError("an outcome is 0 (right), 1 (wrong) or -1 (open)")
        if len(self) > self.pool:
            raise ValueError(f"{len(self):,} serves from a pool of {self.pool:,} examples")

    @classmethod
    def none(cls, pool: int) -> Serves:
        """Nothing served yet."""
        return cls(pool, np.zeros(0, dtype=np.bool_), np.zeros(0, dtype=np.int8))

    def __len__(self) -> int:
        return len(self.outcome)

    @property
    def unserved(self) -> int:
        return self.pool - len(self)

    @property
    def queue(self) -> NDArray[np.bool_]:
        """Those that the ranking put first: what tells how much it still finds."""
        return ~self.drawn if self.ranked is None else self.ranked

    @property
    def prefix(self) -> int:
        """Serves before the first whose answer is open."""
        is_open = self.outcome == Outcome.OPEN
        return int(is_open.argmax()) if is_open.any() else len(self)

    def found(self, serves: int | None = None) -> int:
        """Known wrong labels among the first `serves`, or among all."""
        return int((self.outcome[:serves] == Outcome.WRONG).sum())

    def draws(self) -> Draws:
        """What the likelihood needs of each random draw."""
        places = np.flatnonzero(self.drawn)
        return Draws(
            self.pool - places,
            _before(self.outcome == Outcome.WRONG)[places],
            _before(self.outcome == Outcome.OPEN)[places],
            self.outcome[places],
        )


def _before(marks: NDArray[np.bool_]) -> Counts:
    """Of each place: how many marks stand before it."""
    return np.cumsum(marks, dtype=np.int64) - marks
