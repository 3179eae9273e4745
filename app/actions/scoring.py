"""Rank a project's examples anew, and stop long work that is not wanted any more."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from app.accounts.membership import require
from app.actions.tasks.registry import TASKS
from app.actions.turn import Caller, project_at, work_by_slug
from app.datasets.projects import project_named
from app.db.tables.jobs import Job
from app.db.words import Role
from app.errors import NotFound
from app.jobs import queue
from app.ranking.runs import ScoringRequest, start_scoring
from app.review.books.may import check_in_use


def rank_anew(caller: Caller, slug: str, request: ScoringRequest) -> Job:
    """Have the worker rank a project; a lead asks, and the same asked twice is one job."""
    with work_by_slug(caller, slug, Role.LEAD) as turn:
        asker = turn.member.person_id
        return start_scoring(turn.session, turn.project_id, request, created_by=asker, now=turn.now)


def rank_anew_at_console(
    session: Session, slug: str, request: ScoringRequest, *, now: datetime
) -> Job:
    """`rank_anew` for whoever holds the machine: nobody is asked who they are."""
    project = project_named(session, slug)
    check_in_use(project)
    return start_scoring(session, project.id, request, created_by=None, now=now)


def job_of_project(caller: Caller, slug: str, job_id: int) -> Job:
    """A job of a project that the caller leads."""
    project = project_at(caller.session, caller.who, slug)
    require(caller.in_project(project.id), Role.LEAD)
    job = caller.session.get(Job, job_id)
    if job is None or job.project_id != project.id:
        raise NotFound()
    return job


def cancel_job(caller: Caller, slug: str, job_id: int) -> Job:
    """Stop a job that waits at once, and one that runs at its next step.

    The project is not locked: a worker locks the job first and the project second, so that the
    other order here could leave the two waiting for each other.
    """
    job = job_of_project(caller, slug, job_id)
    queue.cancel(caller.session, job.id, tasks=TASKS, now=caller.now)
    return job
