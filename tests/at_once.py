"""Everything `make test` checks, side by side: what one part waits for is another's time.

The tests tell as they go. Each other part tells when it has ended, so that no words are mixed;
where the style or the types are wrong, nothing more is waited for. A part that fails fails all.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

MEMORY = Path("/dev/shm")
ENOUGH = 4 << 30  # bytes of it that have to be free
_LOOK_AGAIN = 0.2  # seconds


@dataclass(frozen=True)
class Part:
    """A command, by the name it is spoken of."""

    name: str
    command: Sequence[str]
    aloud: bool = False  # says what it says at once
    first: bool = False  # where it fails, the others need not go on


@dataclass
class _Running:
    part: Part
    said: IO[bytes]
    process: subprocess.Popen[bytes] = field(init=False)

    def begin(self, environment: Mapping[str, str]) -> None:
        said = None if self.part.aloud else self.said
        self.process = subprocess.Popen(
            self.part.command,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            env=environment,
            start_new_session=True,  # Ctrl+C is passed on, once
            preexec_fn=_may_be_interrupted,
        )

    def tell(self) -> None:
        self.said.seek(0)
        sys.stdout.write(f"\n{self.said.read().decode(errors='replace')}")
        sys.stdout.flush()


def run(parts: Sequence[Part], environment: Mapping[str, str]) -> list[str]:
    """Do all parts at once; the names of those that failed."""
    with tempfile.TemporaryDirectory() as folder:
        started = [
            _Running(part, (Path(folder) / str(place)).open("w+b"))
            for place, part in enumerate(parts)
        ]
        try:
            for one in started:
                one.begin(environment)
            return _followed(started)
        finally:
            for one in started:
                _end(one.process)
                one.said.close()


def _followed(started: Sequence[_Running]) -> list[str]:
    failed, going = [], list(started)
    while going:
        for one in [one for one in going if one.process.poll() is not None]:
            going.remove(one)
            one.tell()
            if one.process.returncode:
                failed.append(one.part.name)
                if one.part.first:
                    return failed
        time.sleep(_LOOK_AGAIN)
    return failed


def _may_be_interrupted() -> None:
    """Whatever is started in the background of a shell is deaf to it, and so are its children."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def _end(process: subprocess.Popen[bytes]) -> None:
    """As Ctrl+C does: its own children and databases end with it."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGINT)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@contextmanager
def in_memory() -> Iterator[dict[str, str]]:
    """An environment whose temporary files are in memory, where there is enough of it.

    Everything is written and made durable as ever, a thousand times a minute, without a disk.
    """
    if not MEMORY.is_dir() or shutil.disk_usage(MEMORY).free < ENOUGH:
        yield dict(os.environ)
        return
    folder = Path(tempfile.mkdtemp(prefix="rl-", dir=MEMORY))
    folder.chmod(0o711)  # PostgreSQL is another user where root runs the tests
    try:
        yield os.environ | {"TMPDIR": str(folder)}
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def compiled_once(environment: Mapping[str, str]) -> dict[str, str]:
    """Python keeps what it compiled, even where it is told not to: tests start hundreds of it."""
    return {**environment, "PYTHONDONTWRITEBYTECODE": ""}


def everything(make: str, workers: int) -> list[Part]:
    tests = [sys.executable, "-m", "pytest", "-q", "--dist", "worksteal"]
    return [
        Part("make lint", [make, "--no-print-directory", "lint"], first=True),
        Part("the browser tests", [*tests, "-n", "1", "tests/browser"]),
        Part("the tests", [*tests, "-n", str(workers), "--ignore", "tests/browser"], aloud=True),
    ]


def stopped(number: int, _: object) -> None:
    """Leave as after Ctrl+C: what was started ends too."""
    raise SystemExit(128 + number)


def main() -> int:
    asked = argparse.ArgumentParser(description="Run all checks at once.")
    asked.add_argument("--make", default="make")
    asked.add_argument("--workers", type=int, default=2)
    told = asked.parse_args()
    signal.signal(signal.SIGTERM, stopped)  # by a time limit, or by who runs it elsewhere
    with in_memory() as environment:
        failed = run(everything(told.make, told.workers), compiled_once(environment))
    if failed:
        print(f"==> Failed: {', '.join(failed)}. What it said stands above.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
