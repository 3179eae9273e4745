"""An import, held while its state is looked at and changed."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db.dialects import locked
from app.db.tables.datasets import DataImport
from app.db.words import ImportState
from app.errors import Conflict, NotFound


def held_import(session: Session, import_id: int) -> DataImport:
    """One import, held until the transaction ends."""
    found = session.scalars(
        locked(select(DataImport).where(DataImport.id == import_id))
    ).one_or_none()
    if found is None:
        raise NotFound()
    return found


def still_importing(session: Session, import_id: int) -> None:
    """Hold the import, and refuse to go on with one that was cancelled."""
    if held_import(session, import_id).state is not ImportState.IMPORTING:
        raise Conflict(
            "The import was cancelled.", next_step="Start it again.", code="import_state"
        )
