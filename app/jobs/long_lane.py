"""The process beside a worker that does its long jobs, so that quick ones never wait for it.

A process and not a thread: a thread that computes in Python would hold up every statement of the
quick lane, and with it the lock of SQLite's one writer; and what a long job breaks (memory, a
native library) takes no quick job with it.
"""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Callable, Sequence

import structlog

from app.db.failures import UNREACHED
from app.jobs import kept_alive
from app.jobs.kept_alive import GrowingPause

LOOK_SECONDS = 0.3
_SHORTEST_PAUSE = 1.0

_log = structlog.get_logger("relabel.worker")


class LongLane:
    """Started when a long job is due, and again when it ended; it leaves by itself when idle."""

    def __init__(self, command: Sequence[str], due: Callable[[], bool]) -> None:
        self._command = list(command)
        self._due = due
        self._over = threading.Event()
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._pause = GrowingPause(_SHORTEST_PAUSE)
        self._thread = threading.Thread(target=self._run, name="long lane", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def ask_to_end(self) -> None:
        """It puts its job back, and goes."""
        self._over.set()
        with self._lock:
            if self._process is not None and self._process.poll() is None:
                self._process.terminate()

    def end_by(self, deadline: float) -> None:
        """Wait for it until then; what still runs is killed, and its job taken over later."""
        kept_alive.end_by(self._process, deadline)

    def _run(self) -> None:
        while not self._over.wait(LOOK_SECONDS):
            try:
                self._look()
            except UNREACHED as error:
                _log.warning("long_lane_not_looked_at", reason=str(error)[:500])
            except OSError as error:
                self._pause.wait()
                _log.exception("long_lane_not_started", reason=str(error)[:500])

    def _look(self) -> None:
        if self._process is not None:
            code = self._process.poll()
            if code is not None:
                self._ended(code)
        elif self._pause.is_over and self._due():
            self._begin()

    def _begin(self) -> None:
        with self._lock:
            if self._over.is_set():
                return
            self._pause.begin()
            # Not closed: the lock of the data directory, which this program's processes share.
            # Whatever else is open here is not inheritable.
            self._process = subprocess.Popen(self._command, close_fds=False)  # noqa: S603  # ours

    def _ended(self, code: int) -> None:
        self._process = None
        self._pause.end()
        if code:
            _log.warning("long_lane_ended", code=code)
            self._pause.wait()
