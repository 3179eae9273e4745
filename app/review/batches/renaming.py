"""Batches say in words by which source or text they were picked: what goes there goes here too."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit.study.renaming import renamed
from app.datasets.quotes import ERASED
from app.datatypes.hidden_characters import written_out
from app.db.tables.datasets import Example, Project, Source
from app.db.tables.planned import RecurringBatch, SavedView
from app.db.tables.review import Batch
from app.review.batches.filters import Filter, conditions


def rename_in_batches(
    session: Session, project_id: int, names: Mapping[str, str]
) -> dict[str, str]:
    """What sources are called now; the names of batches that changed with it, by what they were."""
    here = Source.project_id == project_id, Source.name.in_(names.values())
    sources = set(session.scalars(select(Source.id).where(*here)))
    changed = dict[str, str]()
    for batch in session.scalars(select(Batch).where(Batch.project_id == project_id)):
        if batch.rule.get("filter", {}).get("source") in sources:
            changed |= _reworded(batch, lambda text: str(renamed(text, names)))
    session.flush()
    return changed


def cut_from_filters(session: Session, project_id: int, example_id: int) -> dict[str, str]:
    """Before an example is erased: no filter that finds it alone says any more what it looks for.

    What was typed as a name is not looked for. The names of batches that changed, as above.
    """
    project = session.get_one(Project, project_id)
    batches = session.scalars(select(Batch).where(Batch.project_id == project_id)).all()
    views = session.scalars(select(SavedView).where(SavedView.project_id == project_id)).all()
    plans = select(RecurringBatch).where(RecurringBatch.project_id == project_id)
    rows = session.scalars(plans).all()
    kept = [
        *(batch.rule.get("filter", {}) for batch in batches),
        *(view.filter for view in views),
        *(row.plan.get("filter", {}) for row in rows),
    ]
    texts = {str(one["text"]) for one in kept if one.get("text")}
    alone = {text for text in texts if _finds_alone(session, project, example_id, text)}
    changed = dict[str, str]()
    for batch in batches:
        if (text := batch.rule.get("filter", {}).get("text")) in alone:
            changed |= _reworded(batch, partial(_without, text=str(text)))
            batch.rule = {**batch.rule, "filter": {**batch.rule["filter"], "text": ERASED}}
    for view in views:
        if view.filter.get("text") in alone:
            view.filter = {**view.filter, "text": ERASED}
    for row in rows:
        if row.plan.get("filter", {}).get("text") in alone:
            row.plan = {**row.plan, "filter": {**row.plan["filter"], "text": ERASED}}
    session.flush()
    return changed


def _finds_alone(session: Session, project: Project, example_id: int, text: str) -> bool:
    """Others that it finds keep it: then it says nothing of this one."""
    found = select(Example.id).where(*conditions(project, Filter(text=text), []))
    if session.scalar(found.where(Example.id == example_id)) is None:
        return False
    return session.scalar(found.where(Example.id != example_id).limit(1)) is None


def _without(said: str, text: str) -> str:
    for one in (written_out(text), text):
        said = said.replace(one, ERASED)
    return said


def _reworded(batch: Batch, change: Callable[[str], str]) -> dict[str, str]:
    """Its words and its name in other words; the new name by the old one, where it changed."""
    batch.rule = {**batch.rule, "words": change(batch.rule.get("words", ""))}
    before, batch.name = batch.name, change(batch.name)[:200]
    return {before: batch.name} if batch.name != before else {}
