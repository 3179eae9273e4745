"""Finished and running releases, and where their files lie."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db.tables.jobs import Job
from app.db.tables.releases import Release
from app.db.words import RunState
from app.errors import NotFound
from app.jobs.queue import UNFINISHED
from app.releases.spec import TASK
from app.settings import Settings


@dataclass(frozen=True)
class ReleaseFile:
    name: str
    size: int
    sha256: str


def release_directory(settings: Settings, release_id: int) -> Path:
    return settings.data / "releases" / str(release_id)


def releases_of(
    session: Session, project_id: int, *, before: int | None = None, limit: int = 50
) -> list[Release]:
    """The newest first."""
    query = select(Release).where(Release.project_id == project_id)
    if before is not None:
        query = query.where(Release.number < before)
    return list(session.scalars(query.order_by(Release.number.desc()).limit(limit)))


def release_of(session: Session, project_id: int, number: int) -> Release:
    found = session.scalars(
        select(Release).where(Release.project_id == project_id, Release.number == number)
    ).one_or_none()
    if found is None:
        raise NotFound()
    return found


def release_files(release: Release) -> list[ReleaseFile]:
    """Its files in a fixed order; none before it is complete."""
    if release.state is not RunState.COMPLETE:
        return []
    return [
        ReleaseFile(name, facts["size"], facts["sha256"])
        for name, facts in sorted(release.files.items())
    ]


def file_path(settings: Settings, release: Release, name: str) -> Path:
    """Where one file of a complete release lies; its name is looked up, never joined."""
    for file in release_files(release):
        if file.name == name:
            path = release_directory(settings, release.id) / file.name
            if path.is_file():
                return path
    raise NotFound()


def jobs_of(session: Session, project_id: int) -> dict[int, Job]:
    """Release id -> the job that makes it, for those under way."""
    jobs = session.scalars(
        select(Job).where(Job.project_id == project_id, Job.task == TASK, Job.state.in_(UNFINISHED))
    )
    return {job.arguments["release_id"]: job for job in jobs}
