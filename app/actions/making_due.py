"""The worker makes the batches whose time has come: once for each time, whoever else is at it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.accounts.activity import ActivityKind
from app.accounts.turn import By
from app.actions.activity import note_by
from app.actions.opening import open_by_plan
from app.datasets.current_labels import label_now
from app.db.engine import database_now, writing
from app.db.log import ProjectLock, lock_project
from app.db.tables.datasets import Project
from app.db.tables.json_columns import StoredPlan
from app.db.tables.planned import RecurringBatch
from app.errors import Failure
from app.failpoints import reach
from app.review.batches.batch import Opening
from app.review.batches.plan import BatchPlan, due_time
from app.review.batches.recurring import plan_of, schedule_of
from app.review.books.may import active_people

NOTHING = "nothing to review"
NOBODY = "nobody it is for takes part any more, so nothing was made"


def make_due_batch(engine: Engine, recurring_id: int, *, now: datetime | None = None) -> bool:
    """Make the batch of one time that is due, or write down why there is none; all or nothing.

    Under the project's lock: whoever waited for it finds the time done, and makes nothing.
    """
    with writing(engine) as session:
        row = session.get(RecurringBatch, recurring_id)
        if row is None:
            return False
        now = now or database_now(session)
        lock = lock_project(session, row.project_id)
        if not _still_due(session, row.id, now=now):
            return False
        _make(lock, session.get_one(RecurringBatch, recurring_id), now=now)
        lock.save()
        session.flush()
        reach("recurring.before_commit")
    return True


def _still_due(session: Session, recurring_id: int, *, now: datetime) -> bool:
    """As it is now that the lock is ours."""
    row = session.get(RecurringBatch, recurring_id, populate_existing=True)
    if row is None or row.paused_at is not None or row.next_at > now:
        return False
    project = session.get_one(Project, row.project_id, populate_existing=True)
    return not project.archived and project.deleted_at is None


def _make(lock: ProjectLock, row: RecurringBatch, *, now: datetime) -> None:
    schedule, was, by = schedule_of(row), row.note, By.console(now)
    row.made_for = schedule.last_until(now, since=row.next_at)
    row.next_at = schedule.next_after(now, made_for=row.made_for)
    row.plan = _before_anybody_left(row.plan)
    plan, left = _plan_now(lock.session, row, now=now)
    if row.plan["people"] and not plan.people:
        row.note = NOBODY
        if was != NOBODY:
            note_by(lock, by, ActivityKind.RECURRING_STUCK, recurring=row.id, name=row.name)
        return
    try:
        batch = open_by_plan(lock, plan, Opening(row.made_by, now), by.rng)
    except Failure as failure:
        row.note = NOTHING if failure.code == "nothing_fits" else _words(failure)
        return
    ending = f", {schedule.period(row.made_for)}"
    batch.name = batch.name[: 200 - len(ending)] + ending
    row.last_batch_id, row.note = batch.id, ""
    if left:
        row.plan = {**row.plan, "people": list(plan.people), "left": left}
    number, name, size = batch.number, batch.name, batch.size
    kind = ActivityKind.RECURRING_MADE
    note_by(lock, by, kind, recurring=row.id, batch=number, name=name, size=size)


def _plan_now(
    session: Session, row: RecurringBatch, *, now: datetime
) -> tuple[BatchPlan, list[int]]:
    """The plan for those who still take part, by labels as they stand; and who left."""
    here, named = active_people(session, row.project_id), row.plan["people"]
    left = [person for person in named if person not in here]
    plan = replace(
        plan_of(row),
        people=tuple(person for person in named if person in here),
        given_label_id=label_now(session, row.plan.get("label")),
        suggested_id=label_now(session, row.plan.get("suggested")),
        due_at=_due(row.due_days, now=now),
    )
    return plan, left


def _before_anybody_left(plan: StoredPlan) -> StoredPlan:
    """The same plan; who is dropped this time is not known yet."""
    kept = plan.copy()
    kept.pop("left", None)
    return kept


def _due(days: int | None, *, now: datetime) -> datetime | None:
    return None if days is None else due_time(now.date() + timedelta(days=days), now=now)


def _words(failure: Failure) -> str:
    return f"{failure.detail} {failure.next_step}"[:500]
