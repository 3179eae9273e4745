"""When a test-set audit is worked out anew."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit.kept_reports import is_due
from app.db.tables.datasets import Project
from app.db.tables.jobs import Job
from app.db.tables.models import TestAudit
from app.jobs.task import AskedBy, TaskName
from app.jobs.under_way import ask_once, job_under_way

STEPS = ("reading predictions", "comparing models")


@dataclass(frozen=True)
class TestAuditArguments:
    audit_id: int


TEST_AUDIT = TaskName("test_audit", TestAuditArguments)


def report_job(session: Session, project_id: int) -> Job | None:
    """The one that waits or runs, and was asked for first."""
    return job_under_way(session, project_id, TEST_AUDIT)


def ask_for_report(session: Session, audit: TestAudit, *, by: int | None, now: datetime) -> Job:
    """The same asked twice is one job; one that runs may have read before what was just done."""
    arguments, asked_by = TestAuditArguments(audit.id), AskedBy(audit.project_id, by)
    return ask_once(session, TEST_AUDIT, arguments, asked_by=asked_by, now=now)


def due_test_audits(session: Session, *, now: datetime) -> list[TestAudit]:
    """Open ones with news that their report does not know; takes no lock."""
    query = (
        select(TestAudit)
        .join(Project, Project.id == TestAudit.project_id)
        .where(*is_due(TestAudit, TEST_AUDIT, now=now))
        .order_by(TestAudit.id)
    )
    return list(session.scalars(query))
