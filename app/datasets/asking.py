"""Ask the worker to check or to commit an import, and look at how far it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.datasets.report import report_of
from app.datasets.stage import FileToImport, can_import, obstacles, stage_file
from app.db.tables.datasets import DataImport, LeftOut
from app.db.tables.jobs import Job
from app.db.words import ImportState
from app.errors import Conflict, NotFound
from app.jobs.queue import UNFINISHED, cancel, enqueue
from app.jobs.task import AskedBy, TaskName


@dataclass(frozen=True)
class ImportArguments:
    import_id: int


CHECK = TaskName("import_check", ImportArguments)
COMMIT = TaskName("import_commit", ImportArguments)


def import_of(session: Session, project_id: int, import_id: int) -> DataImport:
    data_import = session.scalars(
        select(DataImport).where(DataImport.id == import_id, DataImport.project_id == project_id)
    ).one_or_none()
    if data_import is None:
        raise NotFound()
    return data_import


def imports_of(session: Session, project_id: int) -> list[DataImport]:
    """Every import of a project, the newest first."""
    return list(
        session.scalars(
            select(DataImport)
            .where(DataImport.project_id == project_id)
            .order_by(DataImport.id.desc())
            .limit(200)
        )
    )


def job_of(session: Session, data_import: DataImport) -> Job | None:
    """The newest job of an import."""
    jobs = session.scalars(
        select(Job)
        .where(Job.project_id == data_import.project_id, Job.task.in_((CHECK.name, COMMIT.name)))
        .order_by(Job.id.desc())
        .limit(50)
    )
    return next((job for job in jobs if job.arguments.get("import_id") == data_import.id), None)


def stop_imports(session: Session, project_id: int, *, now: datetime) -> None:
    """Stop every check and every import of a project that waits or runs."""
    jobs = select(Job.id).where(
        Job.project_id == project_id,
        Job.task.in_((CHECK.name, COMMIT.name)),
        Job.state.in_(UNFINISHED),
    )
    for job_id in session.scalars(jobs).all():
        cancel(session, job_id, now=now)


def _ask(
    session: Session,
    data_import: DataImport,
    task: TaskName[ImportArguments],
    *,
    by: int | None,
    now: datetime,
) -> Job:
    waiting = job_of(session, data_import)
    if waiting is not None and waiting.task == task.name and waiting.state in UNFINISHED:
        return waiting
    asked_by = AskedBy(data_import.project_id, by)
    return enqueue(session, task, ImportArguments(data_import.id), asked_by=asked_by, now=now)


def ask_check(session: Session, data_import: DataImport, *, by: int | None, now: datetime) -> None:
    """Have the file read, if it waits to be."""
    if data_import.state is ImportState.CHECKING:
        _ask(session, data_import, CHECK, by=by, now=now)


def ask_commit(session: Session, data_import: DataImport, *, by: int | None, now: datetime) -> None:
    """Have the good rows imported; refused while something stops it."""
    if data_import.state in (ImportState.IMPORTING, ImportState.DONE):
        return
    if not can_import(data_import):
        open_points = "; ".join(
            point["message"] for point in obstacles(report_of(data_import.report))[:3]
        )
        raise Conflict(
            f"This file cannot be imported yet. {open_points}".strip(),
            next_step="Answer the questions or mend the file, then import.",
            code="import_not_ready",
        )
    _ask(session, data_import, COMMIT, by=by, now=now)


def ask_file(
    session: Session, project_id: int, given: FileToImport, *, by: int | None, now: datetime
) -> DataImport:
    """Stage stored bytes and have them checked."""
    data_import = stage_file(session, project_id, given, by=by, now=now)
    ask_check(session, data_import, by=by, now=now)
    return data_import


def left_out_rows(session: Session, import_id: int, *, after: int, limit: int) -> list[LeftOut]:
    """Rows that were not imported, in file order, by keyset."""
    return list(
        session.scalars(
            select(LeftOut)
            .where(LeftOut.import_id == import_id, LeftOut.id > after)
            .order_by(LeftOut.id)
            .limit(limit)
        )
    )
