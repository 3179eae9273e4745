"""One worker's loop: claim a job, run its task, tell how it ended."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog
from sqlalchemy import Engine

from app.db.engine import database_now, reading, writing
from app.db.failures import UNREACHED, failure_of
from app.errors import Failure
from app.jobs.lanes import BOTH, Lane
from app.jobs.long_lane import LongLane
from app.jobs.pulse import Pulse, Stopping
from app.jobs.queue import (
    JobCancelled,
    JobLost,
    anything_to_do,
    claim,
    finish,
    give_up,
    put_back,
    stop,
    try_again,
)
from app.jobs.task import AtWork, JobInHand, Tasks, UnknownTask
from app.jobs.workers import say_goodbye
from app.settings import Settings

POLL_SECONDS = 0.3
LOOK_ROUND_SECONDS = 3.0
"""How often an idle worker looks for work that nobody asked for."""

_PAUSE_AFTER_FAILURE = 1.0
_GRACE_SECONDS = 4.0
"""A task that reports no progress for so long after SIGTERM is put back under its feet."""

_PART_GRACE_SECONDS = 3.4
"""The long lane goes first: the worker waits for it, and who started the worker for both."""

_log = structlog.get_logger("relabel.worker")


def _nothing_else(engine: Engine) -> None:
    """For workers that only do what they are asked."""


def _nobody_above() -> bool:
    return True


@dataclass(frozen=True)
class Beside:
    """What a worker minds beside its jobs: work that nobody asked for, and who started it.

    It does the jobs of these `lanes`. `long_lane` is the command of a process that does the long
    ones meanwhile; one that had nothing to do for `idle_seconds` leaves.
    """

    look_round: Callable[[Engine], None] = _nothing_else
    parent_lives: Callable[[], bool] = _nobody_above
    lanes: Sequence[Lane] = BOTH
    long_lane: Sequence[str] = ()
    idle_seconds: float = float("inf")

    @property
    def is_part(self) -> bool:
        """Who does long jobs alone is part of a worker, which speaks for both."""
        return Lane.QUICK not in self.lanes


_ALONE = Beside()


class Work:
    """What one worker process does until it is told to go."""

    def __init__(
        self, engine: Engine, name: str, tasks: Tasks, settings: Settings, beside: Beside = _ALONE
    ) -> None:
        self._engine = engine
        self._name = name
        self._tasks = tasks
        self._settings = settings
        self._beside = beside
        self._told_to_go = threading.Event()
        self._pulse = Pulse(
            engine, name, stopping=self._told_to_go.is_set, speaks=not beside.is_part
        )
        self._long = LongLane(beside.long_lane, self._long_due) if beside.long_lane else None
        self._job: JobInHand | None = None
        self._crash: BaseException | None = None

    def leave(self) -> None:
        """Finish within seconds: from a signal handler or another thread."""
        self._told_to_go.set()

    @property
    def leaving(self) -> bool:
        return self._told_to_go.is_set()

    def until_told_to_go(self) -> bool:
        """Work on; True if the loop ended tidily, False if a task had to be left running."""
        loop = threading.Thread(target=self._loop, name="work", daemon=True)
        self._pulse.start()
        if self._long is not None:
            self._long.start()
        loop.start()
        while loop.is_alive() and not self._told_to_go.wait(POLL_SECONDS):
            if not self._beside.parent_lives():
                _log.warning("parent_gone", worker=self._name)
                self.leave()
        ending = time.monotonic() + _GRACE_SECONDS
        if self._long is not None:
            self._long.ask_to_end()
        loop.join(timeout=_PART_GRACE_SECONDS if self._beside.is_part else _GRACE_SECONDS)
        tidy = not loop.is_alive()
        if not tidy and self._job is not None:
            self._give_up_hold(self._job)
        if self._long is not None:
            self._long.end_by(ending)
        self._pulse.end()
        self._say_goodbye()
        if self._crash is not None:
            raise self._crash
        return tidy

    def until_idle(self) -> int:
        """Work until nothing is due; how many jobs were run. For the command line and tests."""
        self._pulse.start()
        count = 0
        while self.one():
            count += 1
        self._pulse.end()
        self._say_goodbye()
        return count

    def _loop(self) -> None:
        try:
            self._work_on()
        except BaseException as crash:
            self._crash = crash  # told to the thread that waits, which ends the process

    def _long_due(self) -> bool:
        with reading(self._engine) as session:
            now = database_now(session)
            return anything_to_do(session, self._tasks, lanes=(Lane.LONG,), now=now)

    def _work_on(self) -> None:
        looked = float("-inf")
        worked = time.monotonic()
        while not self._told_to_go.is_set():
            try:
                busy = self.one()
                if not busy and time.monotonic() - looked > LOOK_ROUND_SECONDS:
                    self._beside.look_round(self._engine)
                    looked = time.monotonic()
            except UNREACHED as error:
                _log.warning("database_not_reached", worker=self._name, reason=str(error)[:500])
                self._told_to_go.wait(_PAUSE_AFTER_FAILURE)
                continue
            if busy:
                worked = time.monotonic()
            elif time.monotonic() - worked > self._beside.idle_seconds:
                self.leave()
            else:
                self._told_to_go.wait(POLL_SECONDS)

    def one(self) -> bool:
        """Claim and run one job; False when there is none."""
        lanes = (Lane.QUICK,) if self._long is not None else self._beside.lanes
        with reading(self._engine) as session:
            if not anything_to_do(session, self._tasks, lanes=lanes, now=database_now(session)):
                return False
        with writing(self._engine) as session:
            now = database_now(session)
            job = claim(session, self._name, self._tasks, lanes=lanes, now=now)
        if job is None:
            return False
        self._job = job
        self._pulse.take(job)
        try:
            self._run(job)
        finally:
            self._pulse.take(None)
            self._job = None
        return True

    def _run(self, job: JobInHand) -> None:
        log = _log.bind(worker=self._name, job=job.id, task=job.task, attempt=job.attempt)
        log.info("job_started")
        try:
            how = self._outcome(job)
        except JobLost:
            log.warning("job_lost")
            return
        log.info("job_ended", how=how)

    def _outcome(self, job: JobInHand) -> str:
        """Run the task and write down how it went; the one place that catches everything."""
        at = AtWork(self._engine, self._settings, job, self._pulse.progress)
        try:
            result = self._tasks[job.task].work(at)
        except Stopping:
            self._give_up_hold(job)
            return "put back"
        except JobCancelled:
            with writing(self._engine) as session:
                stop(session, job, tasks=self._tasks, now=database_now(session))
            return "cancelled"
        except JobLost:
            raise
        except UnknownTask as unknown:
            return self._failed(job, str(unknown))
        except MemoryError:
            reason = "out_of_memory: the task needs more memory than is free."
            return self._failed(job, reason)
        except Exception as error:
            return self._refused(job, error)
        with writing(self._engine) as session:
            finish(session, job, result, now=database_now(session))
        return "done"

    def _refused(self, job: JobInHand, error: Exception) -> str:
        """What people read is words; what a programmer needs goes into the log."""
        failure = failure_of(error)
        if failure is not None:
            reason = f"{failure.in_full} {failure.next_step}".strip()
            return self._failed(job, reason, again=not isinstance(error, Failure))
        reference = secrets.token_hex(4).upper()
        _log.exception("job_crashed", worker=self._name, job=job.id, reference=reference)
        reason = (
            "Something went wrong on our side. What this try did is not used. "
            f"The log of the worker has more under the reference {reference}."
        )
        return self._failed(job, reason, again=True)

    def _failed(self, job: JobInHand, reason: str, *, again: bool = False) -> str:
        how = try_again if again else give_up
        with writing(self._engine) as session:
            state = how(session, job, reason, tasks=self._tasks, now=database_now(session))
        _log.error(
            "job_failed", worker=self._name, job=job.id, task=job.task, reason=reason[-2000:]
        )
        return state.value

    def _give_up_hold(self, job: JobInHand) -> None:
        """Let another worker have the job; a stale fence here means that one has it already."""
        try:
            with writing(self._engine) as session:
                put_back(session, job, now=database_now(session))
        except (JobLost, *UNREACHED) as error:
            _log.warning("job_not_put_back", job=job.id, reason=str(error)[:500])

    def _say_goodbye(self) -> None:
        if self._beside.is_part:
            return
        try:
            with writing(self._engine) as session:
                say_goodbye(session, self._name)
        except UNREACHED as error:
            _log.warning("no_goodbye", worker=self._name, reason=str(error)[:500])
