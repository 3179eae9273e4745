"""The guideline of a project, as its readers are told of it."""

from __future__ import annotations

from typing import NotRequired, TypedDict

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.datasets.labels import labels_of
from app.db.tables.datasets import Project


class GuidelineWords(TypedDict):
    revision: int
    text: str
    descriptions: list[tuple[int, str]]  # label id and what it means


class GuidelineNews(TypedDict):
    """The revision that holds; with its words, when the asker shows another one."""

    guideline_revision: int
    guideline: NotRequired[GuidelineWords]


def guideline_news(
    session: Session, project_id: int, *, revision: int, shown: int | None
) -> GuidelineNews:
    if shown in (None, revision):
        return {"guideline_revision": revision}
    text = session.scalars(select(Project.guideline).where(Project.id == project_id)).one()
    described = [
        (label.id, label.description)
        for label in labels_of(session, project_id)
        if label.description
    ]
    words: GuidelineWords = {
        "revision": revision,
        "text": text.strip(),
        "descriptions": described,
    }
    return {"guideline_revision": revision, "guideline": words}
