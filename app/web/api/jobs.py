"""Jobs: how far they are, and stopping them; for programs."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel
from sqlalchemy.orm import Session

from app.actions.jobs import waiting_words
from app.actions.scoring import cancel_job, job_of_project
from app.actions.tasks.registry import TASKS
from app.db.tables.jobs import Job
from app.db.types import JsonObject
from app.db.words import JobState
from app.jobs.workers import workers_alive
from app.web.payloads import PathId
from app.web.who import Acting, Looking

router = APIRouter(prefix="/api/v1")


class JobShown(BaseModel):
    """`doing` names the task in words; `waits_for` says what a waiting job waits for and about how
    long; `next_step` says what to do, once the job is dead."""

    id: int
    task: str
    doing: str
    state: JobState
    waits_for: str
    step: str
    step_done: int
    step_total: int
    message: str
    next_step: str
    result: JsonObject
    no_worker: bool


def job_shown(session: Session, job: Job, now: datetime) -> JobShown:
    words = TASKS[job.task].words if job.task in TASKS else None
    return JobShown(
        id=job.id,
        task=job.task,
        doing=words.doing if words else job.task,
        state=job.state,
        waits_for=waiting_words(session, job, now=now),
        step=job.step,
        step_done=job.step_done,
        step_total=job.step_total,
        message=job.message,
        next_step=words.when_dead if words and job.state is JobState.DEAD else "",
        result=job.result,
        no_worker=workers_alive(session, now=now) == 0,
    )


@router.get("/projects/{slug}/jobs/{job_id}")
def show_job(caller: Looking, slug: str, job_id: PathId) -> JobShown:
    job = job_of_project(caller, slug, job_id)
    return job_shown(caller.session, job, caller.now)


@router.post("/projects/{slug}/jobs/{job_id}/cancel")
def stop_job(caller: Acting, slug: str, job_id: PathId) -> JobShown:
    job = cancel_job(caller, slug, job_id)
    return job_shown(caller.session, job, caller.now)
