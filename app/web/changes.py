"""What a lead may change about a project, the same by page and by program."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.accounts.activity import record
from app.accounts.membership import Member
from app.audit.epochs import open_epoch
from app.datasets.projects import (
    archive_project,
    rename_project,
    set_confirmations,
)
from app.db.tables.datasets import Project
from app.errors import Invalid
from app.ranking.refit import MOST_REFIT_AFTER

LOWEST_TARGET, HIGHEST_TARGET = 0.1, 50.0  # per cent of labels that may stay wrong


@dataclass(frozen=True, slots=True)
class ProjectChange:
    """What is to be different; None leaves it as it is."""

    name: str | None = None
    confirmations: int | None = None
    target_percent: float | None = None
    refit_after: int | None = None
    archived: bool | None = None


def change_project(
    session: Session,
    member: Member,
    change: ProjectChange,
    *,
    now: datetime,
    rng: random.Random,
) -> Project:
    """Apply a change; another number of confirmations restarts the audit's estimate."""
    project = session.get_one(Project, member.project_id)
    if change.target_percent is not None:
        project.target_bp = _basis_points(change.target_percent)
    if change.refit_after is not None:
        project.refit_after = _new_answers(change.refit_after)
    if change.name is not None and change.name != project.name:
        rename_project(session, project.id, change.name)
    if change.confirmations is not None and set_confirmations(
        session, project.id, change.confirmations, actor=member.pseudonym, now=now
    ):
        session.refresh(project)
        if project.epoch_id is not None:
            open_epoch(session, project.id, reason="confirmations", now=now, rng=rng)
    if change.archived is not None:
        archive_project(session, project.id, now=now, archived=change.archived)
    session.flush()
    detail = {
        name: value
        for name in ("name", "confirmations", "target_percent", "refit_after", "archived")
        if (value := getattr(change, name)) is not None
    }
    record(session, member.person_id, project.id, "project_changed", detail, now=now)
    session.refresh(project)
    return project


def _basis_points(percent: float) -> int:
    if not LOWEST_TARGET <= percent <= HIGHEST_TARGET:  # false for NaN too
        raise Invalid(
            f"The target lies between {LOWEST_TARGET} and {HIGHEST_TARGET} per cent.",
            next_step="Choose a share of labels that may stay wrong, such as 5.",
            code="target",
        )
    return round(percent * 100)


def _new_answers(count: int) -> int:
    if not 0 <= count <= MOST_REFIT_AFTER:
        raise Invalid(
            f"The queue is ranked again after 1 to {MOST_REFIT_AFTER:,} new answers, or with 0 "
            "only when somebody asks.",
            next_step="Choose a number such as 100.",
            code="refit_after",
        )
    return count
