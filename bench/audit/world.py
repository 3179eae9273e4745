"""Made-up projects: which labels are wrong, how well a ranking sees it, and how they are served.

The serving here restates the order in which the product serves, and nothing else of it: each slot
flips a coin with the audit share; heads, the unserved example with the smallest random key, else
the best unserved one by the ranking. Leases, people and second reads do not move an example
between the two, so they are left to the tests that drive the real functions.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from app.noise.serves import Outcome, Outcomes

BLIND_SHIFT = -1.0
"""Where the scores of wrong labels in a blind spot lie: the model is sure that they are right."""

SOONEST, LATEST = 100, 1_000
"""An answer put aside comes after so many further serves, at the least and at the most."""


@dataclass(frozen=True, slots=True)
class Setting:
    """A kind of project. Shares lie between 0 and 1."""

    examples: int
    noise: float
    auroc: float
    blind: float = 0.0  # share of the wrong labels that the ranking puts last
    aside: float = 0.0  # share of the answers that come late

    @property
    def words(self) -> str:
        extra = f", {self.blind:.0%} unseen" if self.blind else ""
        extra += f", {self.aside:.0%} late" if self.aside else ""
        return f"{100 * self.noise:g}% wrong, AUROC {self.auroc:g}{extra}"


class Project:
    """One project of a setting, and who was served of it."""

    def __init__(self, setting: Setting, rng: np.random.Generator) -> None:
        count = setting.examples
        wrong = np.zeros(count, dtype=np.bool_)
        errors = rng.permutation(count)[: round(count * setting.noise)]
        wrong[errors] = True
        scores = rng.standard_normal(count)
        scores[errors] += 2**0.5 * NormalDist().inv_cdf(setting.auroc)
        unseen = errors[: round(len(errors) * setting.blind)]
        scores[unseen] = rng.standard_normal(len(unseen)) + BLIND_SHIFT
        self.wrong: NDArray[np.bool_] = wrong
        self.total = len(errors)
        self._rng, self._aside = rng, setting.aside
        self._queue = np.argsort(-scores, kind="stable").tolist()
        self._keys = rng.permutation(count).tolist()
        self._next_queue = self._next_key = 0
        self._served = bytearray(count)
        self.left = self.total

    def serve(self, count: int, share: float) -> tuple[NDArray[np.bool_], Outcomes]:
        """Serve so many, or all that are left, with this share of random draws."""
        coins = self._rng.random(count) < share
        drawn, outcome = [], []
        for coin in coins.tolist():
            example = self._draw() if coin else self._best()
            if example is None:
                break
            self._served[example] = 1
            drawn.append(coin)
            outcome.append(bool(self.wrong[example]))
        self.left -= sum(outcome)
        return np.array(drawn, dtype=np.bool_), np.array(outcome, dtype=np.int8)

    def _best(self) -> int | None:
        order, at = self._queue, self._next_queue
        while at < len(order) and self._served[order[at]]:
            at += 1
        self._next_queue = at
        return order[at] if at < len(order) else None

    def _draw(self) -> int | None:
        order, at = self._keys, self._next_key
        while at < len(order) and self._served[order[at]]:
            at += 1
        self._next_key = at
        return order[at] if at < len(order) else None

    def put_aside(self, outcome: Outcomes) -> tuple[Outcomes, NDArray[np.int64]]:
        """Outcomes as they are known at first, and after how many further serves each is known."""
        late = self._rng.random(len(outcome)) < self._aside
        waits = self._rng.integers(SOONEST, LATEST + 1, len(outcome))
        known = np.where(late, np.int8(Outcome.OPEN), outcome).astype(np.int8)
        return known, np.where(late, waits, 0)
