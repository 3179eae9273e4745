"""What keeps a child process alive: a pause before it is begun again, and an end by a deadline."""

from __future__ import annotations

import subprocess
import time

LONGEST_SECONDS = 30.0
_LIVED_WELL_SECONDS = 30.0


class GrowingPause:
    """Twice as long after each process that died young; the shortest after one that lived well."""

    def __init__(self, shortest: float, longest: float = LONGEST_SECONDS) -> None:
        self._shortest, self._longest = shortest, longest
        self._next = shortest
        self._begun = self._over_at = 0.0

    @property
    def is_over(self) -> bool:
        return time.monotonic() >= self._over_at

    def begin(self) -> None:
        """A process is begun."""
        self._begun = time.monotonic()

    def end(self) -> None:
        """It ended."""
        if time.monotonic() - self._begun > _LIVED_WELL_SECONDS:
            self._next = self._shortest

    def wait(self) -> float:
        """Pause from now on; for how many seconds."""
        seconds = self._next
        self._over_at = time.monotonic() + seconds
        self._next = min(seconds * 2, self._longest)
        return seconds


def end_by(process: subprocess.Popen[bytes] | None, deadline: float) -> None:
    """Wait for a process that was asked to end; one that still runs then is killed."""
    if process is None:
        return
    try:
        process.wait(max(0.0, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
