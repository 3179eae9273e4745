"""Kill it, and see whether an answer was lost: `python -m bench.chaos --help`."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from bench.chaos import checker, doors, report
from bench.chaos.hunt import hunt_all
from bench.chaos.mutants import MUTANTS
from bench.chaos.run import Outcome, Plan, run
from bench.chaos.works import HEAVY, works

HTTP_SHARE = 0.1  # of decisions and deaths: a web process takes a second to come back
WORKER_DEATHS = 6


def _arguments() -> argparse.Namespace:
    made = argparse.ArgumentParser(prog="python -m bench.chaos", description=__doc__)
    made.add_argument("--backend", choices=["sqlite", "postgresql"], default="sqlite")
    made.add_argument("--n", type=int, default=10_000, help="decisions to acknowledge")
    made.add_argument("--kills", type=int, default=100, help="kill -9 at random moments")
    made.add_argument("--failpoints", type=int, default=200, help="deaths at named places")
    made.add_argument("--pauses", type=int, default=2, help="stops longer than a lease")
    made.add_argument("--db-stops", type=int, default=0, help="immediate stops of PostgreSQL")
    made.add_argument("--seed", type=int, default=1)
    made.add_argument("--http", action="store_true", help="everything through the web app")
    made.add_argument("--store", action="store_true", help="everything at the store")
    made.add_argument("--mutants", action="store_true", help="catch the planted bugs")
    made.add_argument("--only", help="of the planted bugs, only this one")
    made.add_argument("--replay", type=Path, help="check a kept history again")
    return made.parse_args()


def _parts(asked: argparse.Namespace) -> list[tuple[str, Plan]]:
    """Most deaths at the store, a share over HTTP, and the long work beside."""
    whole = Plan(
        backend=asked.backend,
        decisions=asked.n,
        kills=asked.kills,
        failpoints=asked.failpoints,
        pauses=asked.pauses,
        stops=asked.db_stops,
        seed=asked.seed,
    )
    if asked.http:
        return [("http", replace(whole, http=True))]
    if asked.store:
        return [("store", whole)]
    share = {
        name: round(HTTP_SHARE * getattr(whole, name))
        for name in ("decisions", "kills", "failpoints")
    }
    rest = {name: getattr(whole, name) - part for name, part in share.items()}
    workers = replace(whole, kills=2, failpoints=WORKER_DEATHS)
    return [
        ("store", replace(whole, **rest)),
        ("http", replace(whole, **share, pauses=1, stops=0, http=True)),
        ("workers", workers),
    ]


def _chaos(asked: argparse.Namespace) -> int:
    rows: list[dict[str, Any]] = []
    failed = False
    for level, plan in _parts(asked):
        outcome: Outcome = works(plan) if level == "workers" else run(plan)
        rows.append(report.row(level, outcome))
        print(f"{level}: {outcome.acknowledged:,} decisions, {outcome.seconds:.0f} s", flush=True)
        if outcome.verdict.violations:
            failed = True
            _complain(outcome.verdict)
            print(f"kept: {report.keep(level, outcome)}")
    print(report.table(rows))
    print(json.dumps({"backend": asked.backend, "seed": asked.seed, "parts": rows}))
    return int(failed)


def _complain(verdict: checker.Verdict) -> None:
    for violation in verdict.violations[:10]:
        print(f"  {violation.invariant}: {violation.said}")


def _mutants(asked: argparse.Namespace) -> int:
    names = (asked.only,) if asked.only else tuple(MUTANTS)
    base = Plan(backend=asked.backend, seed=asked.seed)
    controls, hunted = hunt_all(base, lambda one: print(report.hunted_line(one), flush=True), names)
    caught = sum(one.caught for one in hunted)
    print(f"{caught} of {len(hunted)} mutants caught")
    if any(one.caught for one in controls):
        print("The real code showed violations: the checker or the store is wrong.")
    return int(caught < len(hunted) or any(one.caught for one in controls))


def _replay(path: Path) -> int:
    kept = json.loads(path.read_text())
    verdict = checker.check(kept["history"], kept["dump"])
    print(json.dumps({"plan": kept["plan"], **verdict.table()}))
    _complain(verdict)
    return int(bool(verdict.violations))


def main() -> int:
    asked = _arguments()
    print(f"seed {asked.seed}", flush=True)
    if asked.replay is not None:
        return _replay(asked.replay)
    if not (asked.http or asked.store):
        doors.preload(*HEAVY)
    return _mutants(asked) if asked.mutants else _chaos(asked)


if __name__ == "__main__":
    sys.exit(main())
