"""Whether a label that is shown pulls answers towards it."""

from __future__ import annotations

from dataclasses import dataclass

from app.noise.limits import FEWEST, newcombe


@dataclass(frozen=True, slots=True)
class Anchoring:
    """Share of blind reads that changed the label minus that of reads that saw it, in [-1, 1].

    Above 0: a label that is shown is kept more often. All None under 20 reads of either kind.
    """

    effect: float | None
    low: float | None
    high: float | None

    @property
    def limits(self) -> tuple[float, float, float] | None:
        """The effect and its limits, where they are told."""
        if self.effect is None or self.low is None or self.high is None:
            return None
        return self.effect, self.low, self.high


def anchoring(changed: tuple[int, int], reads: tuple[int, int]) -> Anchoring:
    """Compare reads by whether the coin made them blind.

    Parameters
    ----------
    changed, reads : tuple of int
        Of blind reads, and of reads that were shown the given label: those that changed it, and
        all of them. On examples that ended with another label this is the share of wrong labels
        caught.

    Returns
    -------
    Anchoring
        95 % limits by `newcombe`.

    Raises
    ------
    ValueError
        If there are more changes than reads, or fewer than none.
    """
    low, high = newcombe(changed, reads)
    if min(reads) < FEWEST:
        return Anchoring(None, None, None)
    return Anchoring(changed[0] / reads[0] - changed[1] / reads[1], low, high)
