"""Child processes that are kept alive, and all ended together within seconds."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence

from app.cli.screen import errors
from app.jobs import kept_alive
from app.jobs.kept_alive import LONGEST_SECONDS, GrowingPause

GRACE_SECONDS = 4.7
_LOOK_SECONDS = 0.1
_SHORTEST_PAUSE = 0.1


class Child:
    """One process, begun again when it ends unasked, after a pause that grows."""

    def __init__(
        self,
        name: str,
        arguments: Sequence[str],
        *,
        environment: Mapping[str, str],
        descriptors: Sequence[int] = (),
        once: bool = False,
        longest_pause: float = LONGEST_SECONDS,
    ) -> None:
        self.name = name
        self._once = once
        self._arguments = [sys.executable, *arguments]
        self._environment = dict(environment)
        self._descriptors = tuple(descriptors)
        self._process: subprocess.Popen[bytes] | None = None
        self._pause = GrowingPause(_SHORTEST_PAUSE, longest_pause)
        self._again = False
        self._over = False

    def look_after(self) -> None:
        """Start it if it is due, and notice when it ended."""
        if self._over:
            return
        if self._process is None:
            if self._pause.is_over:
                self._start()
            return
        code = self._process.poll()
        if code is None:
            return
        if self._once:
            self._over = True
            if code:
                errors.print(f"The {self.name} process failed ({_reason(code)}).", markup=False)
            return
        self._pause.end()
        self._process = None
        self._again = True
        errors.print(
            f"The {self.name} process ended ({_reason(code)}); "
            f"starting it again in {self._pause.wait():g} s.",
            markup=False,
        )

    def _start(self) -> None:
        self._pause.begin()
        # A group of its own: Ctrl+C reaches the supervisor alone, which then ends its children.
        self._process = subprocess.Popen(  # noqa: S603  # our own modules, no outside words
            self._arguments,
            env=self._environment,
            pass_fds=self._descriptors,
            start_new_session=True,
        )
        if self._again:
            errors.print(f"The {self.name} process was started again.", markup=False)

    def ask_to_end(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)

    def end_by(self, deadline: float) -> None:
        kept_alive.end_by(self._process, deadline)


def _reason(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit code {code}"


class Stop:
    """SIGTERM and SIGINT, heard once."""

    def __init__(self) -> None:
        self._heard = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._heard.set())

    def heard(self) -> bool:
        return self._heard.is_set()

    def wait(self, seconds: float) -> None:
        self._heard.wait(seconds)


def keep_alive(children: Sequence[Child], stop: Stop) -> None:
    """Look after the children until told to stop; then end all of them."""
    try:
        while not stop.heard():
            for child in children:
                child.look_after()
            stop.wait(_LOOK_SECONDS)
    finally:
        deadline = time.monotonic() + GRACE_SECONDS
        for child in children:
            child.ask_to_end()
        for child in children:
            child.end_by(deadline)


def environment(changes: Mapping[str, str]) -> dict[str, str]:
    """This process's environment with some variables set."""
    return {**os.environ, **changes}
