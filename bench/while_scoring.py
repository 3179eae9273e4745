"""What a scoring costs reviewers: `python -m bench.server --while-scoring --examples 6000`.

Twenty reviewers answer without a pause while a worker scores their project on SQLite. As long as
the worker computes it is stopped and continued in turns of two seconds, so that both rates are
taken on one machine in one state; the ratio is that of neighbouring turns. What it stores at the
end is told apart: answers wait there for the one writer that SQLite has.
"""

from __future__ import annotations

import os
import signal
import statistics
import threading
import time
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Engine, select

from app.db.engine import database_now, open_engine, reading, writing
from app.db.tables.jobs import Job
from app.db.words import JobState
from app.ranking.runs import start_scoring
from bench.answers import Measured, load, load_while
from bench.running import database, web, worker
from bench.seed import seed

TURN_SECONDS = 2.0  # far below the silence after which a job is taken over
LOOK_SECONDS = 0.25
STORING = ("storing scores", "opening the new ranking")


@dataclass
class Turns:
    """Spans of time in which the worker ran, was stopped, or stored."""

    running: list[tuple[float, float]] = field(default_factory=list)
    stopped: list[tuple[float, float]] = field(default_factory=list)
    storing: tuple[float, float] = (0.0, 0.0)


def measure_while_scoring(examples: int, *, reviewers: int) -> dict[str, Any]:
    with database("sqlite") as (url, folder):
        engine = open_engine(url)
        seeded = seed(engine, examples=examples, reviewers=reviewers)
        with web(url, folder) as site, worker(url, folder):
            load(site.port, seeded, reviewers=reviewers, seconds=2)  # everything is loaded once
            job_id = _begun(engine, seeded.project_id)
            over = threading.Event()
            heard: list[Measured] = []
            people = threading.Thread(
                target=lambda: heard.append(
                    load_while(site.port, seeded, reviewers, lambda: not over.is_set())
                )
            )
            people.start()
            turns = _take_turns(engine, job_id)
            over.set()
            people.join()
        with reading(engine) as session:
            state = session.get_one(Job, job_id).state
        engine.dispose()
    return {"examples": examples, "reviewers": reviewers, "scoring": state.value} | _told(
        turns, heard[0]
    )


def _begun(engine: Engine, project_id: int) -> int:
    """Ask for a scoring, and wait until the worker has begun it."""
    with writing(engine) as session:
        now = database_now(session)
        job_id = start_scoring(session, project_id, created_by=None, now=now).id
    while _look(engine, job_id)[0] is JobState.WAITING:
        time.sleep(0.05)
    return job_id


def _look(engine: Engine, job_id: int) -> tuple[JobState, str]:
    with reading(engine) as session:
        return session.execute(select(Job.state, Job.step).where(Job.id == job_id)).one()._tuple()


def _take_turns(engine: Engine, job_id: int) -> Turns:
    turns = Turns()
    with reading(engine) as session:
        scorer = int(session.get_one(Job, job_id).worker.split(":")[1])  # the long lane's process
    while True:
        begun = time.perf_counter()
        stored = _ran(engine, job_id, until=begun + TURN_SECONDS)
        if stored is not None:
            turns.storing = stored
            return turns
        turns.running.append((begun, time.perf_counter()))
        with writing(engine):  # nobody else writes while it is stopped here
            os.kill(scorer, signal.SIGSTOP)
        begun = time.perf_counter()
        while time.perf_counter() < begun + TURN_SECONDS:
            _look(engine, job_id)  # as often as beside the worker: looking costs answers too
            time.sleep(LOOK_SECONDS)
        turns.stopped.append((begun, time.perf_counter()))
        os.kill(scorer, signal.SIGCONT)


def _ran(engine: Engine, job_id: int, *, until: float) -> tuple[float, float] | None:
    """Let the worker compute for a turn; when it stores, wait for the end: the span of it."""
    began = None
    while began is not None or time.perf_counter() < until:
        state, step = _look(engine, job_id)
        if step in STORING and began is None:
            began = time.perf_counter()
        if state is not JobState.RUNNING:
            return began or time.perf_counter(), time.perf_counter()
        time.sleep(LOOK_SECONDS)
    return None


def _told(turns: Turns, heard: Measured) -> dict[str, Any]:
    def rate(span: tuple[float, float]) -> float:
        length = span[1] - span[0]
        return sum(span[0] <= one < span[1] for one in heard.moments) / length if length else 0.0

    def slow(spans: list[tuple[float, float]], share: float) -> float:
        times = [
            taken
            for taken, moment in zip(heard.milliseconds, heard.moments, strict=True)
            if any(start <= moment < end for start, end in spans)
        ]
        return round(Measured(times).quantile(share), 1)

    pairs = zip(turns.running, turns.stopped, strict=False)
    ratios = [rate(with_it) / max(rate(without), 1e-9) for with_it, without in pairs]
    return {
        "turns": len(ratios),
        "alone_per_s": round(statistics.mean(map(rate, turns.stopped)), 1),
        "beside_per_s": round(statistics.mean(map(rate, turns.running)), 1),
        "ratio": round(statistics.median(ratios), 3),
        "alone_p95_ms": slow(turns.stopped, 0.95),
        "beside_p95_ms": slow(turns.running, 0.95),
        "storing_s": round(turns.storing[1] - turns.storing[0], 1),
        "storing_per_s": round(rate(turns.storing), 1),
        "storing_worst_ms": slow([turns.storing], 1.0),
        "failures": heard.failures[:5],
    }
