"""Groups and batches name sources: one that has another name now is called by that."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit.acceptance import batch_name
from app.db.tables.audit import BulkFix, Probe, SourceCheck, Study
from app.db.tables.review import Batch


def rename_sources(session: Session, project_id: int, names: Mapping[str, str]) -> None:
    """In what the last study says, in the groups that were probed or to be changed, and in batches
    that check a source; every number stays."""
    study = session.get(Study, project_id)
    if study is not None:
        study.report = _renamed(study.report, names)
    for probe in session.scalars(select(Probe).where(Probe.project_id == project_id)):
        probe.words = _renamed(probe.words, names)
    for fix in session.scalars(select(BulkFix).where(BulkFix.project_id == project_id)):
        fix.words = _renamed(fix.words, names)
    called = {batch_name(old): batch_name(new) for old, new in names.items()}
    checks = select(SourceCheck.batch_id).where(SourceCheck.project_id == project_id)
    for batch in session.scalars(select(Batch).where(Batch.id.in_(checks))):
        batch.name = called.get(batch.name, batch.name)
    session.flush()


def _renamed(told: Any, names: Mapping[str, str]) -> Any:
    if isinstance(told, str):
        for old, new in names.items():
            told = re.sub(rf"(?<!\w){re.escape(old)}(?!\w)", new, told)
        return told
    if isinstance(told, dict):
        return {name: _renamed(one, names) for name, one in told.items()}
    if isinstance(told, list):
        return [_renamed(one, names) for one in told]
    return told
