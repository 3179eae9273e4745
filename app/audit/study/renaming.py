"""Groups name sources: one that has another name now is called by that."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.datasets.quotes import change_texts
from app.db.tables.audit import BulkFix, Probe, Recovery, Study


def rename_sources(session: Session, project_id: int, names: Mapping[str, str]) -> None:
    """In what was studied and measured last and in groups that were probed or to be changed.

    Numbers stay.
    """
    for last in (session.get(Study, project_id), session.get(Recovery, project_id)):
        if last is not None:
            last.report = renamed(last.report, names)
    for probe in session.scalars(select(Probe).where(Probe.project_id == project_id)):
        probe.words = renamed(probe.words, names)
    for fix in session.scalars(select(BulkFix).where(BulkFix.project_id == project_id)):
        fix.words = renamed(fix.words, names)
    session.flush()


def renamed(told: Any, names: Mapping[str, str]) -> Any:
    """The same JSON or text with other names of sources, where they stand as words."""

    def with_new(text: str) -> str:
        for old, new in names.items():
            text = re.sub(rf"(?<!\w){re.escape(old)}(?!\w)", new, text)
        return text

    return change_texts(told, with_new)
