"""Do the bounds of a difference hold at every look, and how many reads tell the order."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import fmean, median

import numpy as np

from app.noise.models.ahead import difference, reads_needed
from app.noise.models.mean_without_replacement import first_ruled_out, mean_bounds
from bench.models.pairs import Ints, TwoModels, known_pairs, made_up
from bench.ranking.cases import data_folder
from bench.ranking.tables import aligned

AUDITS, ORDERS = 200, 40
WRONG = (0.03, 0.06, 0.10)
LOOKS = (100, 200, 400)
SAME_WIDTH = 10
"""Orders in which the reads of all for an interval of the same width are counted too."""

MOST_MISSES, MOST_OF_ALL = 0.05, 0.5


@dataclass(frozen=True)
class Audit:
    """One order of reading: did the bounds ever miss, when was the order told, and was it right.

    ``told`` is None when only all of D tells it; ``of_all`` likewise for draws from all examples.
    """

    missed: bool
    told: int | None
    wrongly: bool
    of_all: int | None
    widths: tuple[float, ...]
    promised: int | None


def audit(pair: TwoModels, order: Ints) -> Audit:
    """``order`` is of all examples: those that differ are read in it, or all of them are."""
    order_of_d = order[np.isin(order, pair.differ, assume_unique=True)]
    changes, part = pair.changes(order_of_d), int(pair.given[pair.differ].sum())
    size = len(order_of_d)
    ruled_out = first_ruled_out(_scaled(changes), size, _scaled(changes).mean())
    told = _told(changes, size, part)
    looks = [difference(part, size, pair.n, changes[:reads]) for reads in LOOKS if reads < size]
    wrongly = False
    if told is not None:
        found = difference(part, size, pair.n, changes[:told])
        wrongly = (found.estimate or 0.0) * pair.truth <= 0.0
    promised = None
    if looks and told is not None and told > LOOKS[0]:
        more = reads_needed(looks[0])
        promised = None if more is None else LOOKS[0] + more
    return Audit(
        missed=ruled_out is not None and ruled_out < size,
        told=told,
        wrongly=wrongly,
        of_all=_told(pair.changes(order), pair.n, part),
        widths=tuple(one.high - one.low for one in looks),
        promised=promised,
    )


def _scaled(changes: Ints) -> np.ndarray:
    return (changes + 2) / 4.0


def _told(changes: Ints, size: int, part: int) -> int | None:
    """After how many reads 0 was outside; None if the last read alone tells."""
    if abs(part) > 2 * size:
        return 1
    told = first_ruled_out(_scaled(changes), size, (2.0 - part / size) / 4.0)
    return None if told is None or told >= size else told


def reads_of_all_for(pair: TwoModels, order: Ints, width: float) -> int:
    """Draws from all examples until the interval is as narrow."""
    values = _scaled(pair.changes(order))
    low, high = 1, len(values)
    while low < high:
        middle = (low + high) // 2
        bounds = mean_bounds(values[:middle], len(values))
        if 4.0 * (bounds.high - bounds.low) <= width:
            high = middle
        else:
            low = middle + 1
    return low


def points(share: float) -> str:
    return f"{100 * share:+.2f}"


def middle(numbers: list[int]) -> str:
    return f"{median(numbers):.0f}"


def line(pair: TwoModels, size: float, audits: list[Audit]) -> list[str]:
    told = [one.told for one in audits if one.told is not None]
    ratio = [one.promised / one.told for one in audits if one.promised and one.told]
    widths = [
        [one.widths[at] for one in audits if len(one.widths) > at] for at in range(len(LOOKS))
    ]
    return [
        f"{size:.0f}",
        points(pair.by_given),
        points(pair.truth),
        f"{fmean(one.missed for one in audits):.1%}",
        f"{fmean(one.wrongly for one in audits):.1%}",
        f"{len(told) / len(audits):.0%}",
        middle([one.told or round(size) for one in audits]),
        middle([one.of_all or pair.n for one in audits]),
        *(f"{100 * fmean(of):.2f}" if of else "" for of in widths),
        f"{median(ratio):.1f}" if ratio else "",
    ]


TITLES = ["differ", "ahead, given", "ahead, right", "ever missed", "told wrong", "told early"]
TITLES += ["reads", "reads of all", *(f"width at {reads}" for reads in LOOKS), "promised / reads"]


def simulated(audits: int) -> None:
    lines, misses = [["made up, 10,000 examples", *TITLES]], []
    for wrong in WRONG:
        for flips in (False, True):
            pairs = [made_up(wrong, flips=flips, seed=seed) for seed in range(audits)]
            orders = (np.random.default_rng(seed).permutation(10_000) for seed in range(audits))
            found = [audit(*both) for both in zip(pairs, orders, strict=True)]
            size = fmean(len(pair.differ) for pair in pairs)
            turned = fmean(pair.by_given * pair.truth < 0 for pair in pairs)
            lines.append([f"{pairs[0].name} ({turned:.0%} turned)", *line(pairs[0], size, found)])
            misses.append(fmean(one.missed for one in found))
    print(aligned(lines))
    print(f"worst setting missed {max(misses):.1%} (at most {MOST_MISSES:.0%})\n", flush=True)


def known(orders: int) -> None:
    lines, shares, wrongly = [["CIFAR-10N, 50,000 examples", *TITLES]], {}, 0
    for noise, pairs in known_pairs():
        for at, pair in enumerate(pairs):
            seeded = [np.random.default_rng(seed).permutation(pair.n) for seed in range(orders)]
            found = [audit(pair, order) for order in seeded]
            lines.append([pair.name, *line(pair, len(pair.differ), found)])
            wrongly += sum(one.wrongly for one in found)
            if at == 0:
                shares[noise] = _share_of_all(pair, seeded[:SAME_WIDTH], found)
    print(aligned(lines))
    for noise, share in shares.items():
        print(f"{noise}, top two: {share:.0%} of the reads of all for the same interval", end="")
        print(f" (less than {MOST_OF_ALL:.0%})")
    print(f"order told wrong in {wrongly} of all these runs\n", flush=True)


def _share_of_all(pair: TwoModels, orders: list[Ints], found: list[Audit]) -> float:
    shares, part = [], int(pair.given[pair.differ].sum())
    for order, one in zip(orders, found, strict=False):
        of_d = order[np.isin(order, pair.differ, assume_unique=True)]
        reads = one.told or len(of_d) - 1
        bounds = difference(part, len(of_d), pair.n, pair.changes(of_d[:reads]))
        shares.append(reads / reads_of_all_for(pair, order, bounds.high - bounds.low))
    return fmean(shares)


def main(runs: int | None) -> None:
    simulated(runs or AUDITS)
    if data_folder().is_dir():
        known(runs or ORDERS)
    else:
        print("CIFAR-10N skipped: no data")
