"""Wires the background worker: `python -m app.worker`."""

from __future__ import annotations

import faulthandler
import gc
import logging
import os
import secrets
import signal
import socket
import sys
import time
from collections.abc import Callable, Sized

import structlog
from pydantic import ValidationError
from sqlalchemy import Engine
from sqlalchemy.orm import Session

import app.db.tables.all  # noqa: F401  # foreign keys need every table
from app.actions.comparing_reviewers import start_due_comparisons
from app.actions.estimating import estimate_project, estimates_due
from app.actions.making_due import make_due_batch
from app.actions.model_audits import start_due_test_audits
from app.actions.probing import carry_on
from app.actions.split_audits import start_due_split_audits
from app.actions.studying import start_due_studies
from app.actions.tasks.registry import TASKS
from app.audit.models.asking import due_test_audits
from app.audit.reviewers.asking import due_comparisons
from app.audit.splits.asking import due_split_audits
from app.audit.study.asking import due_studies
from app.audit.study.probes import going_on
from app.db.engine import close, database_now, open_engine, reading, writing
from app.db.failures import UNREACHED
from app.db.migrate import current, head
from app.errors import UnsafeConfiguration
from app.jobs.courtesy import hold_libraries
from app.jobs.lanes import Lane
from app.jobs.work import Beside, Work
from app.ranking.refit import due_refits, start_due_refits
from app.review.batches.recurring import due_recurring
from app.settings import Settings, what_is_wrong

_SCHEMA_SECONDS = 1.0
_LONG_LANE_IDLE_SECONDS = 120.0
"""Then its memory is given back; starting it takes a second, and loading the learners some more."""

_LONG_LANE = "--long-lane"
UNSAFE_CONFIGURATION = 78  # the exit code of `relabel` for it

_log = structlog.get_logger("relabel.worker")


def _estimate(engine: Engine) -> None:
    """Each project by itself: what goes wrong in one keeps nobody else from theirs."""
    for project_id in estimates_due(engine):
        try:
            estimate_project(engine, project_id)
        except UNREACHED:
            raise
        except Exception:  # an estimate is a whole task, and told again in a while
            _log.exception("estimate_failed", project=project_id)


def _start(
    engine: Engine, due: Callable[[Session], Sized], start: Callable[..., list[int]]
) -> list[int]:
    """Ask for what is due, after a look that takes no lock: mostly that is nothing."""
    with reading(engine) as session:
        if not due(session):
            return []
    with writing(engine) as session:
        return start(session, now=database_now(session))


def _audits(session: Session) -> Sized:
    return due_test_audits(session, now=database_now(session))


def _splits(session: Session) -> Sized:
    return due_split_audits(session, now=database_now(session))


def _refits(session: Session) -> Sized:
    return due_refits(session, now=database_now(session))


def _probe(engine: Engine) -> None:
    """Groups whose first answers were wrong are asked on, though nobody is at their desk."""
    with reading(engine) as session:
        due = going_on(session)
    for project_id, batch_id in due:
        carry_on(engine, project_id, batch_id)


def _recur(engine: Engine) -> None:
    """Each by itself: what goes wrong with one keeps no other from being made."""
    with reading(engine) as session:
        due = due_recurring(session, now=database_now(session))
    for recurring_id in due:
        try:
            make_due_batch(engine, recurring_id)
        except UNREACHED:
            raise
        except Exception:  # a batch is a whole task, and tried again in a while
            _log.exception("recurring_batch_failed", recurring=recurring_id)


def look_round(engine: Engine) -> None:
    """Work that nobody asked for: what is left is told anew, patterns are looked for, models and
    reviewers are compared, groups are asked on, batches that are due are made, and who learnt
    enough is ranked again."""
    _estimate(engine)
    _start(engine, due_studies, start_due_studies)
    _start(engine, _audits, start_due_test_audits)
    _start(engine, _splits, start_due_split_audits)
    _start(engine, due_comparisons, start_due_comparisons)
    _probe(engine)
    _recur(engine)
    if started := _start(engine, _refits, start_due_refits):
        _log.info("refits_started", projects=started)


def machine_name() -> str:
    return socket.gethostname()[:40]


def open_work(
    engine: Engine, settings: Settings, *, parent_lives: Callable[[], bool] = lambda: True
) -> Work:
    """Work on the jobs of both lanes in this process, the quick ones first."""
    return _work(engine, settings, Beside(look_round, parent_lives))


def _work(engine: Engine, settings: Settings, beside: Beside) -> Work:
    name = f"{machine_name()}:{os.getpid()}:{secrets.token_hex(3)}"
    return Work(engine, name, TASKS, settings, beside)


def _beside(*, long_lane: bool) -> Beside:
    """A worker works on quick jobs, and has the long ones worked on in a process of its own."""
    parent = os.getppid()

    def parent_lives() -> bool:
        return os.getppid() == parent

    if long_lane:
        lanes, idle = (Lane.LONG,), _LONG_LANE_IDLE_SECONDS
        return Beside(parent_lives=parent_lives, lanes=lanes, idle_seconds=idle)
    itself = (sys.executable, "-m", "app.worker", _LONG_LANE)
    return Beside(look_round, parent_lives, long_lane=itself)


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
    gc.freeze()  # what is loaded stays: no look through it for garbage
    try:
        settings = Settings()
    except ValidationError as error:
        sys.stderr.write(f"{what_is_wrong(error)} Put the variable right, or unset it.\n")
        return UNSAFE_CONFIGURATION
    log_as_json(settings.log_level)
    hold_libraries(settings.threads)
    try:
        engine = open_engine(settings.database_url, pool_size=4)
    except UnsafeConfiguration as refused:
        sys.stderr.write(f"{refused.detail} {refused.next_step}\n")
        return UNSAFE_CONFIGURATION
    lane = Lane.LONG if _LONG_LANE in sys.argv[1:] else Lane.QUICK
    work = _work(engine, settings, _beside(long_lane=lane is Lane.LONG))
    signal.signal(signal.SIGTERM, lambda *_: work.leave())
    signal.signal(signal.SIGINT, lambda *_: work.leave())
    tidy = True
    try:
        if wait_for_schema(engine, told_to_go=lambda: work.leaving):
            _log.info("worker_ready", lane=lane)
            tidy = work.until_told_to_go()
            _log.info("worker_gone", lane=lane, tidy=tidy)
    finally:
        close(engine)
    if not tidy:
        sys.stderr.flush()
        os._exit(0)  # a task that hears nothing must not keep the process
    return 0


if __name__ == "__main__":
    sys.exit(main())
