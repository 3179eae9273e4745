"""An import, held while its state is looked at and changed."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db.dialects import locked
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


def refuse_cancelled(session: Session, import_id: int) -> None:
    """Hold the import, and refuse to go on with one that was cancelled."""
    if lock_import(session, import_id).state is not ImportState.IMPORTING:
        raise Conflict(
            "The import was cancelled.", next_step="Start it again.", code="import_state"
        )
