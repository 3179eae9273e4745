"""When a study of the noise is made, and where its last one is kept."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import and_, exists, func, or_, select
from sqlalchemy.orm import Session

from app.audit.study.probes import Probed, kind_now, probes_of
from app.audit.study.report import Group, Report
from app.datasets.projects import is_in_use
from app.db.tables.audit import Study
from app.db.tables.datasets import Project
from app.db.tables.jobs import Job
from app.errors import Conflict
from app.jobs.task import AskedBy, TaskName
from app.jobs.under_way import enqueue_once, is_under_way, job_under_way

STEPS = (
    "reading answers",
    "comparing labels",
    "comparing groups",
    "comparing sources",
    "comparing dates and splits",
)
"""As a study tells them while it is made."""

AFTER = 100
"""New events of the log after which the noise is looked at again by itself."""


@dataclass(frozen=True)
class StudyArguments:
    """Nothing has to be said: it is told of what stands when it begins."""


STUDY = TaskName("study", StudyArguments)


@dataclass(frozen=True, slots=True)
class Kept:
    """The last study: `report` is none where too little was decided; `new` events since.

    Its kind goes by what was asked of groups meanwhile.
    """

    row: Study
    report: Report | None
    new: int
    probes: list[Probed]


def last_study(session: Session, project: Project) -> Kept | None:
    row = session.get(Study, project.id)
    if row is None:
        return None
    probes = probes_of(session, project.id)
    report = Report.read(row.report) if row.report else None
    if report is not None:
        report = replace(report, kind=kind_now(report, probes))
    return Kept(row, report, project.log_seq - row.up_to_seq, probes)


def group_named(session: Session, project: Project, place: int, words: str) -> Group:
    """A group of the last study; the words say which was meant, for the list may have changed."""
    kept = last_study(session, project)
    groups = kept.report.groups if kept is not None and kept.report is not None else []
    if not 1 <= place <= len(groups) or groups[place - 1].words != words:
        raise Conflict(
            "The groups were compared again since this list was shown.",
            next_step="Open Insights again and choose there.",
            code="groups_changed",
        )
    return groups[place - 1]


def study_job(session: Session, project_id: int) -> Job | None:
    """The one that waits or runs."""
    return job_under_way(session, project_id, STUDY)


def ask_for_study(session: Session, project_id: int, *, by: int | None, now: datetime) -> Job:
    """The same asked twice is one job."""
    asked_by = AskedBy(project_id, by)
    return enqueue_once(session, STUDY, StudyArguments(), asked_by=asked_by, now=now)


def due_studies(session: Session) -> list[int]:
    """Ranked projects with much that the last study does not know; takes no lock."""
    asked = exists().where(is_under_way(Project.id, STUDY))
    known = func.coalesce(Study.up_to_seq, 0)
    other_run = and_(Study.run_id != Project.run_id, Project.log_seq > known)
    query = (
        select(Project.id)
        .outerjoin(Study, Study.project_id == Project.id)
        .where(
            Project.run_id.is_not(None),
            is_in_use(),
            or_(Project.log_seq - known >= AFTER, other_run),
            ~asked,
        )
        .order_by(Project.id)
    )
    return list(session.scalars(query))
