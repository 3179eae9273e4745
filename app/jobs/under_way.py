"""Jobs of a project that wait or run, by their task: asked for again, they are the same."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.db.tables.jobs import Job
from app.db.words import JobState
from app.jobs.queue import UNFINISHED, enqueue
from app.jobs.task import Arguments, AskedBy, TaskName


def is_under_way(
    project: ColumnElement[int] | InstrumentedAttribute[int] | int | None,
    task: TaskName[Arguments],
) -> ColumnElement[bool]:
    """Of a `Job`: it is this task of this project, and waits or runs."""
    return and_(Job.project_id == project, Job.task == task.name, Job.state.in_(UNFINISHED))


def jobs_under_way(session: Session, project_id: int, task: TaskName[Arguments]) -> list[Job]:
    """The oldest first: it is the one that runs, if one does."""
    query = select(Job).where(is_under_way(project_id, task)).order_by(Job.id)
    return list(session.scalars(query))


def job_under_way(
    session: Session, project_id: int | None, task: TaskName[Arguments]
) -> Job | None:
    """The oldest."""
    query = select(Job).where(is_under_way(project_id, task)).order_by(Job.id).limit(1)
    return session.scalars(query).first()


def enqueue_once(
    session: Session,
    task: TaskName[Arguments],
    arguments: Arguments,
    *,
    asked_by: AskedBy,
    now: datetime,
) -> Job:
    """Asked again for the same project, it is the same job as long as it waits or runs."""
    there = job_under_way(session, asked_by.project_id, task)
    return there or enqueue(session, task, arguments, asked_by=asked_by, now=now)


def ask_once(
    session: Session,
    task: TaskName[Arguments],
    arguments: Arguments,
    *,
    asked_by: AskedBy,
    now: datetime,
) -> Job:
    """Enqueue it; one that waits already and asks for the same is returned instead.

    One that was begun may have read before what was just done. The one that waits is held: no
    worker begins it before this transaction has left.
    """
    query = (
        select(Job)
        .where(
            Job.project_id == asked_by.project_id,
            Job.task == task.name,
            Job.state == JobState.WAITING,
            Job.attempts == 0,
        )
        .with_for_update(skip_locked=True)
    )
    wanted = task.written(arguments)
    for waiting in session.scalars(query):
        if waiting.arguments == wanted:
            return waiting
    return enqueue(session, task, arguments, asked_by=asked_by, now=now)
