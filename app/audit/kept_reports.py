"""Reports that are told anew by themselves while answers come: which of them are due."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_

from app.datasets.projects import is_in_use
from app.db.tables.datasets import Project
from app.db.tables.models import SplitAudit, TestAudit
from app.jobs.task import TaskName
from app.jobs.under_way import is_under_way

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
