"""Give an import up: what it stored was never visible, and goes."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Engine, delete, select
from sqlalchemy.orm import Session

from app.datasets.import_lock import lock_import
from app.datasets.labels import NOT_YET
from app.db.engine import reading, writing
from app.db.log import lock_project
from app.db.tables.audit import AuditKey
from app.db.tables.datasets import DataImport, Example, Label, LeftOut
from app.db.words import ImportState
from app.errors import Conflict

_DELETED_AT_ONCE = 500
WITH_ROWS = (ImportState.IMPORTING, ImportState.DONE, ImportState.WITHDRAWN)
"""Imports whose rows stay: nobody may delete them here."""


def cancel_import(engine: Engine, import_id: int, *, now: datetime) -> None:
    """Give an import up; what it had stored was never visible and goes in chunks."""
    with writing(engine) as session:
        data_import = lock_import(session, import_id)
        if data_import.state is ImportState.DONE:
            raise Conflict(
                "The import is done; its examples are in the project.",
                next_step="Remove examples by decisions, or archive the project.",
                code="import_state",
            )
        data_import.state, data_import.finished_at = ImportState.CANCELLED, now
        project_id = data_import.project_id
    delete_rows(engine, import_id)
    sweep(engine, project_id)
    with writing(engine) as session:
        lock_project(session, project_id)
        busy = session.scalar(
            select(DataImport.id).where(
                DataImport.project_id == project_id, DataImport.state == ImportState.IMPORTING
            )
        )
        if busy is None:
            forget_labels(session, project_id)


def forget_labels(session: Session, project_id: int) -> None:
    """Delete labels of imports that never were done; the caller made sure none is under way."""
    session.execute(
        delete(Label).where(Label.project_id == project_id, Label.schema_revision == NOT_YET)
    )


def sweep(engine: Engine, project_id: int) -> None:
    """Delete what imports left behind that were cancelled or failed half way, or begun anew."""
    with reading(engine) as session:
        dead = list(
            session.scalars(
                select(DataImport.id).where(
                    DataImport.project_id == project_id,
                    DataImport.state.not_in(WITH_ROWS),
                    select(Example.id).where(Example.import_id == DataImport.id).exists(),
                )
            )
        )
    for import_id in dead:
        delete_rows(engine, import_id)


def delete_rows(engine: Engine, import_id: int) -> None:
    """Delete the rows of an import that is not done; may be killed and run again.

    Where another process has begun with it meanwhile, the rows are its own.
    """
    while True:
        with writing(engine) as session:
            if lock_import(session, import_id).state in WITH_ROWS:
                return
            ids = list(
                session.scalars(
                    select(Example.id)
                    .where(Example.import_id == import_id)
                    .order_by(Example.row.desc())
                    .limit(_DELETED_AT_ONCE)
                )
            )
            if not ids:
                session.execute(delete(LeftOut).where(LeftOut.import_id == import_id))
                return
            session.execute(delete(AuditKey).where(AuditKey.example_id.in_(ids)))
            session.execute(delete(Example).where(Example.id.in_(ids)))
