"""Batches say in words which source they were picked by: one that is renamed is renamed there."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit.study.renaming import renamed
from app.db.tables.datasets import Source
from app.db.tables.review import Batch


def rename_in_batches(
    session: Session, project_id: int, names: Mapping[str, str]
) -> dict[str, str]:
    """The names of batches that changed with it, by what they were."""
    here = Source.project_id == project_id, Source.name.in_(names.values())
    sources = set(session.scalars(select(Source.id).where(*here)))
    changed = dict[str, str]()
    for batch in session.scalars(select(Batch).where(Batch.project_id == project_id)):
        rule = batch.rule
        if rule.get("filter", {}).get("source") not in sources:
            continue
        batch.rule = {**rule, "words": renamed(rule.get("words", ""), names)}
        now = renamed(batch.name, names)[:200]
        if now != batch.name:
            changed[batch.name], batch.name = now, now
    session.flush()
    return changed
