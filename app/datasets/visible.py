"""Which examples count: those of imports that are done. Every reader filters on this."""

from __future__ import annotations

from sqlalchemy import Select, select

from app.db.tables.datasets import DataImport
from app.db.words import ImportState


def visible_imports(project_id: int) -> Select[int]:
    """A subquery: `Example.import_id.in_(visible_imports(project_id))`."""
    return select(DataImport.id).where(
        DataImport.project_id == project_id, DataImport.state == ImportState.DONE
    )
