"""The desk's hot path over HTTP: `python -m bench.server [--backend sqlite] [--reviewers 20]`.

With `--while-scoring` the reviewers answer beside a worker that scores their project: see
`bench.while_scoring`.
"""

from __future__ import annotations

import argparse
import http.client
import json
import random
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select

from app.db.engine import open_engine, reading
from app.db.tables.review import Decision, Lease
from app.db.words import ReadReason
from bench.running import database, fsync_milliseconds, web
from bench.seed import Reviewer, Seeded, seed


@dataclass
class Measured:
    milliseconds: list[float] = field(default_factory=list)
    moments: list[float] = field(default_factory=list)  # when each came back, by perf_counter
    failures: list[str] = field(default_factory=list)


class Desk:
    """One reviewer with a kept connection: claims, answers, holds eight examples."""

    def __init__(self, port: int, who: Reviewer, seeded: Seeded) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.headers = {
            "Cookie": f"relabel={who.cookie}",
            "X-CSRF-Token": who.csrf,
            "Content-Type": "application/json",
            "Origin": f"http://127.0.0.1:{port}",
        }
        self.seeded = seeded
        self.held: list[dict[str, Any]] = []
        self.rng = random.Random(who.person_id)

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        self.connection.request("POST", path, json.dumps(body), self.headers)
        reply = self.connection.getresponse()
        read = reply.read()
        if reply.status != 200:
            raise RuntimeError(f"{path}: {reply.status} {read[:300]!r}")
        found: dict[str, Any] = json.loads(read)
        return found

    def claim(self) -> None:
        path = f"/api/v1/batches/{self.seeded.batch_id}/claim"
        held = [card["lease"] for card in self.held]
        self.held += self.post(path, {"want": 8, "held": held})["examples"]

    def answer(self) -> float:
        """One answer with its refill; milliseconds."""
        card = self.held.pop(0)
        change = self.rng.random() < 0.3
        body = {
            "key": str(uuid.uuid4()),
            "lease": card["lease"],
            "verdict": "relabel" if change else "confirm",
            "label": self.rng.choice(self.seeded.labels) if change else None,
            "want": 8,
            "held": [other["lease"] for other in self.held],
        }
        begun = time.perf_counter()
        reply = self.post("/api/v1/decisions", body)
        taken = (time.perf_counter() - begun) * 1000
        self.held += reply["examples"]
        return taken


Going = Callable[[], bool]


def _work(port: int, who: Reviewer, seeded: Seeded, going: Going, into: Measured) -> None:
    try:
        desk = Desk(port, who, seeded)
        desk.claim()
        while going() and desk.held:
            into.milliseconds.append(desk.answer())
            into.moments.append(time.perf_counter())
    except (OSError, RuntimeError, http.client.HTTPException) as problem:
        into.failures.append(str(problem))


def load(port: int, seeded: Seeded, *, reviewers: int, seconds: float) -> tuple[Measured, float]:
    """So many reviewers answering as fast as they can; what was measured and answers a second."""
    begun = time.perf_counter()
    whole = load_while(port, seeded, reviewers, lambda: time.perf_counter() < begun + seconds)
    return whole, len(whole.milliseconds) / (time.perf_counter() - begun)


def load_while(port: int, seeded: Seeded, reviewers: int, going: Going) -> Measured:
    parts = [Measured() for _ in range(reviewers)]
    threads = [
        threading.Thread(target=_work, args=(port, who, seeded, going, part))
        for who, part in zip(seeded.reviewers[:reviewers], parts, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Measured(
        [ms for part in parts for ms in part.milliseconds],
        [moment for part in parts for moment in part.moments],
        [line for part in parts for line in part.failures],
    )


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


def quantile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))] if values else 0.0


def measure(backend: str, *, examples: int, reviewers: int, seconds: float) -> dict[str, Any]:
    with database(backend) as (url, folder):
        engine = open_engine(url)
        begun = time.perf_counter()
        seeded = seed(engine, examples=examples, reviewers=reviewers)
        engine.dispose()
        seeding = time.perf_counter() - begun
        with web(url, folder) as (port, start):
            one, _ = load(port, seeded, reviewers=1, seconds=seconds)
            many, rate = load(port, seeded, reviewers=reviewers, seconds=seconds)
        return {
            "backend": backend,
            "examples": examples,
            "seed_s": round(seeding, 1),
            "web_start_s": round(start, 2),
            "fsync_ms": round(fsync_milliseconds(folder), 3),
            "one_p50_ms": round(quantile(one.milliseconds, 0.5), 2),
            "one_p95_ms": round(quantile(one.milliseconds, 0.95), 2),
            "reviewers": reviewers,
            "decisions_per_s": round(rate, 1),
            "many_p50_ms": round(quantile(many.milliseconds, 0.5), 2),
            "many_p95_ms": round(quantile(many.milliseconds, 0.95), 2),
            "many_p99_ms": round(quantile(many.milliseconds, 0.99), 2),
            "failures": (one.failures + many.failures)[:5],
            "two_first_readers": two_first_readers(url),
        }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--backend", choices=["sqlite", "postgresql", "both"], default="both")
    parser.add_argument("--examples", type=int, default=100_000)
    parser.add_argument("--reviewers", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--while-scoring", action="store_true", help="on SQLite")
    asked = parser.parse_args()
    if asked.while_scoring:
        from bench.while_scoring import measure_while_scoring  # it takes the desk from here

        tell(measure_while_scoring(asked.examples, reviewers=asked.reviewers))
        return
    backends = ["sqlite", "postgresql"] if asked.backend == "both" else [asked.backend]
    for backend in backends:
        found = measure(
            backend, examples=asked.examples, reviewers=asked.reviewers, seconds=asked.seconds
        )
        tell(found)


def tell(found: dict[str, Any]) -> None:
    for name, value in found.items():
        print(f"{name:>20}  {value}")
    print(json.dumps(found))


if __name__ == "__main__":
    main()
