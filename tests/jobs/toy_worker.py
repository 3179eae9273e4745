"""A worker process with toy tasks: `python -m tests.jobs.toy_worker URL NAME FOLDER`."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

import app.db.tables.all  # noqa: F401  # foreign keys need every table
from app.db.engine import open_engine
from app.jobs.queue import Claimed
from app.jobs.work import Progress, Task, Work


def toys(folder: Path) -> dict[str, Task]:
    def write(engine: Engine, job: Claimed, progress: Progress) -> dict[str, Any]:
        """Harmless when run twice: the file holds the same words."""
        (folder / f"{job.arguments['name']}.txt").write_text("done")
        return {"name": job.arguments["name"]}

    def linger(engine: Engine, job: Claimed, progress: Progress) -> None:
        (folder / f"{job.arguments['name']}.started").write_text(str(job.attempt))
        while not (folder / f"{job.arguments['name']}.release").exists():
            progress("waiting", 1, 2)
            time.sleep(0.05)

    def abort(engine: Engine, job: Claimed, progress: Progress) -> None:
        (folder / f"{job.arguments['name']}.started").write_text(str(job.attempt))
        os.kill(os.getpid(), signal.SIGKILL)

    def deaf(engine: Engine, job: Claimed, progress: Progress) -> None:
        (folder / f"{job.arguments['name']}.started").write_text(str(job.attempt))
        time.sleep(600)

    def raises(engine: Engine, job: Claimed, progress: Progress) -> None:
        raise RuntimeError("x" * 5_000 + " the bottom of it")

    def greedy(engine: Engine, job: Claimed, progress: Progress) -> None:
        bytearray(1 << 62)

    return {
        "greedy": greedy,
        "write": write,
        "linger": linger,
        "abort": abort,
        "deaf": deaf,
        "raises": raises,
    }


def main() -> None:
    url, name, folder = sys.argv[1:4]
    work = Work(open_engine(url), name, toys(Path(folder)))
    signal.signal(signal.SIGTERM, lambda *_: work.leave())
    (Path(folder) / f"{name}.ready").write_text(str(os.getpid()))
    if not work.until_told_to_go():
        os._exit(0)


if __name__ == "__main__":
    main()
