"""When reviewers are compared, and where what was found last is kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from app.accounts.membership import is_active
from app.audit.reviewers.report import Report
from app.datasets.projects import is_in_use
from app.db.tables.accounts import Membership
from app.db.tables.audit import ReviewerReport, ReviewerSkill
from app.db.tables.datasets import Project
from app.db.tables.jobs import Job
from app.jobs.task import AskedBy, TaskName
from app.jobs.under_way import enqueue_once, is_under_way, job_under_way

STEPS = ("timing answers", "comparing answers", "measuring agreement")
"""As a comparison tells them while it is made."""

AFTER = 50
"""New events of the log after which reviewers are compared again by themselves."""

AND_A_SHARE = 50
"""In a long log it takes 1 in so many: the whole of it is read each time."""


@dataclass(frozen=True)
class ReviewersArguments:
    """Nothing has to be said: it is told of what stands when it begins."""


REVIEWERS = TaskName("reviewers", ReviewersArguments)


@dataclass(frozen=True, slots=True)
class Kept:
    """The last comparison, and how many events of the log came since."""

    report: Report
    made_at: datetime
    up_to_seq: int
    new: int


def last_comparison(session: Session, project: Project) -> Kept | None:
    row = session.get(ReviewerReport, project.id)
    if row is None:
        return None
    new = project.log_seq - row.up_to_seq
    return Kept(Report.read(row.report), row.made_at, row.up_to_seq, new)


def people_measured(session: Session, project_id: int) -> int:
    """How many who take part have answers enough for a skill on each label."""
    measured = exists().where(
        ReviewerSkill.project_id == project_id, ReviewerSkill.person_id == Membership.person_id
    )
    query = select(func.count(func.distinct(Membership.person_id))).where(
        Membership.project_id == project_id, is_active(), measured.correlate(Membership)
    )
    return session.scalar(query) or 0


def comparison_job(session: Session, project_id: int) -> Job | None:
    """The one that waits or runs."""
    return job_under_way(session, project_id, REVIEWERS)


def ask_for_comparison(session: Session, project_id: int, *, by: int | None, now: datetime) -> Job:
    """The same asked twice is one job."""
    asked_by = AskedBy(project_id, by)
    return enqueue_once(session, REVIEWERS, ReviewersArguments(), asked_by=asked_by, now=now)


def due_comparisons(session: Session) -> list[int]:
    """Projects with much that their last comparison does not know; takes no lock."""
    asked = exists().where(is_under_way(Project.id, REVIEWERS))
    known = func.coalesce(ReviewerReport.up_to_seq, 0)
    query = (
        select(Project.id)
        .outerjoin(ReviewerReport, ReviewerReport.project_id == Project.id)
        .where(
            is_in_use(),
            Project.log_seq - known >= AFTER,
            (Project.log_seq - known) * AND_A_SHARE >= known,
            ~asked,
        )
        .order_by(Project.id)
    )
    return list(session.scalars(query))
