"""Parsers begin as copies of one that has loaded its modules: a worker of tests starts thousands.

Each is a process of its own with the same limits, folder and pipes as ever. It is forked from one
that was started as a parser is, instead of being started so itself, which takes 20 times as long.
The tests of that start and of every format of a file begin theirs anew (`started_anew`).
"""

from __future__ import annotations

import atexit
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

import pytest

from app.datasets import parsing

_LOADED = """
import gc
gc.disable()
import json, os, socket, sys
from app.datasets.parse_child import main
import numpy, openpyxl, PIL.Image, pyarrow.csv, pyarrow.parquet

def begin(folder, pipes):
    asked.close()
    for number, pipe in enumerate(pipes):
        os.dup2(pipe, number)
        os.close(pipe)
    os.chdir(folder)
    gc.enable()
    failed = 1
    try:
        main()
        failed = 0
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(failed)

gc.freeze()
asked = socket.socket(fileno=int(sys.argv[1]))
while True:
    told, pipes, _, _ = socket.recv_fds(asked, 4096, 3)
    if not told:
        break
    request = json.loads(told)
    if "ended" in request:
        reply = os.waitpid(request["ended"], 0)[1]
    else:
        reply = os.fork()
        if reply == 0:
            begin(request["folder"], pipes)
        for pipe in pipes:
            os.close(pipe)
    asked.sendall(str(reply).encode())
"""


class _Loaded:
    """A process that has loaded what a parser loads, and makes copies of itself."""

    def __init__(self) -> None:
        self.environment = parsing.environment()
        self._asked, theirs = socket.socketpair()
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-c", _LOADED, str(theirs.fileno())],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            env=self.environment,
            pass_fds=[theirs.fileno()],
        )
        theirs.close()
        self._turn = threading.Lock()

    def ask(self, what: dict[str, Any], pipes: Sequence[int] = ()) -> int:
        with self._turn:
            socket.send_fds(self._asked, [json.dumps(what).encode()], pipes)
            return int(self._asked.recv(64))

    def end(self) -> None:
        self._asked.close()
        self._process.wait()


_loaded: list[_Loaded] = []
_making = threading.Lock()


def _the_loaded() -> _Loaded:
    """The one of this environment: a test may have changed what a parser is told of it."""
    with _making:
        if not _loaded or _loaded[-1].environment != parsing.environment():
            made = _Loaded()
            atexit.register(made.end)
            _loaded.append(made)
        return _loaded[-1]


class _Copy:
    """Of a process what `parsing` asks of it."""

    def __init__(self, folder: Path) -> None:
        self._loaded = _the_loaded()
        (job, self.stdin), (self.stdout, said), (self.stderr, noise) = (_pipe() for _ in range(3))
        theirs = (job, said, noise)
        self.pid = self._loaded.ask({"folder": str(folder)}, [one.fileno() for one in theirs])
        for one in theirs:
            one.close()

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)  # also of one that has ended: it was not waited for yet

    def wait(self) -> int:
        return self._loaded.ask({"ended": self.pid})


def _pipe() -> tuple[IO[bytes], IO[bytes]]:
    read, write = os.pipe()
    return os.fdopen(read, "rb"), os.fdopen(write, "wb")


_start = parsing.start


def copy() -> None:
    """From now on a parser is a copy, in this process."""
    parsing.start = _Copy  # type: ignore[assignment]  # as good as a process


@pytest.fixture
def started_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parsers are started as they are in use."""
    monkeypatch.setattr(parsing, "start", _start)
