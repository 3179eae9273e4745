"""The guideline of a project, as its readers are told of it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.datasets.labels import labels_of
from app.db.tables.datasets import Project


def told_guideline(
    session: Session, project_id: int, *, revision: int, shown: int | None
) -> dict[str, Any]:
    """The revision that holds; with its words, when the asker shows another one."""
    told: dict[str, Any] = {"guideline_revision": revision}
    if shown in (None, revision):
        return told
    text = session.scalars(select(Project.guideline).where(Project.id == project_id)).one()
    described = [
        [label.id, label.description]
        for label in labels_of(session, project_id)
        if label.description
    ]
    words = {"revision": revision, "text": text.strip(), "descriptions": described}
    return told | {"guideline": words}
