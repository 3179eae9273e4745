"""The durable queue in SQL: enqueue with the work, claim under a lock, finish behind a fence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, CursorResult, Select, and_, or_, select, update
from sqlalchemy.orm import Session, aliased

from app.db.tables.jobs import Job
from app.db.words import JobState

HEARTBEAT_SECONDS = 3
TAKEOVER_SECONDS = 15
MOST_ATTEMPTS = 3
MOST_REASON = 2_000
"""Characters kept of why a job failed: the end of it, where the cause stands."""

ONE_AT_A_TIME = frozenset({"score", "import_commit"})
"""Of these tasks a project runs the oldest; later ones wait for it."""

UNFINISHED = (JobState.WAITING, JobState.RUNNING)


class JobLost(Exception):
    """Another worker took the job over, or it was ended: this worker's word is void."""


class JobCancelled(Exception):
    """Somebody asked for the job to stop."""


@dataclass(frozen=True)
class Claimed:
    """A job in a worker's hands; `fence` tells this hold from any other."""

    id: int
    fence: int
    task: str
    arguments: dict[str, Any]
    project_id: int | None
    created_by: int | None
    attempt: int


EndedHook = Callable[[Session, Claimed, JobState, str, datetime], None]
"""Told in the same transaction that a job ended without being done, and why."""


def unheard_end(
    session: Session, job: Claimed, state: JobState, message: str, now: datetime
) -> None:
    """For queues whose tasks keep nothing that an ended job would have to tidy."""


def enqueue(
    session: Session,
    task: str,
    arguments: dict[str, Any],
    *,
    project_id: int | None,
    created_by: int | None,
    now: datetime,
) -> Job:
    """Add a job in the caller's transaction: it exists if and only if that commits."""
    job = Job(
        task=task,
        arguments=arguments,
        project_id=project_id,
        created_by=created_by,
        created_at=now,
        run_after=now,
    )
    session.add(job)
    session.flush()
    return job


def _claimable(now: datetime) -> ColumnElement[bool]:
    """Waiting and due, or held by a worker that went silent; never behind an older sibling."""
    older = aliased(Job)
    behind = (
        select(older.id)
        .where(
            older.task == Job.task,
            older.project_id == Job.project_id,
            older.id < Job.id,
            older.state.in_(UNFINISHED),
        )
        .exists()
    )
    silent_since = now - timedelta(seconds=TAKEOVER_SECONDS)
    return and_(
        or_(
            and_(Job.state == JobState.WAITING, Job.run_after <= now),
            and_(Job.state == JobState.RUNNING, Job.heartbeat_at < silent_since),
        ),
        or_(Job.task.not_in(ONE_AT_A_TIME), ~behind),
    )


def anything_to_do(session: Session, *, now: datetime) -> bool:
    """A look that takes no lock, so that an idle worker never holds up a writer."""
    query = select(Job.id).where(Job.state.in_(UNFINISHED), _claimable(now)).limit(1)
    return session.execute(query).first() is not None


def claim(
    session: Session, worker: str, *, now: datetime, ended: EndedHook = unheard_end
) -> Claimed | None:
    """Take the oldest job that may run, or a dead worker's; None when there is nothing to do.

    Jobs whose worker died for the last time, or died while asked to stop, are ended on the way.
    """
    while True:
        query: Select[Job] = (
            select(Job)
            .where(Job.state.in_(UNFINISHED), _claimable(now))
            .order_by(Job.id)
            .limit(1)
            .with_for_update(skip_locked=True, of=Job)
        )
        job = session.execute(query).scalar_one_or_none()
        if job is None:
            return None
        if job.cancel_asked:
            _end(session, job, JobState.CANCELLED, "Stopped on request.", now=now, ended=ended)
        elif job.attempts >= MOST_ATTEMPTS:
            message = (
                f"The worker process ended while it worked on this, {job.attempts} times. "
                f"{job.message}".strip()
            )
            _end(session, job, JobState.DEAD, message, now=now, ended=ended)
        else:
            return _take(session, job, worker, now=now)


def _take(session: Session, job: Job, worker: str, *, now: datetime) -> Claimed:
    job.state = JobState.RUNNING
    job.attempts += 1
    job.fence += 1
    job.worker = worker
    job.heartbeat_at = now
    job.started_at = job.started_at or now
    job.step, job.step_done, job.step_total = "", 0, 0
    session.flush()
    return _claimed(job)


def _claimed(job: Job) -> Claimed:
    return Claimed(
        id=job.id,
        fence=job.fence,
        task=job.task,
        arguments=dict(job.arguments),
        project_id=job.project_id,
        created_by=job.created_by,
        attempt=job.attempts,
    )


def _end(
    session: Session,
    job: Job,
    state: JobState,
    message: str,
    *,
    now: datetime,
    ended: EndedHook,
) -> None:
    job.fence += 1
    job.state = state
    job.message = message[-MOST_REASON:]
    job.finished_at = now
    session.flush()
    ended(session, _claimed(job), state, job.message, now)


def hold(session: Session, job: Claimed) -> Job:
    """Lock the job's row for this transaction, or learn that it is no longer ours.

    A task calls this in every transaction whose effect must not come from a stale worker.
    """
    query = (
        select(Job)
        .where(Job.id == job.id, Job.fence == job.fence, Job.state == JobState.RUNNING)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    held = session.execute(query).scalar_one_or_none()
    if held is None:
        raise JobLost(f"job {job.id} is no longer held under fence {job.fence}")
    return held


def beat(
    session: Session, job: Claimed, progress: tuple[str, int, int] | None, *, now: datetime
) -> bool:
    """Say that the worker lives, and how far it is; True when somebody asked it to stop."""
    values: dict[str, Any] = {"heartbeat_at": now}
    if progress is not None:
        step, done, total = progress
        values |= {"step": step[:120], "step_done": done, "step_total": total}
    changed: CursorResult[Any] = session.execute(  # type: ignore[assignment]  # an update's
        update(Job)
        .where(Job.id == job.id, Job.fence == job.fence, Job.state == JobState.RUNNING)
        .values(values)
        .execution_options(synchronize_session=False)
    )
    if changed.rowcount != 1:
        raise JobLost(f"job {job.id} is no longer held under fence {job.fence}")
    return bool(session.execute(select(Job.cancel_asked).where(Job.id == job.id)).scalar_one())


def finish(session: Session, job: Claimed, result: dict[str, Any], *, now: datetime) -> None:
    """Mark the job done; a stale worker's word is refused by the fence."""
    held = hold(session, job)
    held.state = JobState.DONE
    held.result = result
    held.message = ""
    held.finished_at = now
    if held.step_total:
        held.step_done = held.step_total
    session.flush()


def fail(
    session: Session,
    job: Claimed,
    reason: str,
    *,
    again: bool,
    now: datetime,
    ended: EndedHook = unheard_end,
) -> JobState:
    """Try again after a growing pause, or give up for good with the end of the reason."""
    held = hold(session, job)
    if held.cancel_asked:
        _end(session, held, JobState.CANCELLED, "Stopped on request.", now=now, ended=ended)
    elif again and held.attempts < MOST_ATTEMPTS:
        held.fence += 1
        held.state = JobState.WAITING
        held.message = reason[-MOST_REASON:]
        held.run_after = now + timedelta(seconds=4 ** (held.attempts - 1))
        session.flush()
    else:
        _end(session, held, JobState.DEAD, reason, now=now, ended=ended)
    return held.state


def stop(session: Session, job: Claimed, *, now: datetime, ended: EndedHook = unheard_end) -> None:
    """End a running job that somebody asked to stop."""
    held = hold(session, job)
    _end(session, held, JobState.CANCELLED, "Stopped on request.", now=now, ended=ended)


def put_back(session: Session, job: Claimed, *, now: datetime) -> None:
    """Return a job untouched when the worker is told to go; the attempt does not count."""
    held = hold(session, job)
    held.fence += 1
    held.attempts -= 1
    held.state = JobState.WAITING
    held.run_after = now
    session.flush()


def cancel(session: Session, job_id: int, *, now: datetime) -> JobState | None:
    """Stop a waiting job at once and ask a running one to stop; None if there is no such job."""
    query = select(Job).where(Job.id == job_id).with_for_update()
    job = session.execute(query.execution_options(populate_existing=True)).scalar_one_or_none()
    if job is None:
        return None
    if job.state is JobState.WAITING:
        job.fence += 1
        job.state = JobState.CANCELLED
        job.message = "Stopped on request."
        job.finished_at = now
    elif job.state is JobState.RUNNING:
        job.cancel_asked = True
    session.flush()
    return job.state
