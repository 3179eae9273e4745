"""Every planted bug must be caught, and the same run without a bug must be clean."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from bench.chaos.mutant import Mutant
from bench.chaos.mutants import MUTANTS
from bench.chaos.run import Outcome, Plan, run
from bench.chaos.story import CHAPTERS, tell
from bench.chaos.works import works

TRIES = 3  # chance decides whether a bug shows; each try has a seed of its own
CONTROLS = ("review", "works", "story")


@dataclass(frozen=True)
class Hunted:
    """What became of one planted bug, or of a control."""

    name: str
    about: str
    caught: bool
    by: dict[str, int]
    seconds: float
    tries: int


def _once(mutant: Mutant | None, work: str, base: Plan) -> Outcome:
    plan = replace(base, mutant=mutant.name if mutant else "", loose=True, pauses=0, rest=False)
    if work == "story" or work in CHAPTERS:
        return tell(plan, (work,) if work in CHAPTERS else tuple(CHAPTERS))
    if work != "review":
        releases = 0 if work in ("import", "score") else 2
        return works(replace(plan, kills=1, failpoints=5, releases=releases))
    size = mutant or Mutant("", "", decisions=250, failpoints=15)
    return run(replace(plan, decisions=size.decisions, kills=1, failpoints=size.failpoints))


def hunt(mutant: Mutant, base: Plan) -> Hunted:
    """Run until it shows, a few times at most."""
    seconds, found = 0.0, {}
    for nth in range(1, TRIES + 1):
        outcome = _once(mutant, mutant.work, replace(base, seed=base.seed + nth))
        seconds += outcome.seconds
        found = dict(outcome.verdict.counts)
        if found:
            break
    return Hunted(mutant.name, mutant.about, bool(found), found, seconds, nth)


def control(work: str, base: Plan) -> Hunted:
    """No bug, the same tables, the same faults."""
    outcome = _once(None, work, base)
    found = dict(outcome.verdict.counts)
    return Hunted(f"none ({work})", "the real code", bool(found), found, outcome.seconds, 1)


def hunt_all(
    base: Plan, say: Callable[[Hunted], None], names: tuple[str, ...] = tuple(MUTANTS)
) -> tuple[list[Hunted], list[Hunted]]:
    """Controls and mutants, each told as it ends."""
    controls, hunted = [], []
    for work in CONTROLS:
        controls.append(control(work, base))
        say(controls[-1])
    for name in names:
        hunted.append(hunt(MUTANTS[name], base))
        say(hunted[-1])
    return controls, hunted
