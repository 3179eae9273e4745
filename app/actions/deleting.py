"""A project is deleted: hidden at once, brought back for 30 days, then removed for good."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, delete, select

from app.datasets.projects import project_named
from app.datasets.removal import remove_rows
from app.datasets.visible import visible_imports
from app.db.engine import database_now, reading, writing
from app.db.tables.datasets import Project
from app.db.tables.jobs import Job
from app.errors import NotFound
from app.progress import Progress, quiet


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


def _found(engine: Engine, named: str) -> int | None:
    with reading(engine) as session:
        try:
            return project_named(session, named).id
        except NotFound:
            return None


def _is_empty(engine: Engine, project_id: int) -> bool:
    with reading(engine) as session:
        return session.execute(visible_imports(project_id).limit(1)).first() is None


def remove_for_good(engine: Engine, project_id: int, *, progress: Progress = quiet) -> None:
    """Every row of a deleted project, and the project; may be killed and run again."""
    remove_rows(engine, project_id, progress=progress)
    with writing(engine) as session:
        going = select(Project.id).where(Project.id == project_id, Project.deleted_at.is_not(None))
        if session.scalar(going) is not None:
            session.execute(delete(Job).where(Job.project_id == project_id))
            session.execute(delete(Project).where(Project.id == project_id))
