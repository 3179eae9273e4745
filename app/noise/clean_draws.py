"""What further random draws would say if none of them were wrong."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_SHIFT = 8
"""From here on three terms of Stirling's series leave an error below 1e-9."""


@dataclass(frozen=True, slots=True)
class CleanDraws:
    """So many draws, one after the other and right, from what is unserved now."""

    draws: int
    unserved: int
    found: int

    def log_likelihood(self, wrong: Floats) -> Floats:
        """Chance of them, by how many labels are wrong in all; minus infinity if there is none.

        Of C(unserved, draws) ways to draw, C(unserved - left, draws) avoid what is left.
        """
        left = wrong - self.found
        spare = self.unserved - left - self.draws
        possible = (left >= 0) & (spare >= 0)
        spare = np.where(possible, spare, 0.0)
        ways = log_factorial(spare + self.draws) - log_factorial(spare)
        every = math.lgamma(self.unserved + 1) - math.lgamma(self.unserved - self.draws + 1)
        return np.where(possible, ways - every, -np.inf)


def log_factorial(counts: Floats) -> Floats:
    """Logarithms of n!, by Stirling's series; n is at least 0."""
    at = counts + _SHIFT
    series = (at - 0.5) * np.log(at) - at + 0.5 * math.log(2.0 * math.pi)
    series += (1.0 - (1.0 - 2.0 / (7.0 * at**2)) / (30.0 * at**2)) / (12.0 * at)
    shifts = np.multiply.reduce(counts + np.arange(1.0, _SHIFT)[:, None], axis=0)
    return np.asarray(series - np.log(shifts), dtype=np.float64)
