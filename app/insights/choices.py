"""What the examples of a project can be narrowed to: its labels, sources and splits, by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.datasets.labels import labels_of
from app.db.tables.datasets import Example, Source

LOOKED_THROUGH = 20_000  # rows whose splits are read; a project has few of them
MOST_SPLITS = 50


@dataclass(frozen=True, slots=True)
class Choices:
    """Names by id; labels in their order, retired ones too."""

    labels: Mapping[int, str]
    sources: Mapping[int, str]
    splits: list[str]


def choices(session: Session, project_id: int) -> Choices:
    labels = {label.id: label.name for label in labels_of(session, project_id, retired=True)}
    sources = session.execute(
        select(Source.id, Source.name).where(Source.project_id == project_id).order_by(Source.name)
    )
    return Choices(labels, dict(sources.all()), _splits(session, project_id))


def _splits(session: Session, project_id: int) -> list[str]:
    some = select(Example.split).where(Example.project_id == project_id).limit(LOOKED_THROUGH)
    splits = session.scalars(select(some.subquery().c.split).distinct())
    return sorted(filter(None, splits))[:MOST_SPLITS]
