"""Reports that are told anew by themselves while answers come: which are due, how one is kept."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Engine, and_, exists, func, or_

from app.datasets.projects import is_in_use
from app.db.engine import database_now, writing
from app.db.tables.datasets import Project
from app.db.tables.models import SplitAudit, TestAudit
from app.db.types import JsonObject
from app.jobs.task import TaskName
from app.jobs.under_way import is_under_way

Audit = TypeVar("Audit", TestAudit, SplitAudit)

AFTER = 50
"""New events of the log after which a report is told again by itself; and fewer, in a while."""

A_WHILE = timedelta(minutes=5)


def is_due(
    kind: type[TestAudit | SplitAudit], task: TaskName[Any], *, now: datetime
) -> list[ColumnElement[bool]]:
    """Of an audit joined to its project: it is not closed, and its report does not know enough."""
    asked = exists().where(is_under_way(Project.id, task))
    new = Project.log_seq - func.coalesce(kind.up_to_seq, 0)
    stale = and_(new > 0, kind.made_at < now - A_WHILE)
    return [
        kind.closed_at.is_(None),
        is_in_use(),
        or_(kind.made_at.is_(None), new >= AFTER, stale),
        ~asked,
    ]


def keep_report(
    engine: Engine,
    kind: type[Audit],
    audit_id: int,
    report: JsonObject,
    *,
    up_to: int,
) -> bool:
    """Keep what was told up to an event, unless of more was told meanwhile; False: it is gone."""
    with writing(engine) as session:
        row = session.get(kind, audit_id, with_for_update=True)
        if row is None:
            return False
        if row.made_at is None or (row.up_to_seq or 0) <= up_to:
            row.report, row.up_to_seq, row.made_at = report, up_to, database_now(session)
    return True
