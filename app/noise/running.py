"""The bounds on what is left, kept up to date serve by serve."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from app.noise.left import ALPHA, Left, check_alpha, draws_within, left_by
from app.noise.prefix import PrefixEvidence
from app.noise.serves import Outcome, Outcomes, Serves
from app.noise.worst_case import WorstCase


class RunningLeft:
    """What `wrong_left` says of the serves so far, in a few milliseconds after each.

    Serves are appended as they are made and settled as their answers become final; only draws
    that join the prefix are worked on. An undone answer, a ruling that changes one, a new epoch:
    construct it anew, which takes no longer than `wrong_left`.

    Parameters
    ----------
    serves : Serves
        All serves of the epoch so far.
    alpha : float
        As in `wrong_left`.

    Raises
    ------
    ValueError
        If ``alpha`` is out of range.
    """

    def __init__(self, serves: Serves, *, alpha: float = ALPHA) -> None:
        check_alpha(alpha)
        self.alpha = alpha
        self._pool, self._served = serves.pool, len(serves)
        self._drawn, self._outcome = serves.drawn.copy(), serves.outcome.copy()
        self._evidence, self._prefix = PrefixEvidence(serves.pool), 0

    @property
    def serves(self) -> Serves:
        """A view of them; it does not outlive the next change."""
        return Serves(self._pool, self._drawn[: self._served], self._outcome[: self._served])

    def append(self, drawn: NDArray[np.bool_], outcome: Outcomes) -> None:
        """Take in further serves, in serving order.

        Raises
        ------
        ValueError
            If they are no serves, or more than the pool holds.
        """
        Serves(self._pool - self._served, drawn, outcome)
        end = self._served + len(drawn)
        if end > len(self._drawn):
            more = max(end, 2 * len(self._drawn)) - len(self._drawn)
            self._drawn = np.append(self._drawn, np.zeros(more, dtype=np.bool_))
            self._outcome = np.append(self._outcome, np.zeros(more, dtype=np.int8))
        self._drawn[self._served : end] = drawn
        self._outcome[self._served : end] = outcome
        self._served = end

    def settle(self, place: int, outcome: Outcome) -> None:
        """The open answer of serve number `place`, from 0, became final.

        Raises
        ------
        ValueError
            If there is no such serve, its answer was final before, or it stays open.
        """
        if not 0 <= place < self._served:
            raise ValueError(f"serve {place} of {self._served}: there is no such serve")
        if self._outcome[place] != Outcome.OPEN or outcome is Outcome.OPEN:
            raise ValueError(
                f"serve {place}: only an open answer becomes final, once; construct it anew"
            )
        self._outcome[place] = outcome

    def left(self) -> Left:
        """The bounds by all that is known now."""
        serves = self.serves
        self._grow(serves)
        return left_by(self._evidence, serves, serves.draws(), alpha=self.alpha)

    def keeps(self, wrong: int) -> bool:
        """Whether so many wrong labels in all are not ruled out; quicker than the bounds."""
        serves = self.serves
        self._grow(serves)
        if (
            not serves.found()
            <= wrong
            <= serves.pool - int((serves.outcome == Outcome.RIGHT).sum())
        ):
            return False
        limit = math.log(1.0 / self.alpha)
        if self._evidence.distance(wrong) >= limit:
            return False
        if self._prefix == len(serves):
            return True  # the average of two forecasts is never worse than half of one
        return WorstCase(serves.draws()).distance(wrong) < limit

    def _grow(self, serves: Serves) -> None:
        """Take the draws into the evidence whose answers, and all before them, are known now."""
        prefix = serves.prefix
        if prefix > self._prefix:
            known = draws_within(serves, prefix)
            self._evidence.add(serves.draws().between(self._evidence.draws, known))
            self._prefix = prefix
