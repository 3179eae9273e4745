"""What a waiting job waits for, in words, and about how long."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.db.tables.datasets import Project
from app.db.tables.jobs import Job
from app.db.words import JobState
from app.jobs.lanes import Lane
from app.jobs.queue import TAKEOVER_SECONDS, UNFINISHED
from app.jobs.task import Tasks
from app.jobs.workers import workers_alive

_LEAST_SHARE = 0.2
"""So much of a first run must be done before the rest is guessed from it."""


@dataclass(frozen=True, slots=True)
class Look:
    """With what the queue is looked at; whoever holds the machine may know every project."""

    session: Session
    tasks: Tasks
    now: datetime
    everywhere: bool = False


def waits_for(look: Look, job: Job) -> str:
    """Such as "waits for the ranking of Support intents, about 3 minutes left".

    Empty for a job that does not wait. A project is named to those who ask about a job of it.
    """
    if job.state is not JobState.WAITING:
        return ""
    workers = workers_alive(look.session, now=look.now)
    if workers == 0:
        return "waits for a worker: none is running"
    sibling = _older_of_its_series(look, job)
    if sibling is not None:
        return f"waits for {_described(look, sibling, job)}"
    if job.run_after > look.now:
        return f"tries again in {_long(job.run_after - look.now)}"
    busy = _running_in(look, look.tasks.lane(job.task))
    if len(busy) < workers:
        return "waits for a worker"
    first = min(busy, key=lambda one: (_left(look, one) or timedelta.max, one.id))
    ahead = _ahead(look, job)
    more = f" and {ahead:,} more before it" if ahead else ""
    return f"waits for {_described(look, first, job)}{more}"


def _older_of_its_series(look: Look, job: Job) -> Job | None:
    names = next((names for names in look.tasks.series().values() if job.task in names), None)
    if names is None or job.project_id is None:
        return None
    query = (
        select(Job)
        .where(
            Job.task.in_(names),
            Job.project_id == job.project_id,
            Job.id < job.id,
            Job.state.in_(UNFINISHED),
        )
        .order_by(Job.id)
        .limit(1)
    )
    return look.session.scalars(query).first()


def _running_in(look: Look, lane: Lane) -> list[Job]:
    since = look.now - timedelta(seconds=TAKEOVER_SECONDS)
    query = select(Job).where(Job.state == JobState.RUNNING, Job.heartbeat_at >= since)
    return [one for one in look.session.scalars(query) if look.tasks.lane(one.task) is lane]


def _ahead(look: Look, job: Job) -> int:
    """Older jobs of its lane that wait too."""
    long = look.tasks.long()
    lane = Job.task.in_(long) if job.task in long else Job.task.not_in(long)
    query = select(func.count()).where(
        lane, Job.state == JobState.WAITING, Job.run_after <= look.now, Job.id < job.id
    )
    return look.session.execute(query).scalar_one()


def _described(look: Look, other: Job, job: Job) -> str:
    """Such as "the ranking of Support intents, about 3 minutes left"."""
    known = other.task in look.tasks
    thing = look.tasks[other.task].words.waited_for if known else "other work in"
    named = look.everywhere or other.project_id == job.project_id
    project = look.session.get(Project, other.project_id or 0) if named else None
    what = f"{thing} {project.name if project is not None else 'another project'}"
    if other.state is JobState.WAITING:
        return f"{what}, which {waits_for(look, other)}"
    left = _left(look, other)
    return what if left is None else f"{what}, {_long(left)} left"


def _left(look: Look, running: Job) -> timedelta | None:
    """How long a job goes on: as long as the last of its kind here, else by how far it is."""
    if running.started_at is None:
        return None
    elapsed = look.now - running.started_at
    query = (
        select(Job.started_at, Job.finished_at)
        .where(
            Job.task == running.task,
            Job.project_id == running.project_id,
            Job.state == JobState.DONE,
        )
        .order_by(Job.id.desc())
        .limit(1)
    )
    last = look.session.execute(query).first()
    if last is not None and last.started_at and last.finished_at:
        left: timedelta = last.finished_at - last.started_at - elapsed
        return left if left > timedelta(0) else None
    share = _share_done(look, running)
    return elapsed * ((1 - share) / share) if share >= _LEAST_SHARE else None


def _share_done(look: Look, running: Job) -> float:
    """Every step counts alike: nobody knows better before the first run is over."""
    steps = look.tasks[running.task].words.steps if running.task in look.tasks else ()
    if running.step not in steps:
        return 0.0
    within = running.step_done / running.step_total if running.step_total else 0.0
    return (steps.index(running.step) + min(1.0, within)) / len(steps)


def _long(span: timedelta) -> str:
    """A span as people say it; what is guessed is not told to the second."""
    seconds = span.total_seconds()
    if seconds < 45:
        return "less than a minute"
    for unit, length in (("minute", 60), ("hour", 3600), ("day", 86_400)):
        number = round(seconds / length)
        if seconds < length * {"minute": 60, "hour": 24}.get(unit, 10**6):
            return f"about {number or 1} {unit}{'s' if number > 1 else ''}"
    raise ValueError(f"{span} is no span")
