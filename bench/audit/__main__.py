"""Whether the estimate of what is left holds, and what a certificate costs: ``bench.audit``.

``python -m bench.audit`` makes up projects (`bench/audit/world.py` says how, and what of the
product's serving it restates), reviews them under the product's policy (a random draw in one serve
of ten, in nine of ten once `random_first` says so, decided every 50 serves) and prints tables:

A  how often the interval of the product's own estimator missed the truth at any draw;
B  answers until "you can stop" at the target, how often that was false, and how often random
   checks raised the alarm for errors that the ranking does not see.

Not part of the test suite. Every project has its seed; two runs print the same.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from functools import partial
from multiprocessing import get_context
from statistics import median, quantiles

from app.noise.stopping import allowed
from bench.audit.review import Course, Plan, run
from bench.audit.world import Setting

EXAMPLES, WATCHED_ANSWERS, TARGET = 10_000, 3_000, 0.01
PROJECTS, QUICK_PROJECTS = 200, 20
NOISE, AUROC, LATE = (0.003, 0.01, 0.03, 0.10), (0.7, 0.9, 0.98), (0.0, 0.04)
MOST_MISSES, MOST_MISSES_IN_ONE, MOST_FALSE = 5.0, 7.5, 5.0  # per cent
MOST_ANSWERS, AIM = 4_000, 3_000
HEADLINE = Setting(EXAMPLES, 0.03, 0.9)
STOPS = (
    (HEADLINE, TARGET),
    (Setting(EXAMPLES, 0.03, 0.9, aside=0.04), TARGET),
    (Setting(EXAMPLES, 0.03, 0.98), TARGET),
    (Setting(EXAMPLES, 0.03, 0.7), TARGET),
    (Setting(EXAMPLES, 0.01, 0.9), 0.005),
    (Setting(EXAMPLES, 0.10, 0.9), TARGET),
    (Setting(EXAMPLES, 0.10, 0.98), TARGET),
    (Setting(EXAMPLES, 0.03, 0.9, blind=0.3), TARGET),
    (Setting(EXAMPLES, 0.10, 0.98, blind=0.3), TARGET),
)


def watched() -> Iterator[Plan]:
    for late in LATE:
        for noise in NOISE:
            for auroc in AUROC:
                setting = Setting(EXAMPLES, noise, auroc, aside=late)
                yield Plan(setting, TARGET, answers=WATCHED_ANSWERS)


def courses(plan: Plan, number: int, asked: argparse.Namespace) -> list[Course]:
    """Every project of one plan; `number` tells the plans' chance apart."""
    count = QUICK_PROJECTS if asked.quick else asked.projects
    seeds = [(asked.seed, number, project) for project in range(count)]
    with get_context("spawn").Pool(asked.processes) as pool:
        return pool.map(partial(run, plan), seeds, chunksize=5)


def share(marks: Sequence[bool]) -> float:
    return 100.0 * sum(marks) / len(marks)


def coverage(asked: argparse.Namespace) -> float:
    """Table A; returns the seconds it took."""
    print(f"A  missed the truth at any draw of {WATCHED_ANSWERS:,} answers, N = {EXAMPLES:,}")
    print(f"   {'setting':34} {'missed':>7} {'draws':>6} {'truly left':>11} {'at most':>8}")
    spent, missed, worst = 0.0, [], 0.0
    for number, plan in enumerate(watched()):
        went = courses(plan, number, asked)
        here = share([one.missed for one in went])
        left, high = (
            median(getattr(one, it) for one in went) for it in ("truly_left", "left_high")
        )
        draws = median(one.draws for one in went)
        words = plan.setting.words
        print(f"   {words:34} {here:6.1f}% {draws:6.0f} {left:11.0f} {high:8.0f}", flush=True)
        missed += [one.missed for one in went]
        worst, spent = max(worst, here), spent + sum(one.seconds for one in went)
    print(f"   overall {share(missed):.2f}% (at most {MOST_MISSES:g}), ", end="")
    print(f"worst {worst:.1f}% (at most {MOST_MISSES_IN_ONE:g}); {spent:.0f} s of one core\n")
    return spent


def stopping(asked: argparse.Namespace) -> float:
    """Table B; returns the seconds it took."""
    print(f"B  answers until 'you can stop', N = {EXAMPLES:,}")
    head = f"{'truly met':>9} {'stopped':>8} {'9 of 10':>8} {'draws':>6} {'left':>5} {'false':>6}"
    print(f"   {'setting':34} {'target':>6} {head} {'alarm':>6}")
    spent, false = 0.0, []
    for number, (setting, target) in enumerate(STOPS, start=100):
        went = courses(Plan(setting, target, watch=False), number, asked)
        most = allowed(EXAMPLES, target)
        stops = [EXAMPLES if one.stopped_after is None else one.stopped_after for one in went]
        wrongly = [one.left_then > most for one in went if one.stopped_after is not None]
        met = median(one.target_met_after or EXAMPLES for one in went)
        draws, left = median(one.draws for one in went), median(one.left_then for one in went)
        alarm = share([one.alarm_after is not None for one in went])
        print(
            f"   {setting.words:34} {target:6.1%} {met:9.0f} {median(stops):8.0f} "
            f"{quantiles(stops, n=10)[-1]:8.0f} {draws:6.0f} {left:5.0f} "
            f"{share(wrongly):5.1f}% {alarm:5.0f}%",
            flush=True,
        )
        if setting is HEADLINE:
            headline = median(stops)
        false += wrongly
        spent += sum(one.seconds for one in went)
    print(f"   false overall {share(false):.2f}% (at most {MOST_FALSE:g}); ", end="")
    print(f"first line {headline:.0f} (at most {MOST_ANSWERS:,}, aim {AIM:,}); ", end="")
    print(f"{spent:.0f} s of one core\n")
    return spent


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.audit")
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_PROJECTS} projects a setting")
    parser.add_argument("--projects", type=int, default=PROJECTS, help="projects a setting")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", choices=("A", "B"))
    asked = parser.parse_args()
    spent = coverage(asked) if asked.only != "B" else 0.0
    spent += stopping(asked) if asked.only != "A" else 0.0
    print(f"{spent:.0f} s of one core in all")


if __name__ == "__main__":
    main()
