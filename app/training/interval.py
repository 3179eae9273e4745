"""A number with the interval around it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Interval:
    """A number and where it lies in 95 of 100 cases."""

    value: float
    low: float
    high: float

    @property
    def above(self) -> bool:
        """Surely more than nothing."""
        return self.low > 0

    @property
    def below(self) -> bool:
        return self.high < 0
