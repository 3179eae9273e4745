"""The durable queue in SQL: enqueue with the work, claim under a lock, finish behind a fence."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, and_, or_, select, update
from sqlalchemy.orm import Session, aliased

from app.db.tables.jobs import Job
from app.db.types import JsonObject
from app.db.words import JobState
from app.jobs.lanes import BOTH, Lane
from app.jobs.task import NO_TASKS, Arguments, AskedBy, JobInHand, TaskName, Tasks

HEARTBEAT_SECONDS = 3
TAKEOVER_SECONDS = 15
MOST_REASON = 2_000
"""Characters kept of why a job failed: the end of it, where the cause stands."""

UNFINISHED = (JobState.WAITING, JobState.RUNNING)


class JobLost(Exception):
    """Another worker took the job over, or it was ended: this worker's word is void."""


class JobCancelled(Exception):
    """Somebody asked for the job to stop."""


class Outcome(NamedTuple):
    """How a job ended without being done, or why a try of it failed."""

    state: JobState
    reason: str


STOPPED = Outcome(JobState.CANCELLED, "Stopped on request.")


def enqueue(
    session: Session,
    task: TaskName[Arguments],
    arguments: Arguments,
    *,
    asked_by: AskedBy,
    now: datetime,
) -> Job:
    """Add a job in the caller's transaction: it exists if and only if that commits."""
    job = Job(
        task=task.name,
        arguments=task.written(arguments),
        project_id=asked_by.project_id,
        created_by=asked_by.person_id,
        created_at=now,
        run_after=now,
    )
    session.add(job)
    session.flush()
    return job


def _claimable(tasks: Tasks, lanes: Collection[Lane], now: datetime) -> ColumnElement[bool]:
    """Waiting and due, or held by a worker that went silent; never behind an older one's back."""
    silent_since = now - timedelta(seconds=TAKEOVER_SECONDS)
    return and_(
        or_(
            and_(Job.state == JobState.WAITING, Job.run_after <= now),
            and_(Job.state == JobState.RUNNING, Job.heartbeat_at < silent_since),
        ),
        *(~_behind(names) for names in tasks.series().values()),
        *([] if Lane.LONG in lanes else [Job.task.not_in(tasks.long())]),
        *([] if Lane.QUICK in lanes else [Job.task.in_(tasks.long())]),
    )


def _behind(series: list[str]) -> ColumnElement[bool]:
    """In a series where an older job of the same project is not done yet."""
    older = aliased(Job)
    first = (
        select(older.id)
        .where(
            older.task.in_(series),
            older.project_id == Job.project_id,
            older.id < Job.id,
            older.state.in_(UNFINISHED),
        )
        .exists()
    )
    return and_(Job.task.in_(series), first)


def anything_to_do(
    session: Session, tasks: Tasks, *, lanes: Collection[Lane] = BOTH, now: datetime
) -> bool:
    """A look that takes no lock, so that an idle worker never holds up a writer."""
    due = _claimable(tasks, lanes, now)
    query = select(Job.id).where(Job.state.in_(UNFINISHED), due).limit(1)
    return session.execute(query).first() is not None


def claim(
    session: Session,
    worker: str,
    tasks: Tasks,
    *,
    lanes: Collection[Lane] = BOTH,
    now: datetime,
) -> JobInHand | None:
    """Take the oldest job that may run, or a dead worker's; None when there is nothing to do.

    Who does the jobs of both lanes takes the quick ones first.
    Jobs whose worker died for the last time, or died while asked to stop, are ended on the way.
    """
    while True:
        query: Select[Job] = (
            select(Job)
            .where(Job.state.in_(UNFINISHED), _claimable(tasks, lanes, now))
            .order_by(Job.task.in_(tasks.long()), Job.id)
            .limit(1)
            .with_for_update(skip_locked=True, of=Job)
        )
        job = session.execute(query).scalar_one_or_none()
        if job is None:
            return None
        if job.cancel_asked:
            _end(session, job, STOPPED, tasks=tasks, now=now)
        elif job.attempts >= tasks.tries(job.task):
            message = (
                f"The worker process ended while it worked on this, {job.attempts} times. "
                f"{job.message}".strip()
            )
            _end(session, job, Outcome(JobState.DEAD, message), tasks=tasks, now=now)
        else:
            return _take(session, job, worker, now=now)


def _take(session: Session, job: Job, worker: str, *, now: datetime) -> JobInHand:
    job.state = JobState.RUNNING
    job.attempts += 1
    job.fence += 1
    job.worker = worker
    job.heartbeat_at = now
    job.started_at = job.started_at or now
    job.step, job.step_done, job.step_total = "", 0, 0
    session.flush()
    return _in_hand(job)


def _in_hand(job: Job) -> JobInHand:
    return JobInHand(
        id=job.id,
        fence=job.fence,
        task=job.task,
        arguments=dict(job.arguments),
        project_id=job.project_id,
        created_by=job.created_by,
        attempt=job.attempts,
    )


def _end(session: Session, job: Job, outcome: Outcome, *, tasks: Tasks, now: datetime) -> None:
    job.fence += 1
    job.state = outcome.state
    job.message = outcome.reason[-MOST_REASON:]
    job.finished_at = now
    session.flush()
    tasks.told_ended(session, _in_hand(job), job.state, job.message, now)


def hold(session: Session, job: JobInHand) -> Job:
    """Lock the job's row for this transaction, or learn that it is no longer ours.

    A task calls this in every transaction whose effect must not come from a stale worker.
    """
    query = (
        select(Job)
        .where(Job.id == job.id, Job.fence == job.fence, Job.state == JobState.RUNNING)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    row = session.execute(query).scalar_one_or_none()
    if row is None:
        raise JobLost(f"job {job.id} is no longer held under fence {job.fence}")
    return row


def beat(
    session: Session, job: JobInHand, progress: tuple[str, int, int] | None, *, now: datetime
) -> bool:
    """Say that the worker lives, and how far it is; True when somebody asked it to stop."""
    values: JsonObject = {"heartbeat_at": now}
    if progress is not None:
        step, done, total = progress
        values |= {"step": step[:120], "step_done": done, "step_total": total}
    row = session.execute(
        update(Job)
        .where(Job.id == job.id, Job.fence == job.fence, Job.state == JobState.RUNNING)
        .values(values)
        .returning(Job.cancel_asked)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if row is None:
        raise JobLost(f"job {job.id} is no longer held under fence {job.fence}")
    asked: bool = row.cancel_asked
    return asked


def finish(session: Session, job: JobInHand, result: JsonObject, *, now: datetime) -> None:
    """Mark the job done; a stale worker's word is refused by the fence."""
    row = hold(session, job)
    row.state = JobState.DONE
    row.result = result
    row.message = ""
    row.finished_at = now
    if row.step_total:
        row.step_done = row.step_total
    session.flush()


def try_again(
    session: Session, job: JobInHand, reason: str, *, tasks: Tasks, now: datetime
) -> JobState:
    """Let a failed job wait, longer each time; after its last try it is dead."""
    row = hold(session, job)
    if row.cancel_asked:
        _end(session, row, STOPPED, tasks=tasks, now=now)
    elif row.attempts >= tasks.tries(row.task):
        _end(session, row, Outcome(JobState.DEAD, reason), tasks=tasks, now=now)
    else:
        row.fence += 1
        row.state = JobState.WAITING
        row.message = reason[-MOST_REASON:]
        row.run_after = now + timedelta(seconds=4 ** (row.attempts - 1))
        session.flush()
    return row.state


def give_up(
    session: Session, job: JobInHand, reason: str, *, tasks: Tasks, now: datetime
) -> JobState:
    """End a job that another try would not help, with the end of the reason."""
    row = hold(session, job)
    outcome = STOPPED if row.cancel_asked else Outcome(JobState.DEAD, reason)
    _end(session, row, outcome, tasks=tasks, now=now)
    return row.state


def stop(session: Session, job: JobInHand, *, tasks: Tasks, now: datetime) -> None:
    """End a running job that somebody asked to stop."""
    _end(session, hold(session, job), STOPPED, tasks=tasks, now=now)


def put_back(session: Session, job: JobInHand, *, now: datetime) -> None:
    """Return a job untouched when the worker is told to go; the attempt does not count."""
    row = hold(session, job)
    row.fence += 1
    row.attempts -= 1
    row.state = JobState.WAITING
    row.run_after = now
    session.flush()


def cancel(
    session: Session, job_id: int, *, now: datetime, tasks: Tasks = NO_TASKS
) -> JobState | None:
    """Stop a waiting job at once and ask a running one to stop; None if there is no such job.

    Of a job stopped at once its task hears if `tasks` has it; without, the caller tidies up.
    """
    query = select(Job).where(Job.id == job_id).with_for_update()
    job = session.execute(query.execution_options(populate_existing=True)).scalar_one_or_none()
    if job is None:
        return None
    if job.state is JobState.WAITING:
        _end(session, job, STOPPED, tasks=tasks, now=now)
    elif job.state is JobState.RUNNING:
        job.cancel_asked = True
    session.flush()
    return job.state
