"""Is the right remedy picked: ``python -m bench.models recovery``.

BANKING77 with three kinds of noise. For each seed 2,500 examples are the dataset, 400 of them
checked at random and 300 more from the front of the queue; 3,000 others with their right labels
tell which remedy is really best. Not part of the test suite.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from statistics import fmean

import numpy as np
from numpy.typing import NDArray

from app.learning.threads import one_thread
from app.noise.joint import joint, transition_matrix
from app.training.material import Material, standardized
from app.training.race import Entry, Favored, Terms, race
from app.training.remedies.registry import REMEDIES
from app.training.scores import Judge, plain_costs, recommended
from bench.ranking.cases import arrays, data_folder
from bench.ranking.tables import aligned

KINDS = ("random", "class", "instance")
EXAMPLES, ELSEWHERE = 2_500, 3_000
CHECKED, QUEUE = 400, 300
SEEDS, THREADS = 20, 2
LARGE_EXAMPLES = 13_000
MOST_REGRET, MOST_MINUTES, MOST_GIB = 0.005, 5, 2

Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Known:
    """BANKING77 with one kind of noise; ``probs`` out-of-sample."""

    vectors: NDArray[np.float32]
    given: Integers
    right: Integers
    probs: NDArray[np.float64]


@dataclass(frozen=True)
class Trial:
    """What was picked, and how good each remedy really is."""

    pick: str
    regret: float
    truth: dict[str, float]


def known(kind: str) -> Known:
    vectors = standardized(arrays("banking77/minilm_embeddings.npz")["emb"].astype(np.float32))
    stored = arrays(f"banking77/pred_probs_{kind}.npz")
    given, right = (stored[name].astype(np.int64) for name in ("given", "true"))
    probs = np.maximum(stored["minilm_lr"].astype(np.float64), 1e-9)
    return Known(vectors, given, right, probs / probs.sum(axis=1, keepdims=True))


def material(of: Known, rows: Integers, rng: np.random.Generator) -> Material:
    """These rows as a project in which 400 were drawn and 300 served from the queue."""
    given, right, probs = of.given[rows], of.right[rows], of.probs[rows]
    n_classes = probs.shape[1]
    quality = probs[np.arange(len(rows)), given]
    checked = np.sort(rng.choice(len(rows), CHECKED, replace=False))
    front = np.argsort(quality, kind="stable")
    reviewed = np.zeros(len(rows), dtype=np.bool_)
    reviewed[checked] = True
    reviewed[front[~reviewed[front]][:QUEUE]] = True
    favored = probs.argmax(axis=1)
    left = ~reviewed
    believed = _table(given[left], favored[left], n_classes)
    found = _table(given[checked], right[checked], n_classes)
    return Material(
        vectors=of.vectors[rows],
        before=given,
        after=np.where(reviewed, right, given),
        checked=checked,
        right=right[checked],
        reviewed=reviewed,
        quality=quality,
        difficulty=-(probs * np.log(probs)).sum(axis=1),
        consistent=favored == given,
        transition=transition_matrix(joint(believed, found, believed.sum(axis=1))),
    )


def _table(rows: Integers, columns: Integers, n: int) -> Integers:
    return np.bincount(rows * n + columns, minlength=n * n).reshape(n, n)


def spread(function: Callable[[int], Favored], over: Iterable[int]) -> Iterator[Favored]:
    with ThreadPoolExecutor(THREADS) as threads:
        yield from threads.map(function, over)


@one_thread
def trial(of: Known, seed: int) -> Trial:
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(of.given))
    elsewhere = order[-ELSEWHERE:]
    data = material(of, np.sort(order[:EXAMPLES]), rng)
    remedies = [one for one in REMEDIES.values() if not one.control]
    terms = Terms(seed=seed, spread=spread, elsewhere=of.vectors[elsewhere])
    entries = race(data, remedies, terms)
    judge = Judge.of(data.right, plain_costs(data.n_classes), rng)
    pick = recommended(entries, judge)
    truth = {
        one.remedy.name: float((one.elsewhere == of.right[elsewhere]).mean())
        for one in main_heads(entries)
    }
    return Trial(pick.remedy.name, max(truth.values()) - truth[pick.remedy.name], truth)


def main_heads(entries: Sequence[Entry]) -> list[Entry]:
    return [one for one in entries if one.width == one.remedy.widths[0]]


def picks_table(kind: str, found: Sequence[Trial]) -> str:
    names = list(found[0].truth)
    really = {name: fmean(one.truth[name] for one in found) for name in names}
    lines = [["remedy", "really right", "picked"]]
    lines += [
        [name, f"{really[name]:.1%}", str(sum(one.pick == name for one in found))]
        for name in sorted(names, key=lambda name: -really[name])
    ]
    regret = fmean(one.regret for one in found)
    as_it_is = sum(one.pick == "as_it_is" for one in found)
    said = f"{kind}: regret {100 * regret:.2f} points (at most {100 * MOST_REGRET:.1f})"
    worst = max(one.regret for one in found)
    said += f", worst {100 * worst:.1f}; as it is picked {as_it_is} of {len(found)} times"
    return f"{said}\n{aligned(lines)}"


@one_thread
def large(of: Known) -> str:
    """All remedies at 13,000 examples: the set, and some of it again with small changes."""
    rng = np.random.default_rng(0)
    rows = np.concatenate([np.arange(len(of.given)), rng.permutation(len(of.given))])
    rows = rows[:LARGE_EXAMPLES]
    data = material(of, rows, rng)
    noise = rng.normal(scale=0.1, size=data.vectors.shape).astype(np.float32)
    data.vectors[:] += noise
    began, used = time.monotonic(), time.process_time()
    race(data, list(REMEDIES.values()), Terms(spread=spread))
    wall, cpu = time.monotonic() - began, time.process_time() - used
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    return (
        f"all remedies on {len(data):,} × {data.vectors.shape[1]}, {data.n_classes} labels: "
        f"{wall / 60:.1f} min on a shared machine, {cpu / 60:.1f} CPU min "
        f"({cpu / 60 / THREADS:.1f} min on {THREADS} cores; at most {MOST_MINUTES}), "
        f"{peak:.2f} GiB (at most {MOST_GIB})"
    )


def main(runs: int | None = None) -> None:
    if not (data_folder() / "banking77").is_dir():
        print("skipped: no data")
        return
    print(large(known("class")), flush=True)
    for kind in KINDS:
        of, found = known(kind), []
        for seed in range(runs or SEEDS):
            found.append(trial(of, seed))
            print(kind, seed, found[-1].pick, f"{found[-1].regret:.3f}", file=sys.stderr)
        print(picks_table(kind, found), end="\n\n", flush=True)
