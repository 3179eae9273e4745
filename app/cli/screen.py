"""What commands print: plain lines, and a bar for work that takes long."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import structlog
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from sqlalchemy import Engine, select

from app.db.engine import database_now, reading
from app.db.tables.jobs import Job
from app.jobs.queue import UNFINISHED
from app.settings import Settings

_LOOK_SECONDS = 0.25

console = Console(highlight=False, soft_wrap=True)
errors = Console(stderr=True, highlight=False, soft_wrap=True)


def hold_logs(settings: Settings) -> None:
    """A command speaks in words: what its work logs is shown for RELABEL_LOG_LEVEL=DEBUG only."""
    asked = settings.log_level.upper() == "DEBUG"
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.DEBUG if asked else logging.CRITICAL
        ),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
    )


def say(words: str) -> None:
    console.print(words, markup=False)


def step(words: str) -> None:
    """Name the step that begins, as make does."""
    console.print(f"==> {words}", markup=False)


def bar(where: Console = console) -> Progress:
    return Progress(
        TextColumn("    {task.description}"),
        BarColumn(bar_width=24),
        TextColumn("{task.completed:.0f}/{task.total:.0f}"),
        TimeElapsedColumn(),
        console=where,
        transient=True,
        disable=not where.is_terminal,
    )


class Bar:
    """The bar of work done in this process: itself what the work calls as `progress`."""

    def __init__(self, shown: Progress) -> None:
        self._shown = shown
        self._line = shown.add_task("", total=1, completed=0)

    def __call__(self, step: str, done: int, total: int) -> None:
        self._shown.update(self._line, description=step, completed=done, total=max(1, total))

    @contextmanager
    def away(self) -> Iterator[None]:
        """Take the bar off the screen while somebody is asked something."""
        self._shown.stop()
        yield
        self._shown.start()


@contextmanager
def following(where: Console = console) -> Iterator[Bar]:
    with bar(where) as shown:
        yield Bar(shown)


def watch(engine: Engine, job_id: int, *, alive: Callable[[], bool]) -> Job:
    """Show a job's steps until it ended, or until nobody works on it any more."""
    from app.actions.jobs import waiting_words  # what commands that watch no job do not load

    with bar() as shown:
        line = shown.add_task("waiting for a worker", total=1, completed=0)
        while True:
            with reading(engine) as session:
                job = session.execute(select(Job).where(Job.id == job_id)).scalar_one()
                now = database_now(session)
                waits = waiting_words(session, job, now=now, everywhere=True)
            shown.update(
                line,
                description=waits or job.step or "running",
                completed=job.step_done,
                total=max(1, job.step_total),
            )
            if job.state not in UNFINISHED or not alive():
                return job
            time.sleep(_LOOK_SECONDS)
