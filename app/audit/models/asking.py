"""When a test-set audit is worked out anew."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, exists, func, or_, select
from sqlalchemy.orm import Session

from app.datasets.projects import is_in_use
from app.db.tables.datasets import Project
from app.db.tables.jobs import Job
from app.db.tables.models import TestAudit
from app.jobs.task import AskedBy, TaskName
from app.jobs.under_way import ask_once, is_under_way, job_under_way

STEPS = ("reading predictions", "comparing models")

AFTER = 50
"""New events of the log after which it is worked out again by itself; and fewer, in a while."""

A_WHILE = timedelta(minutes=5)


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
    asked = exists().where(is_under_way(Project.id, TEST_AUDIT))
    new = Project.log_seq - func.coalesce(TestAudit.up_to_seq, 0)
    stale = and_(new > 0, TestAudit.made_at < now - A_WHILE)
    query = (
        select(TestAudit)
        .join(Project, Project.id == TestAudit.project_id)
        .where(
            TestAudit.closed_at.is_(None),
            is_in_use(),
            or_(TestAudit.made_at.is_(None), new >= AFTER, stale),
            ~asked,
        )
        .order_by(TestAudit.id)
    )
    return list(session.scalars(query))
