"""Who gave labels before import is erased: the source has a neutral name, and is nobody's."""

from __future__ import annotations

import hashlib
import secrets

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.datasets.report import report_of
from app.db.tables.datasets import DataImport, Source

FORMER = "former annotator {id}"


def erase_giver(session: Session, person_id: int) -> dict[int, dict[str, str]]:
    """Rename what is linked to this person and cut the link; by project, the new name of each old.

    The column of the file that named them stays in the rows as they were imported.
    """
    names: dict[int, dict[str, str]] = {}
    linked = select(Source).where(Source.person_id == person_id).order_by(Source.id)
    for source in session.scalars(linked).all():
        names.setdefault(source.project_id, {})[source.name] = FORMER.format(id=source.id)
        take_name(source)
    for project_id, old in names.items():
        _forget_in_reports(session, project_id, set(old))
    session.flush()
    return names


def take_name(source: Source) -> None:
    """Nothing of it says any more who it was."""
    source.name = FORMER.format(id=source.id)
    source.origin = hashlib.sha256(secrets.token_bytes(32)).hexdigest()
    source.person_id = None


def _forget_in_reports(session: Session, project_id: int, names: set[str]) -> None:
    """Reports list who gave the labels of a file."""
    imports = select(DataImport).where(DataImport.project_id == project_id)
    for data_import in session.scalars(imports.order_by(DataImport.id)).all():
        told = report_of(data_import.report)
        own, sources = told.get("own_labels", {}), told.get("sources", [])
        if names & (own.keys() | set(sources)):
            data_import.report = {
                **data_import.report,
                "own_labels": {name: who for name, who in own.items() if name not in names},
                "sources": [name for name in sources if name not in names],
            }
