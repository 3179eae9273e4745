"""Founding a project, the same by page and by program."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from app.accounts.activity import Act, ActivityKind, record
from app.accounts.membership import join
from app.accounts.people import Who
from app.datasets.projects import ProjectPlan, create_project
from app.db.tables.datasets import Project
from app.db.words import Role


def found_project(session: Session, who: Who, plan: ProjectPlan, *, now: datetime) -> Project:
    """Make a project; who makes it leads it."""
    project = create_project(session, plan, now=now, actor=who.pseudonym)
    join(session, project.id, who.id, Role.LEAD, now=now)
    record(session, Act(ActivityKind.PROJECT_CREATED, who.id, project.id), now=now)
    return project
