"""Is the kind of noise named right, is a planted slice found: ``python -m bench.noise``.

Not part of the test suite. Prints tables; every world is seeded.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Mapping, Sequence
from statistics import fmean

from app.noise.kinds import Kind
from bench.noise.drifts import OFTENER, drift_table
from bench.noise.known_sets import Known, evaluate
from bench.noise.trials import Trial, trial
from bench.noise.worlds import HARDER, PLANTS, Plant
from bench.ranking.cases import data_folder
from bench.ranking.tables import aligned

RUNS, QUICK_RUNS = 200, 20
ANSWERS = (500, 1_000)
WITH_THE_PROBE = 420
"""Answers before a probe of about 80."""

CONFIRMED_BARS = {500: (0.70, 0.90), 1_000: (0.88, 0.98)}
MOST_FALSE = 0.02
NAMED_MEAN, NAMED_LEAST = 0.85, 0.70

Cases = Mapping[tuple[str, int], Sequence[Trial]]


def run(plants: Mapping[str, Plant], sizes: Sequence[int], runs: int) -> Cases:
    return {
        (plant.name, n): [trial(plant, n, seed=seed) for seed in range(runs)]
        for n in sizes
        for plant in plants.values()
    }


def share(of: Sequence[bool]) -> float:
    return fmean(map(float, of))


def slices_table(cases: Cases) -> str:
    """How often a planted slice was confirmed, and how often anything else was."""
    titles = ["planted", "answers", "confirmed", "floor", "aim", "among the probed"]
    titles += ["max-T p <= .05", "false slices", "at most", "probe answers", "power said at 2 %"]
    lines = [titles]
    for (name, n), found in cases.items():
        floor, aim = CONFIRMED_BARS.get(n, (None, None))
        planted = PLANTS.get(name, HARDER.get(name))
        bars = planted is not None and planted.slice_in and name in PLANTS
        lines.append(
            [
                name,
                str(n),
                f"{share([one.confirmed for one in found]):.1%}",
                f"{floor:.0%}" if bars and floor else "",
                f"{aim:.0%}" if bars and aim else "",
                f"{share([one.in_probe for one in found]):.1%}",
                f"{share([one.slice_p <= 0.05 for one in found]):.1%}",
                f"{share([one.false_slices > 0 for one in found]):.1%}",
                f"{MOST_FALSE:.0%}",
                f"{fmean(one.probe_answers for one in found):.0f}",
                f"{fmean(one.power for one in found):.2f}",
            ]
        )
    return aligned(lines)


def kinds_table(cases: Cases) -> str:
    """What each planted kind was called."""
    lines = [["planted", "answers", "named right", *(f"called {kind}" for kind in Kind)]]
    for (name, n), found in cases.items():
        right = {**PLANTS, **HARDER}[name].kind
        called = [share([one.named is kind for one in found]) for kind in Kind]
        named = share([one.named is right for one in found])
        lines.append([name, str(n), f"{named:.1%}", *(f"{one:.1%}" for one in called)])
    return aligned(lines)


def mean_of_kinds(cases: Cases, n: int) -> str:
    """The three kinds weigh the same; that of slices is the mean of its worlds."""
    by_kind: dict[Kind, list[float]] = {}
    for plant in PLANTS.values():
        found = cases[plant.name, n]
        right = share([one.named is plant.kind for one in found])
        by_kind.setdefault(plant.kind, []).append(right)
    means = [fmean(values) for values in by_kind.values()]
    return (
        f"three kinds at {n} answers: mean {fmean(means):.1%} (at least {NAMED_MEAN:.0%}), "
        f"worst {min(means):.1%} (at least {NAMED_LEAST:.0%})"
    )


def known_table(found: Sequence[Known]) -> str:
    titles = ["set", "random checks", "first 3 among the true 5", "of the true 5 in our 5"]
    titles += ["true cells inside", "error of P(right | given)", "of the model alone"]
    lines = [titles]
    for one in found:
        numbers = (f"{one.first_three:.2f}", f"{one.of_five:.2f}", f"{one.inside:.1%}")
        misses = (f"{one.miss:.2%}", f"{one.miss_of_model:.2%}")
        lines.append([one.name, str(one.checks), *numbers, *misses])
    return aligned(lines)


def show(*parts: str) -> None:
    print(*parts, sep="\n", end="\n\n", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.noise")
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_RUNS} runs a world")
    parser.add_argument("--runs", type=int, help=f"runs a world, {RUNS} if not said")
    parser.add_argument("--drift", action="store_true", help="only whether drift is told")
    asked = parser.parse_args()
    runs = asked.runs or (QUICK_RUNS if asked.quick else RUNS)
    began = time.process_time()
    if asked.drift:
        show(
            f"Drift, {runs} sets a line, {OFTENER * runs} where nothing differs", drift_table(runs)
        )
        print(f"{time.process_time() - began:.0f} CPU seconds")
        return
    cases = run(PLANTS, ANSWERS, runs)
    show(f"Slices, {runs} runs a world", slices_table(cases))
    show("Kinds", kinds_table(cases), mean_of_kinds(cases, ANSWERS[0]))
    with_slice = {name: plant for name, plant in PLANTS.items() if plant.slice_in}
    within = run(with_slice, (WITH_THE_PROBE,), runs)
    show("About 500 answers in all, those of the probe included", slices_table(within))
    harder = run(HARDER, ANSWERS, runs)
    show("Harder worlds, nothing promised", slices_table(harder), kinds_table(harder))
    if data_folder().is_dir():
        show("Pairs of labels on known sets", known_table(list(evaluate())))
    else:
        print("known sets skipped: no data")
    print(f"{time.process_time() - began:.0f} CPU seconds")


if __name__ == "__main__":
    main()
