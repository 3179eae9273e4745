"""Releases that were asked for and are on their way. Nothing heavy is loaded here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.db.log import ProjectLock
from app.db.tables.datasets import DataImport
from app.db.tables.releases import Release
from app.db.words import ImportState, JobState, RunState
from app.errors import Conflict
from app.jobs.task import JobInHand, TaskName
from app.releases.options import ReleaseSpec


@dataclass(frozen=True)
class ReleaseArguments:
    release_id: int


RELEASE = TaskName("release", ReleaseArguments)


def note_release(
    lock: ProjectLock, spec: ReleaseSpec, *, created_by: int | None, now: datetime
) -> tuple[Release, bool]:
    """The next release of a project, or the same one that is being made already."""
    session, project_id, wanted = lock.session, lock.project_id, spec.as_json()
    running = session.scalars(
        select(Release).where(
            Release.project_id == project_id,
            Release.state == RunState.RUNNING,
            Release.created_by == created_by,
        )
    )
    for release in running:
        if release.spec == wanted:
            return release, False
    _check_something_imported(session, project_id)
    last = session.scalar(select(func.max(Release.number)).where(Release.project_id == project_id))
    release = Release(
        project_id=project_id,
        number=(last or 0) + 1,
        state=RunState.RUNNING,
        spec=wanted,
        created_by=created_by,
        created_at=now,
    )
    session.add(release)
    session.flush()
    return release, True


def _check_something_imported(session: Session, project_id: int) -> None:
    there = select(DataImport.id).where(
        DataImport.project_id == project_id, DataImport.state == ImportState.DONE
    )
    if session.execute(there.limit(1)).first() is None:
        raise Conflict(
            "There is nothing to release: no data was imported.",
            next_step="Import a file first.",
            code="nothing_imported",
        )


def release_ended(
    session: Session, job: JobInHand, state: JobState, message: str, now: datetime
) -> None:
    """Say on the release that its job ended before it was complete."""
    release = session.get(Release, job.arguments["release_id"], with_for_update=True)
    if release is None or release.state is not RunState.RUNNING:
        return
    cancelled = state is JobState.CANCELLED
    release.state = RunState.CANCELLED if cancelled else RunState.FAILED
    release.message, release.finished_at = message, now
    session.flush()
