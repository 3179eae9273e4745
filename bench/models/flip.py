"""Is the share of wrong labels at which two models change places inside its interval."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from statistics import fmean, median

import numpy as np

from app.noise.models.flip import Flip, FlipPoint, Pair, flip_point
from bench.ranking.tables import aligned

TEST_SETS, EXAMPLES, RESAMPLES = 400, 10_000, 1_000
LEAST_COVERED = 0.93
WRONG = (300, 600, 1_200)


@dataclass(frozen=True)
class Truth:
    """Chances that only the first, only the second predicts the right label; by kind of label."""

    clean: tuple[float, float]
    mislabeled: tuple[float, float]

    @property
    def flip(self) -> float:
        ahead, behind = (second - first for first, second in (self.clean, self.mislabeled))
        crosses = ahead * behind < 0.0
        return ahead / (ahead - behind) if crosses else 1.0


TRUTHS = (
    Truth((0.040, 0.050), (0.150, 0.051)),
    Truth((0.036, 0.052), (0.145, 0.060)),
    Truth((0.030, 0.055), (0.120, 0.070)),
    Truth((0.036, 0.052), (0.105, 0.105)),
    Truth((0.036, 0.052), (0.080, 0.110)),
)


def found(truth: Truth, wrong: int, seed: int) -> FlipPoint:
    rng = np.random.default_rng((seed, wrong, round(1e6 * truth.flip)))
    sizes = (EXAMPLES - wrong, wrong)
    clean, mislabeled = (
        _drawn(chances, size, rng)
        for chances, size in zip((truth.clean, truth.mislabeled), sizes, strict=True)
    )
    return flip_point(clean, mislabeled, rng=rng, resamples=RESAMPLES)


def _drawn(chances: tuple[float, float], size: int, rng: np.random.Generator) -> Pair:
    first, second, rest = rng.multinomial(size, (*chances, 1.0 - sum(chances)))
    return Pair(int(first), int(second), int(rest), 0)


def covered(one: FlipPoint, truth: float) -> bool:
    if one.low is None or one.high is None:
        return one.flip is Flip.NEVER and truth == 1.0
    return one.low <= truth <= one.high


def lines(test_sets: int) -> Iterator[tuple[list[str], float]]:
    for truth in TRUTHS:
        for wrong in WRONG:
            sets = [found(truth, wrong, seed) for seed in range(test_sets)]
            share = fmean(covered(one, truth.flip) for one in sets)
            widths = [one.high - one.low for one in sets if one.low is not None and one.high]
            told = [f"{fmean(one.flip is flip for one in sets):.0%}" for flip in _TOLD]
            where = "never" if truth.flip == 1.0 else f"{truth.flip:.1%}"
            width = f"{median(widths):.1%}" if widths else ""
            yield [where, f"{wrong:,}", f"{share:.1%}", width, *told], share


_TOLD = (Flip.AT, Flip.POSSIBLE, Flip.NEVER)


def main(runs: int | None) -> None:
    told = [f"told: {flip}" for flip in _TOLD]
    rows = list(lines(runs or TEST_SETS))
    titles = ["flips at", "confirmed wrong", "covered", "width", *told]
    print(aligned([titles, *(row for row, _ in rows)]))
    shares = [share for _, share in rows]
    print(f"covered: mean {fmean(shares):.1%}, worst {min(shares):.1%}", end=" ")
    print(f"(at least {LEAST_COVERED:.0%})\n", flush=True)
