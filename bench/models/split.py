"""Does the interval of a split's audit hold at every look, with other reads going on beside it."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median

import numpy as np

from app.noise.left import wrong_left
from app.noise.serves import Outcome, Serves
from bench.ranking.tables import aligned

WORLDS = 200
SETTINGS = (
    *((500, share, 60) for share in (0.01, 0.03, 0.10)),
    *((5_000, share, 60) for share in (0.01, 0.03, 0.10)),
    (5_000, 0.03, 0),
)
"""Labels of the split, the share that is wrong, and how many of the split the queue hands out
beside each batch of draws."""

BATCH, LAST_READS, DIFFER_EACH, LOOK_EVERY = 50, 300, 10, 5
MOST_MISSES = 0.05


@dataclass(frozen=True)
class Split:
    """What is wrong, what the queue likes (it learns of what is found), where models differ."""

    wrong: np.ndarray
    score: np.ndarray
    differ: np.ndarray


def split(size: int, share: float, rng: np.random.Generator) -> Split:
    """Wrong labels come in ten groups of which some hold most; scores know a part of them."""
    group = rng.integers(0, 10, size)
    odds = rng.dirichlet(np.full(10, 0.3))[group]
    wrong = rng.random(size) < np.minimum(1.0, share * odds / odds.mean())
    score = rng.normal(size=size) + 1.8 * wrong
    return Split(wrong, score, rng.random(size) < np.where(wrong, 0.5, 0.08))


@dataclass(frozen=True)
class Watched:
    """Whether the bounds ever missed, and how wide they were at last, as a share of the split."""

    missed: bool
    width: float


def watched(world: Split, queue: int, rng: np.random.Generator) -> Watched:
    """Batches are drawn, and answered late: the queue takes its own, and of the drawn, meanwhile.

    Its taste follows what was found: groups of scores near a wrong one come next.
    """
    size = len(world.wrong)
    order, taken = rng.permutation(size), np.zeros(size, dtype=np.bool_)
    known = np.zeros(size, dtype=np.bool_)
    sequence: list[int] = []
    drawn: list[bool] = []
    taste, reads, missed, width = world.score.copy(), 0, False, 1.0
    while reads < LAST_READS and not taken.all():
        batch = [int(one) for one in order if not taken[one]][:BATCH]
        for one in batch:
            taken[one] = True
            sequence.append(one)
            drawn.append(True)
        best = np.argsort(-np.where(known, -np.inf, taste))[:queue]
        apart = rng.permutation(np.flatnonzero(world.differ & ~known))[:DIFFER_EACH]
        others = [int(one) for one in np.unique(np.concatenate([best, apart]))]
        rng.shuffle(others)
        steps = list(dict.fromkeys([*batch, *others]))
        rng.shuffle(steps)
        for nth, one in enumerate(steps):
            if not taken[one]:
                taken[one] = True
                sequence.append(one)
                drawn.append(False)
            known[one] = True
            if world.wrong[one]:
                taste += 0.3 * np.exp(-np.abs(world.score - world.score[one]))
            if nth % LOOK_EVERY == 0 or nth == len(steps) - 1:
                low, high = _bounds(size, world, (sequence, drawn), known)
                left = int(world.wrong[~known].sum())
                missed |= not low <= left <= high
                width = (high - low) / size
        reads += len(batch)
    return Watched(missed, width)


def _bounds(
    size: int, world: Split, left_pool: tuple[list[int], list[bool]], known: np.ndarray
) -> tuple[int, int]:
    places, drawn = np.array(left_pool[0]), np.array(left_pool[1], dtype=np.bool_)
    outcome = np.where(known[places], world.wrong[places], int(Outcome.OPEN)).astype(np.int8)
    found = wrong_left(Serves(size, drawn, outcome))
    return (size, -1) if found.low is None or found.high is None else (found.low, found.high)


def main(runs: int | None = None) -> None:
    worlds, worst = runs or WORLDS, 0.0
    rows = [("labels", "wrong", "queue between", "ever missed", "median width at last")]
    for size, share, queue in SETTINGS:
        found = [
            watched(split(size, share, rng), queue, rng)
            for rng in map(np.random.default_rng, range(worlds))
        ]
        misses = sum(one.missed for one in found) / worlds
        worst = max(worst, misses)
        width = median(one.width for one in found)
        rows.append((f"{size:,}", f"{share:.0%}", str(queue), f"{misses:.1%}", f"{width:.1%}"))
    print(aligned(rows))
    print(f"worst {worst:.1%} of {worlds} worlds, at most {MOST_MISSES:.0%} wanted")
