"""Large arrays and many texts: `python -m bench.scale --score [--texts [N]] [--json FILE]`.

Not part of the test suite. Prints a table with the floor and the aim of each figure, then JSON.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import resource
import statistics
import time
import tracemalloc
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from numpy.typing import NDArray

from app.arrays import Labels
from app.learning.threads import one_thread
from app.scoring.quality import difficulty, label_quality
from app.scoring.vpv import vpv

AIMS = {(50_000, 1000): 0.15, (1_000_000, 10): 0.2, (1_000_000, 100): 0.3}
"""Examples and classes, and the seconds `vpv` should take on two cores."""

SLOWEST_SECONDS = 1.0
MOST_EXTRA_MIB = 64
RATIO_FLOOR, RATIO_AIM = 15, 40
TEXT_FLOORS = {"seconds": 600, "peak_mib": 4096}
ROUNDS = 5
SEED = 0
NOISE = 0.1
_ROOM = 5
"""Bytes needed to judge a byte of probabilities: cleanlab makes float64 copies."""

Row = dict[str, Any]


def draw(n_examples: int, n_classes: int) -> tuple[Labels, NDArray[np.float32]]:
    """Labels of which a tenth is wrong, and probabilities that mostly know better."""
    rng = np.random.default_rng(SEED)
    true = rng.integers(0, n_classes, n_examples)
    probs = rng.standard_exponential((n_examples, n_classes), dtype=np.float32)
    probs[np.arange(n_examples), true] += n_classes
    probs /= probs.sum(axis=1, keepdims=True)
    return _mislabelled(true, n_classes, rng), probs


def _mislabelled(true: Labels, n_classes: int, rng: np.random.Generator) -> Labels:
    given = true.copy()
    wrong = rng.random(len(true)) < NOISE
    given[wrong] = (true[wrong] + rng.integers(1, n_classes, int(wrong.sum()))) % n_classes
    return given


def seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def extra_mib(work: Callable[[], object]) -> float:
    """The most that was allocated at a time, the result included."""
    tracemalloc.start()
    work()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak / 2**20


@one_thread
def judge(n_examples: int, n_classes: int) -> Row:
    """Times of one shape; one and two threads take turns, so that both meet the same load.

    Numerical libraries are held to one thread, for cleanlab and for us.
    """
    from cleanlab.filter import find_label_issues

    given, probs = draw(n_examples, n_classes)
    read = statistics.median(seconds(probs.max) for _ in range(ROUNDS))
    times: dict[int, list[float]] = {1: [], 2: []}
    for _ in range(ROUNDS):
        for threads, taken in times.items():
            taken.append(seconds(partial(vpv, given, probs, threads=threads)))
    one, two = (statistics.median(taken) for taken in times.values())
    extra = extra_mib(partial(vpv, given, probs))
    theirs = seconds(partial(find_label_issues, given, probs, n_jobs=1))
    return {
        "case": shape_name(n_examples, n_classes),
        "read_once": round(read, 3),
        "one_thread": round(one, 3),
        "two_threads": round(two, 3),
        "extra_mib": round(extra, 1),
        "cleanlab": round(theirs, 2),
        "ratio_one_thread": round(theirs / one, 1),
        "ratio_two_threads": round(theirs / two, 1),
        "seconds_floor": SLOWEST_SECONDS,
        "seconds_aim": AIMS[n_examples, n_classes],
        "extra_mib_floor": MOST_EXTRA_MIB,
        "ratio_floor": RATIO_FLOOR,
        "ratio_aim": RATIO_AIM,
    }


def shape_name(n_examples: int, n_classes: int) -> str:
    rows = f"{n_examples // 10**6}M" if n_examples >= 10**6 else f"{n_examples // 1000}k"
    return f"{rows} x {n_classes}"


def score_rows() -> list[Row]:
    """One row a shape, printed as it is measured."""
    print(
        f"{'case':>12} {'read once':>10} {'1 thread':>9} {'2 threads':>10} {'floor/aim':>10} "
        f"{'extra MiB':>10} {'floor':>6} {'cleanlab':>9} "
        f"{'ratio 1 thread':>15} {'2 threads':>10} {'floor/aim':>10}"
    )
    rows = []
    for shape in AIMS:
        needed = shape[0] * shape[1] * np.dtype(np.float32).itemsize * _ROOM
        if psutil.virtual_memory().available < needed:
            print(f"{shape_name(*shape):>12} skipped: needs {needed / 2**30:.1f} GiB of memory")
            continue
        row = judge(*shape)
        rows.append(row)
        limits = f"{row['seconds_floor']:g}/{row['seconds_aim']:g}"
        print(
            f"{row['case']:>12} {row['read_once']:>8.3f} s {row['one_thread']:>7.3f} s "
            f"{row['two_threads']:>8.3f} s {limits:>10} {row['extra_mib']:>10.1f} "
            f"{MOST_EXTRA_MIB:>6} {row['cleanlab']:>7.2f} s {row['ratio_one_thread']:>14.1f}x "
            f"{row['ratio_two_threads']:>9.1f}x {f'{RATIO_FLOOR}/{RATIO_AIM}':>10}",
            flush=True,
        )
    return rows


def write_texts(count: int, *, n_classes: int = 20) -> tuple[list[str], Labels]:
    """Made-up texts of 8 to 30 words: a third of them words of the class, the rest everybody's."""
    rng = np.random.default_rng(SEED)
    letters = np.array(list("abcdefghijklmnopqrstuvwxyz"))
    vocabulary = np.array(
        ["".join(rng.choice(letters, length)) for length in rng.integers(3, 10, 20_000)]
    )
    own = rng.integers(0, len(vocabulary), (n_classes, 200))
    true = rng.integers(0, n_classes, count)
    texts = []
    for label in true:
        length = int(rng.integers(8, 31))
        common = (len(vocabulary) * rng.random(length) ** 3).astype(np.int64)  # few words often
        of_class = own[label, rng.integers(0, own.shape[1], length)]
        texts.append(" ".join(vocabulary[np.where(rng.random(length) < 1 / 3, of_class, common)]))
    return texts, true


def read_texts(count: int) -> Row:
    """Features, out-of-sample predictions and scores of many texts, in this process alone."""
    from app.learning.predict import out_of_sample
    from app.learning.text import text_features

    texts, true = write_texts(count)
    n_classes = int(true.max()) + 1
    given = _mislabelled(true, n_classes, np.random.default_rng(SEED + 1))
    begun = time.perf_counter()
    features = text_features(texts, seed=SEED)
    featured = time.perf_counter()
    probs = out_of_sample(features, given, n_classes=n_classes, seed=SEED).pred_probs
    predicted = time.perf_counter()
    priority = vpv(given, probs)
    label_quality(given, probs)
    difficulty(probs)
    ended = time.perf_counter()
    wrong = given != true
    first = np.argsort(-priority, kind="stable")[: int(wrong.sum())]
    return {
        "case": f"{count // 1000}k texts end to end",
        "features": round(featured - begun, 1),
        "out_of_sample": round(predicted - featured, 1),
        "scores": round(ended - predicted, 2),
        "seconds": round(ended - begun, 1),
        "seconds_floor": TEXT_FLOORS["seconds"],
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "peak_mib_floor": TEXT_FLOORS["peak_mib"],
        "planted_found": round(float(wrong[first].mean()), 3),
    }


def text_row(count: int) -> Row:
    """Measured in a process of its own: its peak is of the texts alone."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        row = pool.submit(read_texts, count).result()
    print(
        f"{row['case']}: features {row['features']} s, out of sample {row['out_of_sample']} s, "
        f"scores {row['scores']} s; in all {row['seconds']} s (floor {row['seconds_floor']} s), "
        f"peak {row['peak_mib']:,} MiB (floor {row['peak_mib_floor']:,} MiB); "
        f"{row['planted_found']:.1%} of as many first rows as planted errors are wrong",
        flush=True,
    )
    return row


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--score", action="store_true", help="score large arrays")
    parser.add_argument("--texts", type=int, nargs="?", const=100_000, help="rank so many texts")
    parser.add_argument("--json", type=Path, help="file to write the figures to")
    asked = parser.parse_args()
    if not asked.score and not asked.texts:
        parser.error("choose --score, --texts or both")
    found: list[Row] = score_rows() if asked.score else []
    if asked.texts:
        found.append(text_row(asked.texts))
    print(json.dumps(found))
    if asked.json:
        asked.json.write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
