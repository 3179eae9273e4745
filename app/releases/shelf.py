"""Finished and running releases, and where their files lie."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db.log_bodies import Counts
from app.db.tables.accounts import Person
from app.db.tables.jobs import Job
from app.db.tables.releases import Release
from app.db.words import RunState
from app.errors import Gone, NotFound
from app.jobs.under_way import jobs_under_way
from app.releases.formats.registry import media_type_of
from app.releases.layout import warnings_of
from app.releases.manifest_parts import LostPictures
from app.releases.pictures import warnings_of_lost
from app.releases.under_way import RELEASE
from app.settings import Settings

PAGE = 50
_UNITS = ("B", "kB", "MB", "GB", "TB")


class ReleaseErased(Gone):
    """Its files held an example that was erased since."""

    code = "release_erased"
    title = "The files of this release were deleted"


@dataclass(frozen=True)
class ReleaseFile:
    name: str
    size: int
    sha256: str

    @property
    def media_type(self) -> str:
        return media_type_of(self.name)

    @property
    def size_text(self) -> str:
        size, unit = float(self.size), 0
        while size >= 1000 and unit + 1 < len(_UNITS):
            size, unit = size / 1000, unit + 1
        return f"{size:.{0 if unit == 0 or size >= 100 else 1}f} {_UNITS[unit]}"


def release_directory(settings: Settings, release_id: int) -> Path:
    return settings.data / "releases" / str(release_id)


def releases_of(
    session: Session, project_id: int, *, before: int | None = None, limit: int = PAGE
) -> list[Release]:
    """The newest first."""
    query = select(Release).where(Release.project_id == project_id)
    if before is not None:
        query = query.where(Release.number < before)
    return list(session.scalars(query.order_by(Release.number.desc()).limit(limit)))


def release_of(session: Session, project_id: int, number: int) -> Release:
    release = session.scalars(
        select(Release).where(Release.project_id == project_id, Release.number == number)
    ).one_or_none()
    if release is None:
        raise NotFound()
    return release


def release_files(release: Release) -> list[ReleaseFile]:
    """Its files in a fixed order; none before it is complete."""
    if release.state is not RunState.COMPLETE or release.erased_at is not None:
        return []
    return [
        ReleaseFile(name, facts["size"], facts["sha256"])
        for name, facts in sorted(release.files.items())
    ]


def check_has_files(release: Release) -> None:
    """Refuse what was deleted, in words."""
    if release.erased_at is not None and release.state is RunState.COMPLETE:
        raise ReleaseErased(
            f"An example was erased on {release.erased_at:%Y-%m-%d}, and release {release.number} "
            "held it.",
            next_step="Make a new release.",
        )


def release_warnings(release: Release) -> list[str]:
    """What the lead should know of it; nothing before its rows are counted."""
    if not release.counts:
        return []
    lost: LostPictures | None = release.counts.get("lost")
    counted = warnings_of(cast(Counts, release.counts)) + list(release.counts.get("notes", []))
    return counted + (warnings_of_lost(lost) if lost else [])


def file_path(settings: Settings, release: Release, name: str) -> Path:
    """Where one file of a complete release lies; its name is looked up, never joined."""
    check_has_files(release)
    for file in release_files(release):
        if file.name == name:
            path = release_directory(settings, release.id) / file.name
            if path.is_file():
                return path
    raise NotFound()


def files_are_here(settings: Settings, release: Release) -> bool:
    """Whether this machine has them: another one's worker may have made the release."""
    where = release_directory(settings, release.id)
    return all((where / file.name).is_file() for file in release_files(release))


def names_of_makers(session: Session, releases: Sequence[Release]) -> dict[int, str]:
    """Release id -> who asked for it."""
    people = {release.created_by for release in releases if release.created_by is not None}
    rows = session.execute(select(Person.id, Person.name).where(Person.id.in_(people)))
    names: dict[int, str] = dict(rows.all())
    return {release.id: names.get(release.created_by or 0, "") for release in releases}


def jobs_of(session: Session, project_id: int) -> dict[int, Job]:
    """Release id -> the job that makes it, for those under way."""
    jobs = jobs_under_way(session, project_id, RELEASE)
    return {RELEASE.read(job.arguments).release_id: job for job in jobs}
