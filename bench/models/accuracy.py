"""Is the accuracy of one model on right labels inside its bounds, at one look."""

from __future__ import annotations

from statistics import fmean

import numpy as np

from app.noise.models.accuracy import Corrections, accuracy
from bench.ranking.tables import aligned

AUDITS, EXAMPLES, GIVEN_RIGHT = 1_000, 10_000, 9_000
LEAST_INSIDE = 0.93
NONE = Corrections(0, 0, 0)
LEFT = ((30, 60), (5, 20), (100, 250), (20, 300), (0, 10))
"""What right labels would gain and lose one model in what the queue left."""

READS = ((2_000, 100), (2_000, 400), (2_000, 2_000), (0, 400))
"""Reads of the queue, and random draws from the rest."""


def inside(left: tuple[int, int], reads: tuple[int, int], audits: int) -> tuple[float, float]:
    """How often the truth was inside, and how wide the bounds were."""
    gained, lost = left
    queue = Corrections(100, 200, reads[0]) if reads[0] else NONE
    rest = EXAMPLES - queue.reviewed
    truth = (GIVEN_RIGHT + queue.net + gained - lost) / EXAMPLES
    rng = np.random.default_rng((*left, *reads))
    kinds = [gained, lost, rest - gained - lost]
    drawn = rng.multivariate_hypergeometric(kinds, reads[1], size=audits)
    found = [
        accuracy(GIVEN_RIGHT, EXAMPLES, queue, Corrections(int(up), int(down), reads[1]))
        for up, down, _ in drawn
    ]
    return (
        fmean(one.low <= truth <= one.high for one in found),
        fmean(one.high - one.low for one in found),
    )


def main(runs: int | None) -> None:
    lines, worst = [["gained and lost in the rest", "queue", "draws", "inside", "width"]], 1.0
    for left in LEFT:
        for reads in READS:
            share, width = inside(left, reads, runs or AUDITS)
            worst = min(worst, share)
            counts = [f"{left[0]} and {left[1]}", *(f"{each:,}" for each in reads)]
            lines.append([*counts, f"{share:.1%}", f"{100 * width:.1f}"])
    print(aligned(lines))
    print(f"worst {worst:.1%} (at least {LEAST_INSIDE:.0%})\n", flush=True)
