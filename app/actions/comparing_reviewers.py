"""Have the reviewers of a project compared, and keep what is found."""

from __future__ import annotations

import time
from datetime import datetime

import numpy as np
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.actions.turn import Caller, work_by_slug
from app.audit.reviewers.asking import ask_for_comparison, due_comparisons
from app.audit.reviewers.skills import keep_skills
from app.audit.reviewers.telling import tell
from app.db.engine import database_now, reading, writing
from app.db.tables.audit import ReviewerReport
from app.db.tables.datasets import Project
from app.db.tables.jobs import Job
from app.db.words import Role
from app.progress import Progress, quiet


def compare_again(caller: Caller, slug: str) -> Job:
    """A lead asks; asked again while it runs, it is the same job."""
    with work_by_slug(caller, slug, Role.LEAD) as turn:
        by = turn.member.person_id
        return ask_for_comparison(turn.session, turn.project_id, by=by, now=turn.now)


def start_due_comparisons(session: Session, *, now: datetime) -> list[int]:
    """Enqueue a comparison for every project that is due; which ones."""
    due = due_comparisons(session)
    for project_id in due:
        ask_for_comparison(session, project_id, by=None, now=now)
    return due


def compare_reviewers(engine: Engine, project_id: int, *, progress: Progress = quiet) -> int:
    """Read all answers and keep what they show of agreement and of each reviewer; how many."""
    began = time.monotonic()
    with reading(engine) as session:
        project = session.get(Project, project_id)
        if project is None:
            return 0
        up_to_seq = project.log_seq
        rng = np.random.default_rng([project_id, up_to_seq])
        report, skills = tell(session, project, rng, progress)
    with writing(engine) as session:
        if session.get(Project, project_id, with_for_update=True) is None:
            return 0  # it was removed meanwhile
        session.merge(
            ReviewerReport(
                project_id=project_id,
                up_to_seq=up_to_seq,
                made_at=database_now(session),
                took_ms=round(1000 * (time.monotonic() - began)),
                report=report.written(),
            )
        )
        keep_skills(session, project_id, skills)
    return len(report.people)
