"""Wires the background worker: `python -m app.worker`."""

from __future__ import annotations

import faulthandler
import logging
import os
import random
import secrets
import signal
import socket
import sys
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import Engine
from sqlalchemy.orm import Session

import app.db.tables.all  # noqa: F401  # foreign keys need every table
from app.audit.accuracy import measured_eps
from app.audit.epochs import prepare_epoch, start_epoch, write_keys
from app.datasets.blobs import BlobStore
from app.datasets.commit import commit_import
from app.datasets.pushed_check import array_check_ended, check_array
from app.datasets.stage import check_import
from app.db.engine import database_now, open_engine, reading, writing
from app.db.migrate import current, head
from app.db.tables.datasets import DataImport, Prediction
from app.db.words import ImportState, JobState
from app.jobs.queue import Claimed, EndedHook, unheard_end
from app.jobs.work import UNREACHED, Task, Work
from app.progress import Progress
from app.ranking.refit import due_refits, start_due_refits
from app.ranking.runs import score_anew, scoring_ended, start_scoring
from app.releases.shelf import release_directory
from app.releases.spec import release_ended
from app.review.answering.retired_labels import fold_again
from app.settings import Settings

_SCHEMA_SECONDS = 1.0

_log = structlog.get_logger("relabel.worker")


def tasks(settings: Settings) -> dict[str, Task]:
    """Every kind of long work, by the name it is enqueued under."""
    blobs = BlobStore(settings.blob_directory)

    def import_check(engine: Engine, job: Claimed, progress: Progress) -> dict[str, Any]:
        found = check_import(engine, blobs, job.arguments["import_id"], progress=progress)
        return {"import_id": found.id, "state": found.state.value}

    def import_commit(engine: Engine, job: Claimed, progress: Progress) -> dict[str, Any]:
        following = Following(job.created_by)
        with reading(engine) as session:
            now = database_now(session)
        found = commit_import(
            engine,
            blobs,
            job.arguments["import_id"],
            now=now,
            progress=progress,
            prepare=following.prepare,
            after_import=following.after_import,
        )
        return {"import_id": found.id, "rows": found.rows_good, "left_out": found.rows_left_out}

    def array_check(engine: Engine, job: Claimed, progress: Progress) -> dict[str, Any]:
        scoring: list[int] = []

        def when_ready(session: Session, found: Prediction) -> None:
            now = database_now(session)
            started = score_anew(session, found.project_id, created_by=job.created_by, now=now)
            scoring.append(started.id)

        array_id = job.arguments["array_id"]
        found = check_array(engine, blobs, array_id, when_ready=when_ready, progress=progress)
        told = {"array_id": found.id, "state": found.state.value}
        return told | ({"scoring": scoring[-1]} if scoring else {})

    def score(engine: Engine, job: Claimed, progress: Progress) -> dict[str, Any]:
        from app.ranking.run import score_project  # heavy: loaded by the first scoring

        return score_project(
            engine, job, progress, blobs=blobs, measured_eps=measured_eps, dask=settings.dask
        )

    def release(engine: Engine, job: Claimed, progress: Progress) -> dict[str, Any]:
        from app.releases.build import build_release  # loads Parquet writers

        release_id = job.arguments["release_id"]
        with reading(engine) as session:
            now = database_now(session)
        directory = release_directory(settings, release_id)
        build_release(engine, release_id, directory, now=now, progress=progress)
        return {"release_id": release_id}

    def fold_answers_again(engine: Engine, job: Claimed, progress: Progress) -> dict[str, Any]:
        assert job.project_id is not None
        project_id, label_id = job.project_id, job.arguments["label_id"]
        after: int | None = 0
        chunks = 0
        while after is not None:
            with writing(engine) as session:
                now = database_now(session)
                after = fold_again(session, project_id, label_id, now=now, after=after)
            chunks += 1
            progress("folding answers again", chunks, 0)
        return {"label_id": label_id}

    return {
        "import_check": import_check,
        "import_commit": import_commit,
        "array_check": array_check,
        "score": score,
        "release": release,
        "fold_again": fold_answers_again,
    }


class Following:
    """What an import brings about: a new audit epoch, and a new ranking."""

    def __init__(self, created_by: int | None = None) -> None:
        self._created_by = created_by
        self._epoch_id = 0

    def prepare(self, engine: Engine, project_id: int, import_id: int) -> None:
        """Write fresh keys in chunks while the old epoch still runs."""
        rng = random.SystemRandom()
        with writing(engine) as session:
            self._epoch_id = prepare_epoch(session, project_id, reason="import")
        after: int | None = 0
        while after is not None:
            with writing(engine) as session:
                after = write_keys(
                    session, self._epoch_id, after=after, rng=rng, import_id=import_id
                )

    def after_import(self, session: Session, project_id: int, import_id: int) -> None:
        """In the transaction that shows the rows: open the epoch, ask for a ranking."""
        now = database_now(session)
        start_epoch(session, self._epoch_id, now=now)
        start_scoring(session, project_id, created_by=self._created_by, now=now)


def import_ended(
    session: Session, job: Claimed, state: JobState, message: str, now: datetime
) -> None:
    """Say on the import that it stopped; what it had stored was never visible."""
    found = session.get(DataImport, job.arguments["import_id"], with_for_update=True)
    if found is None or found.state not in (ImportState.CHECKING, ImportState.IMPORTING):
        return
    cancelled = state is JobState.CANCELLED
    found.state = ImportState.CANCELLED if cancelled else ImportState.FAILED
    found.message, found.finished_at = message, now
    session.flush()


ENDED: Mapping[str, EndedHook] = {
    "import_check": import_ended,
    "import_commit": import_ended,
    "array_check": array_check_ended,
    "score": scoring_ended,
    "release": release_ended,
}
"""Who tidies up when a job of this task ends without being done."""


def ended(session: Session, job: Claimed, state: JobState, message: str, now: datetime) -> None:
    ENDED.get(job.task, unheard_end)(session, job, state, message, now)


def look_round(engine: Engine) -> None:
    """Work that nobody asked for: projects that learnt enough are ranked again."""
    with reading(engine) as session:
        if not due_refits(session, now=database_now(session)):
            return
    with writing(engine) as session:
        started = start_due_refits(session, now=database_now(session))
    if started:
        _log.info("refits_started", projects=started)


def machine_name() -> str:
    return socket.gethostname()[:40]


def open_work(
    engine: Engine, settings: Settings, *, parent_lives: Callable[[], bool] = lambda: True
) -> Work:
    name = f"{machine_name()}:{os.getpid()}:{secrets.token_hex(3)}"
    return Work(
        engine, name, tasks(settings), ended=ended, look_round=look_round, parent_lives=parent_lives
    )


def log_as_json(level: str) -> None:
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.dict_tracebacks,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.getLevelNamesMapping().get(level.upper(), logging.INFO)
        ),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
    )


def wait_for_schema(engine: Engine, *, told_to_go: Callable[[], bool]) -> bool:
    """Another process makes or climbs the tables; False if told to go meanwhile."""
    said = False
    while not told_to_go():
        try:
            if current(engine) == head():
                return True
        except UNREACHED as error:
            _log.warning("database_not_reached", reason=str(error)[:500])
        if not said:
            _log.info("waiting_for_schema", wanted=head())
            said = True
        time.sleep(_SCHEMA_SECONDS)
    return False


def main() -> int:
    """Work until SIGTERM or SIGINT, or until the process that started this one is gone."""
    faulthandler.enable()
    settings = Settings()
    log_as_json(settings.log_level)
    engine = open_engine(settings.database_url, pool_size=4)
    parent = os.getppid()
    work = open_work(engine, settings, parent_lives=lambda: os.getppid() == parent)
    signal.signal(signal.SIGTERM, lambda *_: work.leave())
    signal.signal(signal.SIGINT, lambda *_: work.leave())
    if not wait_for_schema(engine, told_to_go=lambda: work.leaving):
        return 0
    _log.info("worker_ready")
    tidy = work.until_told_to_go()
    _log.info("worker_gone", tidy=tidy)
    if not tidy:
        sys.stderr.flush()
        os._exit(0)  # a task that hears nothing must not keep the process
    return 0


if __name__ == "__main__":
    sys.exit(main())
