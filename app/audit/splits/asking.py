"""When the audit of a split is told anew."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit.kept_reports import is_due
from app.db.tables.datasets import Project
from app.db.tables.jobs import Job
from app.db.tables.models import SplitAudit
from app.jobs.task import AskedBy, TaskName
from app.jobs.under_way import ask_once

STEPS = ("counting wrong labels of the split",)


@dataclass(frozen=True)
class SplitAuditArguments:
    audit_id: int


SPLIT_AUDIT = TaskName("split_audit", SplitAuditArguments)


def ask_for_report(session: Session, audit: SplitAudit, *, by: int | None, now: datetime) -> Job:
    """The same asked twice is one job."""
    arguments, asked_by = SplitAuditArguments(audit.id), AskedBy(audit.project_id, by)
    return ask_once(session, SPLIT_AUDIT, arguments, asked_by=asked_by, now=now)


def due_split_audits(session: Session, *, now: datetime) -> list[SplitAudit]:
    """Open ones with news that their report does not know; takes no lock."""
    query = (
        select(SplitAudit)
        .join(Project, Project.id == SplitAudit.project_id)
        .where(*is_due(SplitAudit, SPLIT_AUDIT, now=now), SplitAudit.epoch_id == Project.epoch_id)
        .order_by(SplitAudit.id)
    )
    return list(session.scalars(query))
