"""Saved views as they are listed: what each asks for, what of that is gone, how many match."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.db.tables.datasets import Example, Project
from app.db.tables.planned import SavedView
from app.db.tables.ranking import Score
from app.db.tables.review import Batch
from app.insights.choices import Choices, choices
from app.insights.counts import own_score
from app.insights.filter_words import WITHOUT, filter_words
from app.labels import current
from app.review.batches.filters import Filter, conditions, filter_from, unseen_imports
from app.review.batches.views import views_of

MOST_COUNTED = 20  # views whose matches are counted when the list is opened
SMALL = 10_000  # examples of a project in which that is quick


@dataclass(frozen=True, slots=True)
class ViewShown:
    """One view; `gone` says what it names and is there no more, `matching` only if it is cheap."""

    id: int
    name: str
    wanted: Filter
    words: str
    gone: str
    matching: int | None = None


def views_shown(
    session: Session, project: Project, *, viewer: int = 0, names: Choices | None = None
) -> list[ViewShown]:
    """The views of a project, by name; with how many examples match where the project is small."""
    views = views_of(session, project.id)
    if not views:
        return []
    names = names or choices(session, project.id)
    wanted = [filter_from(view.filter, viewer) for view in views]
    there = _batches(session, project.id, wanted)
    counts = _counts(session, project, wanted)
    return [
        _shown(view, one, names, there, count)
        for view, one, count in zip(views, wanted, counts, strict=True)
    ]


def _shown(
    view: SavedView, wanted: Filter, names: Choices, batches: set[int], matching: int | None
) -> ViewShown:
    words = ", ".join(filter_words(wanted, names).values())
    return ViewShown(view.id, view.name, wanted, words, _gone(wanted, names, batches), matching)


def _gone(wanted: Filter, names: Choices, batches: set[int]) -> str:
    """In words, what the filter names that has another name, or is there no more."""
    told = []
    for label in filter(None, (wanted.given, wanted.label, wanted.suggested)):
        name, now = names.labels.get(label), current(label, names.retired)
        if name is None:
            told.append("A label it names is gone.")
        elif now != label:
            told.append(f"{name} is merged into {names.labels.get(now, WITHOUT)}: it finds both.")
        elif label in names.unused:
            told.append(f"The label {name} is out of use.")
    if wanted.source is not None and wanted.source not in names.sources:
        told.append("The source it names is gone.")
    if wanted.batch is not None and wanted.batch not in batches:
        told.append(f"There is no batch {wanted.batch}.")
    return " ".join(dict.fromkeys(told))


def _batches(session: Session, project_id: int, wanted: list[Filter]) -> set[int]:
    """Which of the batches that are named there are."""
    named = {one.batch for one in wanted if one.batch is not None}
    if not named:
        return set()
    query = select(Batch.number).where(Batch.project_id == project_id, Batch.number.in_(named))
    return set(session.scalars(query))


def _counts(session: Session, project: Project, wanted: list[Filter]) -> list[int | None]:
    """How many match each: nothing where counting could take long."""
    some = select(Example.id).where(Example.project_id == project.id).limit(SMALL + 1).subquery()
    if (session.scalar(select(func.count()).select_from(some)) or 0) > SMALL:
        return [None] * len(wanted)
    unseen = unseen_imports(session, project.id)
    columns = []
    for one in wanted[:MOST_COUNTED]:
        query = select(func.count(Example.id)).where(*conditions(project, one, unseen))
        if one.scored:
            query = query.join(Score, own_score(project))
        columns.append(query.scalar_subquery())
    counted = session.execute(select(*columns)).one()
    return [*counted, *[None] * (len(wanted) - len(counted))]
