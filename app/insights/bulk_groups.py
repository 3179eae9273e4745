"""Groups of examples that a bulk fix may be about: a slice, a group of the last study, a filter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from app.audit.study.asking import group_named
from app.audit.study.probes import confirmed_slice
from app.datasets.current_labels import current_label, is_standing_label, standing_label
from app.db.tables.datasets import Example, Project
from app.db.tables.ranking import Score
from app.insights.choices import choices
from app.insights.counts import own_score
from app.insights.filter_words import filter_words
from app.review.batches.filters import Filter, conditions, unseen_imports
from app.review.batches.picking import may_be_served

EVERY_EXAMPLE = "all examples"


@dataclass(frozen=True, slots=True)
class OfSlice:
    """A group that fresh examples confirmed, by its probe."""

    probe: int


@dataclass(frozen=True, slots=True)
class OfStudy:
    """A group of the last study, by its place; the words say which one was meant."""

    place: int
    words: str


Which: TypeAlias = OfSlice | OfStudy | Filter
"""How a group is named."""


@dataclass(frozen=True, slots=True)
class Group:
    """What its examples share, in words and as SQL; `cut` where only those that look worst are
    known."""

    project: Project
    words: str
    conditions: tuple[ColumnElement[bool], ...]
    scored: bool = False
    cut: bool = False

    def members(self, label_id: int | None = None) -> Select[Any]:
        """Ids of those that nobody was handed or has answered, of one standing label or any."""
        query = (
            select(Example.id)
            .select_from(Example)
            .where(*may_be_served(self.project.id), *self.conditions)
        )
        if self.scored:
            query = query.join(Score, own_score(self.project))
        return query if label_id is None else query.where(is_standing_label(label_id))


def group_of(session: Session, project: Project, which: Which) -> Group:
    """The group, if it is still there."""
    if isinstance(which, OfSlice):
        return _slice(session, project, which)
    if isinstance(which, OfStudy):
        return _of_study(session, project, which)
    words = ", ".join(filter_words(which, choices(session, project.id)).values())
    unseen = unseen_imports(session, project.id)
    asked = tuple(conditions(project, which, unseen))
    return Group(project, words or EVERY_EXAMPLE, asked, which.scored)


def _slice(session: Session, project: Project, which: OfSlice) -> Group:
    row = confirmed_slice(session, project.id, which.probe).row
    named = Example.id.in_(row.to_review)
    return Group(project, row.words, (named,), cut=row.size > len(row.to_review))


def _of_study(session: Session, project: Project, which: OfStudy) -> Group:
    one = group_named(session, project, which.place, which.words)
    named = Example.id.in_(one.to_review)
    return Group(project, one.words, (named,), cut=one.undecided > len(one.to_review))


def labels_in(session: Session, group: Group) -> dict[int, int]:
    """How many examples of a group have each standing label, the most first."""
    label = current_label(standing_label()).label("label")
    rows = session.execute(
        group.members()
        .with_only_columns(label, func.count().label("examples"))
        .where(standing_label().is_not(None))
        .group_by("label")
        .order_by(func.count().desc(), "label")
    )
    return {row.label: row.examples for row in rows}


def favoured_in(session: Session, group: Group, label_id: int) -> int | None:
    """The other label that the model favours most often in it; none where it agrees."""
    if group.project.run_id is None:
        return None
    label = current_label(Score.suggested_id).label("label")
    query = group.members(label_id).with_only_columns(label, func.count())
    if not group.scored:
        query = query.join(Score, own_score(group.project))
    rows = session.execute(query.group_by("label").order_by(func.count().desc(), "label")).all()
    return next((one for one, _ in rows if one not in (None, label_id)), None)
