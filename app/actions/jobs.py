"""Where jobs stand, as pages, programs and commands tell it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from app.actions.tasks.registry import TASKS
from app.db.engine import database_now
from app.db.tables.jobs import Job
from app.jobs.waiting import Look, waits_for


def waiting_words(session: Session, job: Job, *, now: datetime, everywhere: bool = False) -> str:
    """What a job waits for and about how long; empty for one that does not wait."""
    return waits_for(Look(session, TASKS, now, everywhere), job)


def steps_of(session: Session, jobs: Iterable[Job | None]) -> dict[int, str]:
    """By the job's id: the step it is at, or what it waits for."""
    now = database_now(session)
    return {
        job.id: _sentence(waiting_words(session, job, now=now)) or job.step or "Running"
        for job in jobs
        if job is not None
    }


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]
