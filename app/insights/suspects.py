"""Labels that the model reads otherwise: how many, and which two it mixes up most often."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session, aliased

from app.datasets.current_labels import current_label, differs
from app.db.tables.datasets import Example, Label, Project
from app.db.tables.ranking import Score
from app.db.words import Status


@dataclass(frozen=True, slots=True)
class MixedUp:
    """Examples that came with one label, of which the model favours another."""

    given: str
    favoured: str
    examples: int


@dataclass(frozen=True, slots=True)
class Suspects:
    """Of the labelled examples nobody has reviewed: what the model says of them, no more."""

    labels: int
    out_of: int
    mostly: MixedUp | None


def suspects(session: Session, project: Project) -> Suspects:
    """By the run that is served; nothing where there is none."""
    favours = differs(Score.suggested_id, Example.given_label_id)
    labels, out_of = session.execute(
        select(func.count().filter(favours), func.count())
        .select_from(Score)
        .join(Example, Example.id == Score.example_id)
        .where(*_unread(project))
    ).one()
    return Suspects(labels, out_of, _mostly(session, project, favours) if labels else None)


def _unread(project: Project) -> tuple[ColumnElement[bool], ...]:
    return (
        Score.run_id == project.run_id,
        Example.status == Status.UNREVIEWED,
        Example.given_label_id.is_not(None),
    )


def _mostly(session: Session, project: Project, favours: ColumnElement[bool]) -> MixedUp | None:
    given, favoured = aliased(Label), aliased(Label)
    row = session.execute(
        select(given.name, favoured.name, func.count().label("examples"))
        .select_from(Score)
        .join(Example, Example.id == Score.example_id)
        .join(given, given.id == current_label(Example.given_label_id))
        .join(favoured, favoured.id == current_label(Score.suggested_id))
        .where(and_(favours, *_unread(project)))
        .group_by(given.id, given.name, favoured.id, favoured.name)
        .order_by(func.count().desc(), given.name, favoured.name)
        .limit(1)
    ).one_or_none()
    return MixedUp(*row) if row is not None else None
