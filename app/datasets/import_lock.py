"""An import, held while its state is looked at and changed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db.dialects import locked
from app.db.log import ProjectLock
from app.db.tables.datasets import DataImport
from app.db.words import ImportState
from app.errors import Conflict, NotFound


def lock_import(session: Session, import_id: int) -> DataImport:
    """One import, held until the transaction ends."""
    data_import = session.scalars(
        locked(select(DataImport).where(DataImport.id == import_id))
    ).one_or_none()
    if data_import is None:
        raise NotFound()
    return data_import


class InAlready(Conflict):
    """Another process brought the same import in meanwhile: nothing of it is missing."""

    code = "import_state"


def refuse_cancelled(session: Session, import_id: int) -> None:
    """Hold the import, and refuse to go on with one that was cancelled, or that another ended."""
    data_import = lock_import(session, import_id)
    if data_import.state is ImportState.DONE:
        raise InAlready("This file is in already.", next_step="Nothing is left to do.")
    if data_import.state is not ImportState.IMPORTING:
        raise Conflict(
            f"The import was cancelled. {data_import.message}".strip(),
            next_step="Start it again.",
            code="import_state",
        )


def end_imports(lock: ProjectLock, *, why: str, now: datetime) -> None:
    """Cancel what is being read or imported; the rows it stored were never visible."""
    query = select(DataImport).where(
        DataImport.project_id == lock.project_id,
        DataImport.state.in_((ImportState.CHECKING, ImportState.IMPORTING)),
    )
    for data_import in lock.session.scalars(locked(query.order_by(DataImport.id))).all():
        data_import.state = ImportState.CANCELLED
        data_import.message, data_import.finished_at = why, now
    lock.session.flush()
