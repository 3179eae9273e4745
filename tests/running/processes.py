"""Real `relabel` processes, started as a person would and always ended."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

PATIENCE = 60
ROOT = Path(__file__).resolve().parents[2]
RELABEL = (sys.executable, "-m", "app.cli.main")
_ADDRESS = re.compile(r"Relabel is at (http://[^\s]+)")


def clean_environment(**more: str) -> dict[str, str]:
    """Nothing of Relabel's, but that no encoder reads along where a test does not say so."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("RELABEL_")}
    return {**kept, "PYTHONUNBUFFERED": "1", "RELABEL_ENCODERS": "off", **more}


def until(
    found: Callable[[], bool], what: str = "it did not happen", *, patience: float = PATIENCE
) -> None:
    """Wait for something that will come; what never comes fails the test."""
    end = time.monotonic() + patience
    while not found():
        assert time.monotonic() < end, what
        time.sleep(0.05)


def relabel(
    *arguments: str, cwd: Path | None = None, first: Callable[[], None] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a command that ends by itself; `first` is done in its process before it begins."""
    return subprocess.run(
        [*RELABEL, *arguments],
        env=clean_environment(PYTHONPATH=str(ROOT)),
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        preexec_fn=first,
    )


class Running:
    """A process with what it said so far."""

    def __init__(self, command: Sequence[str], environment: dict[str, str]) -> None:
        self.process = subprocess.Popen(
            command,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.lines: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.rstrip())

    @property
    def said(self) -> str:
        return "\n".join(self.lines)

    def wait_for(self, words: str, *, patience: float = PATIENCE) -> None:
        ended = self.process.poll
        until(lambda: words in self.said or ended() is not None, words, patience=patience)
        assert words in self.said, self.said

    @property
    def address(self) -> str:
        self.wait_for("Ctrl+C stops it.", patience=120)
        found = _ADDRESS.search(self.said)
        assert found is not None
        return found.group(1)

    def ask_to_end(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)

    def end(self) -> None:
        """Ask first, so that its own children end too."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self._reader.join(10)
        assert self.process.stdout is not None
        self.process.stdout.close()


@contextmanager
def running(
    *arguments: str, command: Sequence[str] = RELABEL, **environment: str
) -> Iterator[Running]:
    """Start a command that goes on until it is told to stop."""
    started = Running([*command, *arguments], clean_environment(**environment))
    try:
        yield started
    finally:
        started.end()


def serve(folder: Path, *more: str) -> list[str]:
    return ["serve", "--port", "0", "--data", str(folder), *more]
