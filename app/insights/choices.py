"""What the examples of a project can be narrowed to: its labels, sources and splits, by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.datasets.display_names import shown_names
from app.datasets.labels import labels_of, replacements
from app.datasets.sources import source_names
from app.db.tables.datasets import Example

LOOKED_THROUGH = 20_000  # rows whose splits are read; a project has few of them
MOST_SPLITS = 50


@dataclass(frozen=True, slots=True)
class Choices:
    """Names by id; labels in their order, retired ones too, with what stands for those now."""

    labels: Mapping[int, str]
    retired: Mapping[int, int]
    unused: frozenset[int]  # retired, and nothing stands for them
    sources: Mapping[int, str]
    splits: list[str]

    @property
    def in_use(self) -> dict[int, str]:
        """The labels one may choose from."""
        return {label: name for label, name in self.labels.items() if label not in self.retired}


def choices(session: Session, project_id: int) -> Choices:
    every = labels_of(session, project_id, retired=True)
    labels = shown_names(every)
    unused = frozenset(one.id for one in every if one.retired_at and one.current_id is None)
    named = source_names(session, project_id)
    return Choices(labels, replacements(every), unused, named, _splits(session, project_id))


def _splits(session: Session, project_id: int) -> list[str]:
    some = select(Example.split).where(Example.project_id == project_id).limit(LOOKED_THROUGH)
    splits = session.scalars(select(some.subquery().c.split).distinct())
    return sorted(filter(None, splits))[:MOST_SPLITS]
