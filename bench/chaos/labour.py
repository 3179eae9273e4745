"""A background worker of a run: the real loop and tasks, with small chunks and a short patience."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import structlog

import app.worker as worker
from app import failpoints
from app.actions.tasks.registry import TASKS
from app.datasets import commit
from app.db.engine import open_engine
from app.jobs import pulse, queue
from app.jobs.task import Tasks
from app.ranking import scores
from app.settings import Settings
from bench.chaos import mutants

TAKEOVER = 1.0  # seconds without a heartbeat until another worker takes the job
CHUNK = 20


def hurry() -> None:
    """Everything that takes long elsewhere is short in this process; deaths are not counted."""
    quick: list[tuple[Any, str, Any]] = [
        (queue, "TAKEOVER_SECONDS", TAKEOVER),
        (worker, "TASKS", Tasks(*(replace(task, tries=1_000) for task in TASKS.values()))),
        (pulse, "HEARTBEAT_SECONDS", TAKEOVER / 4),
        (commit, "CHUNK", CHUNK),
        (scores, "CHUNK", CHUNK),
    ]
    for module, name, value in quick:
        if not hasattr(module, name):
            raise AttributeError(f"{module.__name__} has no {name} any more")
        setattr(module, name, value)


def labour(url: str, folder: str, mutant: str, places: str, seed: int) -> None:
    """Work until killed."""
    structlog.configure(processors=[_drop])
    hurry()
    mutants.plant(mutant)
    settings = Settings(database=url, data=Path(folder))
    engine = open_engine(url, pool_size=3)
    failpoints.arm(places, seed=seed)
    parent = os.getppid()
    work = worker.open_work(engine, settings, parent_lives=lambda: os.getppid() == parent)
    work.until_told_to_go()


def _drop(*given: Any) -> Any:
    raise structlog.DropEvent
