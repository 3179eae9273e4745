"""A project is deleted: hidden at once, brought back for 30 days, then removed for good."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, delete, literal, select, update
from sqlalchemy.orm import Session

from app.accounts.activity import Act, ActivityKind, record
from app.accounts.membership import takes_part
from app.accounts.people import Who
from app.actions.storage import Storage
from app.actions.turn import Caller, turn_by_slug
from app.datasets.import_lock import end_imports
from app.datasets.project_files import remove_files
from app.datasets.projects import (
    delete_project,
    goes_at,
    project_if_there,
    project_named,
    restore_project,
)
from app.datasets.removal import remove_rows
from app.datasets.visible import visible_imports
from app.db.engine import database_now, reading, writing
from app.db.log import ProjectLock, lock_project
from app.db.tables.accounts import AccessLink
from app.db.tables.datasets import DataImport, Project
from app.db.tables.jobs import Job
from app.db.tables.releases import Release
from app.db.words import LinkKind, Role, WhyEnded
from app.errors import Invalid, NotFound
from app.jobs import queue
from app.jobs.queue import UNFINISHED
from app.jobs.task import AskedBy, TaskName
from app.progress import Progress, quiet
from app.releases.shelf import release_directory
from app.review.books.leaving import give_up_all
from app.settings import Settings


@dataclass(frozen=True)
class RemoveArguments:
    project_id: int


REMOVE = TaskName("remove_project", RemoveArguments)


@contextmanager
def no_empty_project(engine: Engine, named: str) -> Iterator[None]:
    """What fails before anything was imported leaves no project behind that it had made."""
    known = _found(engine, named)
    try:
        yield
    except BaseException:
        made = _found(engine, named) if known is None else None
        if made is not None and _is_empty(engine, made):
            with writing(engine) as session:
                session.get_one(Project, made).deleted_at = database_now(session)
            remove_for_good(engine, made)
        raise


def delete_by_name(caller: Caller, slug: str, typed: str) -> Project:
    """A lead deletes a project, and types its name so that it is the right one."""
    with turn_by_slug(caller, slug, Role.LEAD) as turn:
        return _delete(turn.lock, typed, by=turn.member.person_id, now=turn.now)


def delete_from_console(session: Session, named: str, typed: str, *, now: datetime) -> Project:
    """The same for whoever holds the machine."""
    lock = lock_project(session, project_named(session, named).id)
    project = _delete(lock, typed, by=None, now=now)
    lock.save()
    return project


def _delete(lock: ProjectLock, typed: str, *, by: int | None, now: datetime) -> Project:
    session = lock.session
    project = session.get_one(Project, lock.project_id, populate_existing=True)
    if " ".join(typed.split()) != project.name:
        raise Invalid(
            f"{typed!r} is not the name of this project.",
            next_step=f"Type {project.name} to delete it.",
            code="name_differs",
        )
    give_up_all(lock, why=WhyEnded.ARCHIVED, now=now)
    delete_project(lock, now=now)
    end_imports(lock, why="The project was deleted.", now=now)
    unfinished = select(Job.id).where(Job.project_id == project.id, Job.state.in_(UNFINISHED))
    for job_id in session.scalars(unfinished).all():
        queue.cancel(session, job_id, now=now)
    invites = AccessLink.project_id == project.id, AccessLink.kind == LinkKind.INVITE
    session.execute(
        update(AccessLink)
        .where(*invites, AccessLink.used_at.is_(None), AccessLink.expires_at > now)
        .values(expires_at=now)
        .execution_options(synchronize_session=False)
    )
    job = queue.enqueue(
        session, REMOVE, RemoveArguments(project.id), asked_by=AskedBy(None, by), now=now
    )
    job.run_after = goes_at(project)
    record(session, Act(ActivityKind.PROJECT_DELETED, by, project.id), now=now)
    return project


def deleted_projects(session: Session, who: Who) -> list[Project]:
    """Projects on their way out that this person may bring back: an admin all, a lead their own."""
    query = select(Project).where(Project.deleted_at.is_not(None))
    if who.only_project is not None:
        return []
    if not who.is_admin:
        query = query.where(takes_part(literal(who.id), Project.id, Role.LEAD))
    return list(session.scalars(query.order_by(Project.deleted_at, Project.id)))


def restore(caller: Caller, project_id: int) -> Project:
    """Bring a deleted project back; a lead of it may, and an admin."""
    if project_id not in {one.id for one in deleted_projects(caller.session, caller.who)}:
        raise NotFound()
    lock = lock_project(caller.session, project_id)
    return _restore(lock, by=caller.who.id, now=caller.now)


def restore_from_console(session: Session, named: str, *, now: datetime) -> Project:
    """The same for whoever holds the machine, by its name or its address."""
    deleted = session.scalars(select(Project).where(Project.deleted_at.is_not(None))).all()
    fitting = [one for one in deleted if named in (one.slug, one.name)]
    if len(fitting) != 1:
        listed = ", ".join(f"{one.slug} ({one.name})" for one in deleted) or "none"
        raise NotFound(
            f"No one project of this name was deleted. On their way out: {listed}.",
            next_step="Name one as it stands here.",
        )
    return _restore(lock_project(session, fitting[0].id), by=None, now=now)


def _restore(lock: ProjectLock, *, by: int | None, now: datetime) -> Project:
    session = lock.session
    project = session.get_one(Project, lock.project_id, populate_existing=True)
    if project.deleted_at is None or now >= goes_at(project):
        raise NotFound()
    for job in session.scalars(select(Job).where(Job.task == REMOVE.name)).all():
        if job.arguments == REMOVE.written(RemoveArguments(project.id)):
            queue.cancel(session, job.id, now=now)
    restored = restore_project(lock, now=now)
    record(session, Act(ActivityKind.PROJECT_RESTORED, by, project.id), now=now)
    lock.save()
    return restored


def remove_when_due(at: Storage, settings: Settings, project_id: int, progress: Progress) -> bool:
    """Remove a project whose time is over, with the files that nobody else needs. May run twice."""
    with writing(at.engine) as session:
        project = session.get(Project, project_id, with_for_update=True)
        if project is None or project.deleted_at is None:
            return False
        if database_now(session) < goes_at(project):
            return False
        remove_files(session, at.blobs, project_id)
        releases = session.scalars(select(Release.id).where(Release.project_id == project_id))
        for release_id in releases.all():
            shutil.rmtree(release_directory(settings, release_id), ignore_errors=True)
    remove_for_good(at.engine, project_id, progress=progress)
    return True


def _found(engine: Engine, named: str) -> int | None:
    with reading(engine) as session:
        project = project_if_there(session, named)
        return None if project is None else project.id


def _is_empty(engine: Engine, project_id: int) -> bool:
    """Whether nothing is in it, and nobody else began to import into it."""
    begun = select(DataImport.id).where(DataImport.project_id == project_id).limit(2)
    with reading(engine) as session:
        if session.execute(visible_imports(project_id).limit(1)).first() is not None:
            return False
        return len(session.execute(begun).all()) < 2


def remove_for_good(engine: Engine, project_id: int, *, progress: Progress = quiet) -> None:
    """Every row of a deleted project, and the project; may be killed and run again."""
    remove_rows(engine, project_id, progress=progress)
    with writing(engine) as session:
        going = select(Project.id).where(Project.id == project_id, Project.deleted_at.is_not(None))
        if session.scalar(going) is not None:
            session.execute(delete(Job).where(Job.project_id == project_id))
            session.execute(delete(Project).where(Project.id == project_id))
