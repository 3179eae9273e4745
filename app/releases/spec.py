"""Ask for a release: the worker makes it. Nothing heavy is loaded here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.activity import record
from app.accounts.membership import Member, require
from app.datasets.visible import visible_imports
from app.db.log import lock_project
from app.db.tables.datasets import DataImport, Example
from app.db.tables.releases import Release
from app.db.words import ImportState, JobState, Role, RunState, Status
from app.errors import Conflict
from app.jobs.queue import enqueue
from app.jobs.task import AskedBy, JobInHand, TaskName
from app.releases.options import ReleaseSpec as ReleaseSpec


@dataclass(frozen=True)
class ReleaseArguments:
    release_id: int


RELEASE = TaskName("release", ReleaseArguments)


def waiting_changes(session: Session, project_id: int) -> int:
    """How many changes wait for a second reader."""
    query = select(func.count()).where(
        Example.project_id == project_id, Example.status == Status.PENDING
    )
    return session.execute(query).scalar_one()


def status_counts(session: Session, project_id: int) -> dict[str, int]:
    """How many examples have which status, as far as everyone sees them."""
    rows = session.execute(
        select(Example.status, func.count())
        .where(Example.project_id == project_id, Example.import_id.in_(visible_imports(project_id)))
        .group_by(Example.status)
    )
    return {str(status): count for status, count in rows}


def start_release(session: Session, member: Member, spec: ReleaseSpec, *, now: datetime) -> Release:
    """Ask the worker for a release; asking again for one under way gives that one."""
    require(member, Role.LEAD)
    release, new = note_release(
        session, member.project_id, spec, created_by=member.person_id, now=now
    )
    if new:
        enqueue(
            session,
            RELEASE,
            ReleaseArguments(release.id),
            asked_by=AskedBy(member.project_id, member.person_id),
            now=now,
        )
        detail = {"release": release.number}
        record(session, member.person_id, member.project_id, "release_started", detail, now=now)
    return release


def note_release(
    session: Session,
    project_id: int,
    spec: ReleaseSpec,
    *,
    created_by: int | None,
    now: datetime,
) -> tuple[Release, bool]:
    """The next release of a project, or the same one that is being made already."""
    lock_project(session, project_id)
    running = session.scalars(
        select(Release).where(
            Release.project_id == project_id,
            Release.state == RunState.RUNNING,
            Release.created_by == created_by,
        )
    )
    wanted = spec.as_json()
    for release in running:
        if release.spec == wanted:
            return release, False
    there = select(DataImport.id).where(
        DataImport.project_id == project_id, DataImport.state == ImportState.DONE
    )
    if session.execute(there.limit(1)).first() is None:
        raise Conflict(
            "There is nothing to release: no data was imported.",
            next_step="Import a file first.",
            code="nothing_imported",
        )
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
