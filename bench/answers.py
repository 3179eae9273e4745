"""Reviewers who answer over HTTP as fast as they can, each on a connection of its own."""

from __future__ import annotations

import http.client
import json
import random
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bench.running import Web
from bench.seed import Reviewer, Seeded


@dataclass
class Measured:
    milliseconds: list[float] = field(default_factory=list)
    moments: list[float] = field(default_factory=list)  # when each came back, by perf_counter
    failures: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def answers_a_second(self) -> float:
        return len(self.milliseconds) / self.seconds if self.seconds else 0.0

    def quantile(self, share: float) -> float:
        taken = sorted(self.milliseconds)
        return taken[min(len(taken) - 1, int(share * len(taken)))] if taken else 0.0


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
        given = card.get("given")
        change = given is None or self.rng.random() < 0.3  # a blind read confirms nothing
        others = [label for label in self.seeded.labels if label != given]
        body = {
            "key": str(uuid.uuid4()),
            "lease": card["lease"],
            "verdict": "relabel" if change else "confirm",
            "label": self.rng.choice(others) if change else None,
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


def load(port: int, seeded: Seeded, *, reviewers: int, seconds: float) -> Measured:
    """So many reviewers answering for so long; what was measured."""
    until = time.perf_counter() + seconds
    return load_while(port, seeded, reviewers, lambda: time.perf_counter() < until)


def load_while(port: int, seeded: Seeded, reviewers: int, going: Going) -> Measured:
    """The same for as long as somebody says so."""
    parts = [Measured() for _ in range(reviewers)]
    begun = time.perf_counter()
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
        time.perf_counter() - begun,
    )


def cpu_of(site: Web, seeded: Seeded, *, reviewers: int, seconds: float) -> tuple[Measured, float]:
    """A load, and the web process's CPU in milliseconds an answer."""
    before = site.cpu_seconds()
    measured = load(site.port, seeded, reviewers=reviewers, seconds=seconds)
    answers = max(1, len(measured.milliseconds))
    return measured, (site.cpu_seconds() - before) * 1000 / answers
