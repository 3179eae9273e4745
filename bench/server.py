"""The desk's hot path over HTTP: what an answer costs in time and in the web process's CPU.

`python -m bench.server [--backend sqlite] [--reviewers 20]`; with `--against DIR` the same load
goes in turn to this checkout and to another one, and the ratios of their medians are told. With
`--while-scoring` the reviewers answer beside a worker that scores their project.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TypedDict

from sqlalchemy import func, select

from app.db.engine import open_engine, reading
from app.db.tables.review import Decision, Lease
from app.db.words import ReadReason
from bench.answers import cpu_of
from bench.pair import Comparison, compare
from bench.running import HERE, database, fsync_milliseconds, web
from bench.seed import seed
from bench.while_scoring import measure_while_scoring


class Figures(TypedDict):
    """One line of results."""

    backend: str
    examples: int
    web_start_s: float
    fsync_ms: float
    one_cpu_ms: float
    one_p50_ms: float
    one_p95_ms: float
    reviewers: int
    many_cpu_ms: float
    decisions_per_s: float
    many_p50_ms: float
    many_p95_ms: float
    many_p99_ms: float
    failures: list[str]
    two_first_readers: int


def two_first_readers(url: str) -> int:
    """Examples that two people hold or answered as first readers: must be none."""
    engine = open_engine(url)
    with reading(engine) as session:
        people = func.count(func.distinct(Decision.person_id))
        answered = session.execute(
            select(Decision.example_id)
            .where(Decision.read_reason == ReadReason.FIRST)
            .group_by(Decision.example_id)
            .having(people > 1)
        ).all()
        holders = func.count(func.distinct(Lease.person_id))
        held = session.execute(
            select(Lease.example_id)
            .where(Lease.ended_at.is_(None))
            .group_by(Lease.example_id)
            .having(holders > 1)
        ).all()
    engine.dispose()
    return len(answered) + len(held)


def measure(backend: str, *, examples: int, reviewers: int, seconds: float) -> Figures:
    with database(backend) as (url, folder):
        engine = open_engine(url)
        seeded = seed(engine, examples=examples, reviewers=reviewers)
        engine.dispose()
        with web(url, folder) as site:
            one, one_cpu = cpu_of(site, seeded, reviewers=1, seconds=seconds)
            many, many_cpu = cpu_of(site, seeded, reviewers=reviewers, seconds=seconds)
        return {
            "backend": backend,
            "examples": examples,
            "web_start_s": round(site.start_seconds, 2),
            "fsync_ms": round(fsync_milliseconds(folder), 3),
            "one_cpu_ms": round(one_cpu, 2),
            "one_p50_ms": round(one.quantile(0.5), 2),
            "one_p95_ms": round(one.quantile(0.95), 2),
            "reviewers": reviewers,
            "many_cpu_ms": round(many_cpu, 2),
            "decisions_per_s": round(many.answers_a_second, 1),
            "many_p50_ms": round(many.quantile(0.5), 2),
            "many_p95_ms": round(many.quantile(0.95), 2),
            "many_p99_ms": round(many.quantile(0.99), 2),
            "failures": (one.failures + many.failures)[:5],
            "two_first_readers": two_first_readers(url),
        }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.server", description=__doc__)
    parser.add_argument("--backend", choices=["sqlite", "postgresql", "both"], default="both")
    parser.add_argument("--examples", type=int, default=100_000)
    parser.add_argument("--reviewers", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--against", type=Path, help="another checkout to compare with")
    parser.add_argument("--rounds", type=int, default=5, help="runs of each checkout")
    parser.add_argument("--while-scoring", action="store_true", help="on SQLite")
    asked = parser.parse_args()
    if asked.while_scoring:
        tell(measure_while_scoring(asked.examples, reviewers=asked.reviewers))
        return
    for backend in ["sqlite", "postgresql"] if asked.backend == "both" else [asked.backend]:
        if asked.against is not None:
            checkouts = (HERE, asked.against.resolve())
            asked_for = Comparison(backend, asked.examples, asked.seconds, asked.rounds)
            for count in dict.fromkeys((1, asked.reviewers)):
                print(compare(checkouts, asked_for, reviewers=count))
            continue
        found = measure(
            backend, examples=asked.examples, reviewers=asked.reviewers, seconds=asked.seconds
        )
        tell(found)


def tell(found: Mapping[str, object]) -> None:
    for name, value in found.items():
        print(f"{name:>20}  {value}")
    print(json.dumps(found))


if __name__ == "__main__":
    main()
