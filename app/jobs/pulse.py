"""The thread beside a task: it beats for the worker and the job, and hears requests to stop."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import structlog
from sqlalchemy import Engine

from app.db.engine import database_now, reading, writing
from app.db.failures import UNREACHED
from app.jobs.queue import HEARTBEAT_SECONDS, JobCancelled, JobLost, beat
from app.jobs.task import JobInHand
from app.jobs.workers import say_alive

TICK_SECONDS = 0.5

_log = structlog.get_logger("relabel.worker")


class Stopping(Exception):
    """The worker was told to go; the job in hand is put back."""


class Pulse:
    """Carries one job's progress into SQL, and a stop back into the task.

    The task only ever touches memory, so it may report while it holds a transaction open.
    """

    def __init__(
        self, engine: Engine, worker: str, *, stopping: Callable[[], bool], speaks: bool = True
    ) -> None:
        self._engine = engine
        self._worker = worker
        self._speaks = speaks  # for the worker; a part of one beats for its job alone
        self._stopping = stopping
        self._lock = threading.Lock()
        self._job: JobInHand | None = None
        self._progress: tuple[str, int, int] | None = None
        self._stop: type[Exception] | None = None
        self._last_beat = 0.0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="pulse", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def end(self) -> None:
        self._over.set()
        self._thread.join(timeout=2)

    def take(self, job: JobInHand | None) -> None:
        """From now on beat for this job, or for none."""
        with self._lock:
            self._job, self._progress, self._stop = job, None, None

    def progress(self, step: str, done: int, total: int) -> None:
        """What a task calls between pieces of work; raises when it has to stop."""
        if self._stopping():
            raise Stopping
        with self._lock:
            if self._stop is not None:
                raise self._stop
            self._progress = (step, done, total)

    def _run(self) -> None:
        while not self._over.wait(TICK_SECONDS):
            try:
                self._tick()
            except UNREACHED as error:
                _log.warning("heartbeat_missed", worker=self._worker, reason=str(error)[:500])

    def _tick(self) -> None:
        with self._lock:
            job, progress, self._progress = self._job, self._progress, None
        due = time.monotonic() - self._last_beat >= HEARTBEAT_SECONDS
        if progress is None and not (due and (self._speaks or job is not None)):
            return
        with reading(self._engine) as session:
            now = database_now(session)  # asked first: the lock of a writer is held for less
        with writing(self._engine) as session:
            if due and self._speaks:
                say_alive(session, self._worker, now=now)
            stop = self._beat_for(job, progress, lambda job: beat(session, job, progress, now=now))
        if due:
            self._last_beat = time.monotonic()
        with self._lock:
            if self._job is job and stop is not None:
                self._stop = stop

    @staticmethod
    def _beat_for(
        job: JobInHand | None,
        progress: tuple[str, int, int] | None,
        speak: Callable[[JobInHand], bool],
    ) -> type[Exception] | None:
        if job is None:
            return None
        try:
            return JobCancelled if speak(job) else None
        except JobLost:
            return JobLost
