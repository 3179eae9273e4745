"""How soon a check starts while a scoring runs: `python -m bench.lanes --examples 20000`.

A worker scores a project; meanwhile small files are checked one after another. What is told is
the time from the moment a check is asked for until the worker begins it, and until it is done.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from app.datasets.asking import ask_check, job_of
from app.datasets.blobs import BlobStore
from app.datasets.mapping import StoredFile
from app.datasets.stage import FileToImport, stage_file
from app.db.engine import database_now, open_engine, reading, writing
from app.db.tables.jobs import Job
from app.db.words import JobState
from app.jobs.queue import UNFINISHED
from app.ranking.runs import start_scoring
from app.settings import Settings
from bench.running import database, worker
from bench.seed import seed

LOOK_SECONDS = 0.02
ROWS = 2_000


def measure_lanes(backend: str, examples: int, *, most: int) -> dict[str, Any]:
    with database(backend) as (url, folder):
        engine = open_engine(url)
        project_id = seed(engine, examples=examples, reviewers=1).project_id
        with worker(url, folder):
            with writing(engine) as session:
                now = database_now(session)
                scoring = start_scoring(session, project_id, created_by=None, now=now).id
            _wait(engine, scoring, {JobState.RUNNING})
            begun = time.perf_counter()
            asked: list[int] = []
            while len(asked) < most and _state(engine, scoring) is JobState.RUNNING:
                asked.append(_check(engine, folder, project_id, len(asked)))
                _wait(engine, asked[-1], {JobState.DONE, JobState.DEAD})
            beside = _state(engine, scoring) is JobState.RUNNING
            _wait(engine, scoring, set(JobState) - set(UNFINISHED))
            took = time.perf_counter() - begun
        told = _told(engine, asked if beside else asked[:-1])
        engine.dispose()
    return {"backend": backend, "examples": examples, "scoring_s": round(took, 1)} | told


def _check(engine: Engine, folder: Path, project_id: int, number: int) -> int:
    """Ask for the check of a file that nobody has sent before; the job's id."""
    lines = [f"c{number}-{row},a text of some words {number} {row},sports" for row in range(ROWS)]
    content = "\n".join(["id,text,label", *lines]).encode()
    blob = BlobStore(Settings(data=folder).blob_directory).put(content)
    given = FileToImport(StoredFile(f"{number}.csv", blob, len(content)))
    with writing(engine) as session:
        staged = stage_file(session, project_id, given, by=None, now=database_now(session))
        ask_check(session, staged, by=None, now=database_now(session))
        checking = job_of(session, staged)
        assert checking is not None  # asked for a line above
        return checking.id


def _state(engine: Engine, job_id: int) -> JobState:
    with reading(engine) as session:
        return session.get_one(Job, job_id).state


def _wait(engine: Engine, job_id: int, states: set[JobState]) -> None:
    while _state(engine, job_id) not in states:
        time.sleep(LOOK_SECONDS)


def _told(engine: Engine, asked: list[int]) -> dict[str, Any]:
    starts, ends = [], []
    with reading(engine) as session:
        for job_id in asked:
            job = session.get_one(Job, job_id)
            if job.state is not JobState.DONE or job.started_at is None or job.finished_at is None:
                raise SystemExit(f"the check of job {job_id} ended as {job.state}: {job.message}")
            starts.append((job.started_at - job.created_at).total_seconds())
            ends.append((job.finished_at - job.created_at).total_seconds())
    if not starts:
        raise SystemExit("the scoring was over before a check was asked for; take more examples")
    return {
        "checks": len(starts),
        "start_median_s": round(statistics.median(starts), 2),
        "start_longest_s": round(max(starts), 2),
        "done_median_s": round(statistics.median(ends), 2),
        "done_longest_s": round(max(ends), 2),
    }


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--backend", choices=["sqlite", "postgresql"], default="sqlite")
    asked.add_argument("--examples", type=int, default=20_000)
    asked.add_argument("--most", type=int, default=40, help="checks at most")
    said = asked.parse_args()
    print(json.dumps(measure_lanes(said.backend, said.examples, most=said.most)))


if __name__ == "__main__":
    main()
