"""A worker process with toy tasks: `python -m tests.jobs.toy_worker URL NAME FOLDER`.

Every toy is there for each lane: `linger` is quick, `long_linger` is long.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import app.db.tables.all  # noqa: F401  # foreign keys need every table
from app.db.engine import open_engine
from app.jobs.lanes import Lane
from app.jobs.task import AtWork, Task, TaskName, Tasks, TaskWords
from app.jobs.work import Beside, Work
from app.settings import Settings


@dataclass(frozen=True)
class Named:
    name: str = ""


def named(task: str) -> TaskName[Named]:
    return TaskName(task, Named)


def toys(folder: Path) -> Tasks:
    def started(at: AtWork, asked: Named) -> None:
        (folder / f"{asked.name}.pid").write_text(str(os.getpid()))
        (folder / f"{asked.name}.started").write_text(str(at.job.attempt))

    def write(at: AtWork, asked: Named) -> dict[str, object]:
        """Harmless when run twice: the file holds the same words."""
        (folder / f"{asked.name}.txt").write_text("done")
        return {"name": asked.name}

    def linger(at: AtWork, asked: Named) -> None:
        started(at, asked)
        while not (folder / f"{asked.name}.release").exists():
            at.progress("waiting", 1, 2)
            time.sleep(0.05)

    def abort(at: AtWork, asked: Named) -> None:
        started(at, asked)
        os.kill(os.getpid(), signal.SIGKILL)

    def deaf(at: AtWork, asked: Named) -> None:
        started(at, asked)
        time.sleep(600)

    def raises(at: AtWork, asked: Named) -> None:
        raise RuntimeError("x" * 5_000 + " the bottom of it")

    def fills(at: AtWork, asked: Named) -> None:
        with Path("/dev/full").open("wb") as full:  # the kernel's own full disk
            full.write(b"x")

    def greedy(at: AtWork, asked: Named) -> None:
        bytearray(1 << 62)

    words = TaskWords("Playing", "the game in", ("waiting",), "Nothing is lost.")
    runs = (greedy, write, linger, abort, deaf, raises, fills)
    quick = (Task(named(run.__name__), run, words, Lane.QUICK) for run in runs)
    long = (Task(named(f"long_{run.__name__}"), run, words, Lane.LONG) for run in runs)
    return Tasks(*quick, *long)


def main() -> None:
    url, name, folder = sys.argv[1:4]
    settings = Settings(data=Path(folder))
    parent, itself = os.getppid(), (sys.executable, "-m", "tests.jobs.toy_worker")
    if "long" in sys.argv[4:]:
        beside = Beside(parent_lives=lambda: os.getppid() == parent, lanes=(Lane.LONG,))
    else:
        beside = Beside(long_lane=(*itself, url, f"{name}-long", folder, "long"))
    work = Work(open_engine(url), name, toys(Path(folder)), settings, beside)
    signal.signal(signal.SIGTERM, lambda *_: work.leave())
    (Path(folder) / f"{name}.ready").write_text(str(os.getpid()))
    if not work.until_told_to_go():
        os._exit(0)


if __name__ == "__main__":
    main()
