"""Tell anew how many wrong labels are left, and turn to closing checks when they are due."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.accounts.activity import Act, ActivityKind, record
from app.audit.estimates import Told, keep, stale_estimates, tell
from app.db.engine import database_now, reading, writing
from app.db.tables.audit import Estimate
from app.db.tables.datasets import Project
from app.noise.stopping import DECIDED_EVERY, allowed, random_first
from app.review.batches.rules.registry import BY_PERSON


def estimates_due(engine: Engine, *, now: datetime | None = None) -> list[int]:
    """Projects that have answers which their last estimate does not know."""
    with reading(engine) as session:
        return stale_estimates(session, now=now or database_now(session))


def estimate_project(engine: Engine, project_id: int, *, now: datetime | None = None) -> bool:
    """Tell and keep the estimate of one project; whether there was one to tell.

    It is told from one reading, without a lock: nobody waits for it.
    """
    with reading(engine) as session:
        project = session.get(Project, project_id)
        now = now or database_now(session)
        told = tell(session, project, now=now, by_person=BY_PERSON) if project else None
    if told is None:
        return False
    with writing(engine) as session:
        project = session.get(Project, project_id, with_for_update=True)
        if project is None or project.epoch_id != told.row.epoch_id:
            return False  # removed meanwhile, or another epoch was opened
        _close_or_open(session, project, told)
        keep(session, told.row)
    return True


def _close_or_open(session: Session, project: Project, told: Told) -> None:
    """Decided anew every so many serves, from what was known then."""
    last = session.get(Estimate, told.row.epoch_id)
    if last is not None and last.serves // DECIDED_EVERY == told.row.serves // DECIDED_EVERY:
        return
    row = told.row
    share = allowed(row.labels, project.target_bp / 10_000) / max(1, row.pool)
    closing = project.target_chosen_at is not None and random_first(told.left, told.serves, share)
    if closing != project.closing:
        project.closing = closing
        detail = {"state": "on" if closing else "off"}
        act = Act(ActivityKind.CLOSING_CHECKS, None, project.id, detail)
        record(session, act, now=told.row.made_at)
