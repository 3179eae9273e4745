"""How often sets that differ are told apart, and sets that do not are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from statistics import fmean

import numpy as np

from app.arrays import Embeddings
from app.learning.threads import one_thread
from app.noise.drift import two_sample
from bench.ranking.tables import aligned

DIMENSIONS, CLUSTERS = 64, 20
_PLACES = 7
"""Seed of where the clusters lie: the same in every set."""

OFTENER = 4
"""A false alarm is rare: it takes so many times as many sets to measure."""

LEVEL = 0.05
MOST_FALSE = 0.05


@dataclass(frozen=True)
class Change:
    """How the recent rows differ: how many more of five of the twenty clusters there are, how far
    the middle moved (in standard deviations inside a cluster), how much wider they lie."""

    name: str
    mix: float = 0.0
    shift: float = 0.0
    wider: float = 0.0


CHANGES = (
    Change("nothing"),
    Change("five of twenty subjects 20% more frequent", mix=0.01),
    Change("five of twenty subjects 60% more frequent", mix=0.03),
    Change("all moved by half a deviation", shift=0.5),
    Change("all moved by one deviation", shift=1.0),
    Change("all 3% wider", wider=0.03),
    Change("all 10% wider", wider=0.10),
)
SIZES = ((100, 900), (300, 2_700), (2_000, 18_000))


@dataclass(frozen=True)
class Row:
    """What came out of many sets of one kind."""

    sizes: tuple[int, int]
    change: Change
    called: float
    told_apart: float
    shows: float


def measured(runs: int) -> Iterator[Row]:
    for sizes in SIZES:
        for nth, change in enumerate(CHANGES):
            found = []
            for run in range(runs * (OFTENER if change is CHANGES[0] else 1)):
                rng = np.random.default_rng([run, sizes[0], nth])
                recent, others = _sets(change, sizes, rng)
                difference = one_thread(two_sample)(recent, others, rng=rng)
                assert difference is not None
                found.append(difference)
            yield Row(
                sizes,
                change,
                fmean(one.p <= LEVEL for one in found),
                fmean(one.told_apart for one in found),
                fmean(one.shows for one in found),
            )


def drift_table(runs: int) -> str:
    titles = ["rows", "planted", "called a difference", "at most", "told apart", "would have shown"]
    lines = [titles]
    for row in measured(runs):
        rows = f"{row.sizes[0]:,} and {row.sizes[1]:,}"
        bar = f"{MOST_FALSE:.0%}" if row.change.name == "nothing" else ""
        numbers = [f"{row.called:.1%}", bar, f"{row.told_apart:.1%}", f"{row.shows:.1%}"]
        lines.append([rows, row.change.name, *numbers])
    return aligned(lines)


def _sets(
    change: Change, sizes: tuple[int, int], rng: np.random.Generator
) -> tuple[Embeddings, Embeddings]:
    """Recent rows, and the others."""
    middles = np.random.default_rng(_PLACES).normal(size=(CLUSTERS, DIMENSIONS))
    even = np.full(CLUSTERS, 1 / CLUSTERS)
    uneven = even - change.mix * 5 / (CLUSTERS - 5)
    uneven[:5] = even[:5] + change.mix
    recent = _rows(middles, uneven, sizes[0], rng) * (1 + change.wider)
    recent = recent + change.shift / DIMENSIONS**0.5
    return recent.astype(np.float32), _rows(middles, even, sizes[1], rng).astype(np.float32)


def _rows(
    middles: np.ndarray, shares: np.ndarray, count: int, rng: np.random.Generator
) -> np.ndarray:
    of = rng.choice(CLUSTERS, count, p=shares)
    found: np.ndarray = middles[of] + rng.normal(size=(count, DIMENSIONS))
    return found
