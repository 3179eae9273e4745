"""Wires the background worker: `python -m app.worker`."""

from __future__ import annotations

import faulthandler
import logging
import os
import secrets
import signal
import socket
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

import structlog
from sqlalchemy import Engine

import app.db.tables.all  # noqa: F401  # foreign keys need every table
from app.datasets.blobs import BlobStore
from app.db.engine import open_engine
from app.db.migrate import current, head
from app.jobs.queue import Claimed
from app.jobs.work import UNREACHED, Progress, Task, Work
from app.ranking.queue import scoring_ended
from app.settings import Settings

_SCHEMA_SECONDS = 1.0

_log = structlog.get_logger("relabel.worker")


def tasks(settings: Settings) -> dict[str, Task]:
    """Every kind of long work, by the name it is enqueued under."""
    blobs = BlobStore(settings.blob_directory)

    def score(engine: Engine, job: Claimed, progress: Progress) -> dict[str, Any]:
        from app.ranking.run import score_project  # heavy: loaded by the first scoring

        return score_project(engine, job, progress, blobs=blobs)

    return {"score": score}


ENDED: Mapping[str, Any] = {"score": scoring_ended}
"""Who tidies up when a job of this task ends without being done."""


def ended(session: Any, job: Claimed, state: Any, message: str, now: Any) -> None:
    hook = ENDED.get(job.task)
    if hook is not None:
        hook(session, job, state, message, now)


def open_work(
    engine: Engine, settings: Settings, *, parent_lives: Callable[[], bool] = lambda: True
) -> Work:
    name = f"{socket.gethostname()[:40]}:{os.getpid()}:{secrets.token_hex(3)}"
    return Work(engine, name, tasks(settings), ended=ended, parent_lives=parent_lives)


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
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
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
