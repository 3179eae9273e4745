"""Make a release, or stop one on its way: the same for page, program and console.

The worker writes the files: `releases.build.build_release`.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy.orm import Session

from app.accounts.activity import Act, ActivityKind, record
from app.actions.turn import Caller, turn_by_slug
from app.db.log import ProjectLock, lock_project
from app.db.tables.jobs import Job
from app.db.tables.releases import Release
from app.db.words import JobState, Role, RunState
from app.jobs import queue
from app.jobs.task import AskedBy
from app.releases.options import ReleaseSpec
from app.releases.shelf import jobs_of, release_of
from app.releases.under_way import RELEASE, ReleaseArguments, note_release


class Asked(NamedTuple):
    """A release that was asked for, and the job that makes it."""

    release: Release
    job: Job


def make_release(caller: Caller, slug: str, spec: ReleaseSpec) -> Asked:
    """A lead asks for a release; asking again for one under way gives that one."""
    with turn_by_slug(caller, slug, Role.LEAD) as turn:
        return _ask(turn.lock, spec, person_id=turn.member.person_id, now=turn.now)


def make_release_at_console(
    session: Session, project_id: int, spec: ReleaseSpec, *, now: datetime
) -> Asked:
    """The same without a person: whoever holds the machine may do what a lead may."""
    lock = lock_project(session, project_id)
    asked = _ask(lock, spec, person_id=None, now=now)
    lock.save()
    return asked


def _ask(lock: ProjectLock, spec: ReleaseSpec, *, person_id: int | None, now: datetime) -> Asked:
    session, project_id = lock.session, lock.project_id
    release, new = note_release(lock, spec, created_by=person_id, now=now)
    if new:
        detail = {"release": release.number}
        act = Act(ActivityKind.RELEASE_STARTED, person_id, project_id, detail)
        record(session, act, now=now)
    job = jobs_of(session, project_id).get(release.id)
    if job is None:  # a new one, or one whose job is gone
        job = queue.enqueue(
            session,
            RELEASE,
            ReleaseArguments(release.id),
            asked_by=AskedBy(project_id, person_id),
            now=now,
        )
    return Asked(release, job)


def stop_release(caller: Caller, slug: str, number: int) -> Release:
    """A lead stops a release: at once while it waits, at its next step while it is made."""
    with turn_by_slug(caller, slug, Role.LEAD) as turn:
        release = release_of(turn.session, turn.project_id, number)
        job = jobs_of(turn.session, turn.project_id).get(release.id)
        if job is not None:
            state = queue.cancel(turn.session, job.id, now=turn.now)
            if state is JobState.CANCELLED and release.state is RunState.RUNNING:
                release.state, release.finished_at = RunState.CANCELLED, turn.now
        return release
