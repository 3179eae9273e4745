"""Jobs: how far they are, and stopping them; for programs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel
from sqlalchemy.orm import Session

from app.db.tables.jobs import Job
from app.db.words import JobState, Role
from app.errors import NotFound
from app.jobs import queue
from app.jobs.workers import workers_alive
from app.web.payloads import PathId
from app.web.sessions import Reading, Writing
from app.web.who import Asking, Now, at_project

router = APIRouter(prefix="/api/v1")


class JobShown(BaseModel):
    id: int
    task: str
    state: JobState
    step: str
    step_done: int
    step_total: int
    message: str
    result: dict[str, Any]
    no_worker: bool


def job_shown(session: Session, job: Job, now: datetime) -> JobShown:
    return JobShown(
        id=job.id,
        task=job.task,
        state=job.state,
        step=job.step,
        step_done=job.step_done,
        step_total=job.step_total,
        message=job.message,
        result=job.result,
        no_worker=workers_alive(session, now=now) == 0,
    )


def _found_job(session: Session, project_id: int, job_id: int) -> Job:
    job = session.get(Job, job_id)
    if job is None or job.project_id != project_id:
        raise NotFound()
    return job


@router.get("/projects/{slug}/jobs/{job_id}")
def show_job(slug: str, job_id: PathId, asking: Asking, session: Reading, now: Now) -> JobShown:
    here = at_project(session, asking, slug, Role.LEAD)
    return job_shown(session, _found_job(session, here.project.id, job_id), now)


@router.post("/projects/{slug}/jobs/{job_id}/cancel")
def cancel_job(slug: str, job_id: PathId, asking: Asking, session: Writing, now: Now) -> JobShown:
    here = at_project(session, asking, slug, Role.LEAD)
    job = _found_job(session, here.project.id, job_id)
    queue.cancel(session, job.id, now=now)
    return job_shown(session, job, now)
