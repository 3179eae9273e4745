"""The process beside a worker that does its long jobs, so that quick ones never wait for it.

A process and not a thread: a thread that computes in Python would hold up every statement of the
quick lane, and with it the lock of SQLite's one writer; and what a long job breaks (memory, a
native library) takes no quick job with it.
"""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Callable, Sequence

import structlog

from app.db.failures import UNREACHED

LOOK_SECONDS = 0.3
_SHORTEST_PAUSE = 1.0
_LONGEST_PAUSE = 30.0
_LIVED_WELL_SECONDS = 30.0

_log = structlog.get_logger("relabel.worker")


class LongLane:
    """Started when a long job is due, and again when it ended; it leaves by itself when idle."""

    def __init__(self, command: Sequence[str], due: Callable[[], bool]) -> None:
        self._command = list(command)
        self._due = due
        self._over = threading.Event()
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._begun = 0.0
        self._again_at = 0.0
        self._pause = _SHORTEST_PAUSE
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
        if self._process is None:
            return
        try:
            self._process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _run(self) -> None:
        while not self._over.wait(LOOK_SECONDS):
            try:
                self._look()
            except UNREACHED as error:
                _log.warning("long_lane_not_looked_at", reason=str(error)[:500])
            except OSError as error:
                self._wait_longer()
                _log.exception("long_lane_not_started", reason=str(error)[:500])

    def _look(self) -> None:
        if self._process is not None:
            code = self._process.poll()
            if code is not None:
                self._ended(code)
        elif time.monotonic() >= self._again_at and self._due():
            self._begin()

    def _begin(self) -> None:
        with self._lock:
            if self._over.is_set():
                return
            self._begun = time.monotonic()
            # Not closed: the lock of the data directory, which this program's processes share.
            # Whatever else is open here is not inheritable.
            self._process = subprocess.Popen(self._command, close_fds=False)  # noqa: S603  # ours

    def _ended(self, code: int) -> None:
        self._process = None
        if time.monotonic() - self._begun > _LIVED_WELL_SECONDS:
            self._pause = _SHORTEST_PAUSE
        if code:
            _log.warning("long_lane_ended", code=code)
            self._wait_longer()

    def _wait_longer(self) -> None:
        self._again_at = time.monotonic() + self._pause
        self._pause = min(self._pause * 2, _LONGEST_PAUSE)
