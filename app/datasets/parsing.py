"""Start the parser as a process of its own, follow it, and end it when it has to end."""

from __future__ import annotations

import os
import re
import selectors
import subprocess
import sys
import time
from pathlib import Path
from typing import cast

import orjson
import structlog

import app
from app.datasets.parse_job import ParseJob
from app.datasets.report import ArrayReport, ModelReport, Report
from app.progress import Progress, quiet

WALL_SECONDS = 1800
_TICK = 0.2
_CHILD = """
import gc
gc.disable()  # what is loaded stays: looking through it for garbage was a sixth of the start
from app.datasets.parse_child import main
gc.freeze()
gc.enable()
main()
"""
# The innermost place of a traceback, the code that stands there, and the error's class.
_TRACE = re.compile(
    r"""^  File ".*?([^"/\\]+)", line (\d+).*\n(?:    .*\n)*([A-Za-z_][\w.]*)""", re.M
)
_ROOT = Path(app.__file__).resolve().parent.parent

_log = structlog.get_logger("relabel.worker")


class ParserCrashed(Exception):
    """The parser ended without a report: out of time, out of memory, or killed."""


def read_file(job: ParseJob, progress: Progress = quiet) -> Report:
    """Read a file in a limited child; `progress` may raise, which ends the child."""
    return cast(Report, _run(job, progress))


def read_array(job: ParseJob, progress: Progress = quiet) -> ArrayReport:
    """Read arrays that came by themselves, likewise."""
    return cast(ArrayReport, _run(job, progress))


def read_predictions(job: ParseJob, progress: Progress = quiet) -> ModelReport:
    """Read what a model predicts, likewise."""
    return cast(ModelReport, _run(job, progress))


def start(folder: Path) -> subprocess.Popen[bytes]:
    """A parser that waits for its job, in the folder it may write into."""
    return subprocess.Popen(  # noqa: S603  # these words alone
        [sys.executable, "-P", "-c", _CHILD],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
        cwd=folder,
    )


def _run(job: ParseJob, progress: Progress) -> dict[str, object]:
    child = start(job.work)
    try:
        assert child.stdin is not None
        child.stdin.write(job.as_json())
        child.stdin.close()
        report = _follow(child, progress)
    finally:
        child.kill()  # a report is its last word: nobody waits until it has tidied up
        child.wait()
        for pipe in (child.stdout, child.stderr):
            if pipe is not None:
                pipe.close()
    return report


def environment() -> dict[str, str]:
    """Nothing of ours: no database, no tokens."""
    passed_on = {
        name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR") if name in os.environ
    }
    return passed_on | {
        "PYTHONPATH": str(_ROOT),
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "PYTHONUTF8": "1",
    }


def _follow(child: subprocess.Popen[bytes], progress: Progress) -> dict[str, object]:
    """Read what the child says until it gives its report."""
    assert child.stdout is not None and child.stderr is not None
    heard, noise, began = b"", b"", time.monotonic()
    last = ("starting", 0, 0)
    progress(*last)
    with selectors.DefaultSelector() as waiting:
        waiting.register(child.stdout, selectors.EVENT_READ)
        waiting.register(child.stderr, selectors.EVENT_READ)
        while waiting.get_map():
            for key, _ in waiting.select(timeout=_TICK):
                block = os.read(key.fd, 1 << 16)
                if not block:
                    waiting.unregister(key.fileobj)
                elif key.fileobj is child.stderr:
                    noise = (noise + block)[-4000:]
                else:
                    heard += block
            *lines, heard = heard.split(b"\n")
            for said in map(orjson.loads, lines):
                if "report" in said:
                    return dict(said["report"])
                last = (said["step"], said["done"], said["total"])
            progress(*last)
            if time.monotonic() - began > WALL_SECONDS:
                raise ParserCrashed("it took longer than half an hour")
    note_death(noise)
    raise ParserCrashed(_why_it_ended(noise))


def note_death(noise: bytes) -> None:
    """Where it ended and by what, for the log: never the message, which may quote the file."""
    traces = list(_TRACE.finditer(noise.decode("utf-8", "replace")))
    file, line, kind = traces[-1].groups() if traces else ("", "", "")
    _log.warning("parser_crashed", place=f"{file}:{line}" if file else "", kind=kind)


def _why_it_ended(noise: bytes) -> str:
    """In words: what the child said in its last moment is for the log."""
    if b"MemoryError" in noise:
        return "it needed more memory than it may use"
    return "something in the file is more than it can read" if noise.strip() else "it was killed"
