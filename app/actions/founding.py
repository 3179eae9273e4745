"""A project is founded: the same by page, by program and by the console."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.accounts.activity import Act, ActivityKind, record
from app.accounts.membership import Known, join, may_create
from app.accounts.people import first_admin, open_accounts, person_by_email
from app.actions.turn import Caller
from app.datasets.projects import ProjectPlan, create_project
from app.db.tables.accounts import Person
from app.db.tables.datasets import Project
from app.db.words import DataType, Role
from app.errors import NotFound


@dataclass(frozen=True, slots=True)
class NewProject:
    """What a project begins with; without `confirmations` those that people are there for."""

    name: str
    data_type: DataType = DataType.TEXT
    confirmations: int | None = None


def usual_confirmations(session: Session) -> int:
    """One reader decides while there is only one; from then on a second reads every change."""
    return 1 if open_accounts(session) < 2 else 2


def found_project(
    session: Session, lead: Known | None, new: NewProject, *, now: datetime
) -> Project:
    """Make a project that this person leads; without anybody the first admin to come leads it."""
    readers = new.confirmations
    if readers is None:
        readers = usual_confirmations(session)
    plan = ProjectPlan(new.name, new.data_type, readers)
    actor = lead.pseudonym if lead is not None else None
    project = create_project(session, plan, now=now, actor=actor)
    if lead is not None:
        join(session, project.id, lead.id, Role.LEAD, now=now)
    founder = lead.id if lead is not None else None
    record(session, Act(ActivityKind.PROJECT_CREATED, founder, project.id), now=now)
    return project


def found_own_project(caller: Caller, new: NewProject) -> Project:
    """Make a project that the caller leads; for those who may start one."""
    if not may_create(caller.session, caller.who):
        raise NotFound()
    return found_project(caller.session, caller.who, new, now=caller.now)


def lead_from_console(session: Session, email: str | None) -> Person | None:
    """Whom the console makes lead: the person named, else the first admin, if there is one."""
    if email is None:
        return first_admin(session)
    person = person_by_email(session, email)
    if person is None or person.disabled_at is not None:
        raise NotFound(
            f"Nobody has an open account with the e-mail {email}.",
            next_step="Add them with relabel people add, or leave --lead out.",
        )
    return person
