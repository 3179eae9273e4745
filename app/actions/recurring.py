"""Batches that make themselves: asked for, changed, paused and ended by a lead."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from app.accounts.activity import ActivityKind
from app.accounts.turn import By
from app.actions.activity import note_by
from app.actions.opening import check_people, check_routing
from app.actions.turn import Caller, at_console, work_by_slug
from app.db.log import ProjectLock
from app.db.tables.planned import RecurringBatch
from app.db.words import Role
from app.review.batches.recurring import (
    RecurringPlan,
    check_room,
    checked,
    recurring_of,
    schedule_of,
    stored_plan,
)


def add_recurring(caller: Caller, slug: str, asked: RecurringPlan) -> RecurringBatch:
    """Have a batch made again and again; the first when its time comes."""
    with work_by_slug(caller, slug, Role.LEAD) as turn:
        return _add(turn.lock, asked, By.of(turn))


def add_from_console(session: Session, named: str, asked: RecurringPlan) -> RecurringBatch:
    with at_console(session, named) as (lock, by):
        return _add(lock, asked, by)


def change_recurring(
    caller: Caller, slug: str, recurring_id: int, asked: RecurringPlan
) -> RecurringBatch:
    """Make the next ones by another plan, or at other times; what was made stays as it is."""
    with work_by_slug(caller, slug, Role.LEAD) as turn:
        row = recurring_of(turn.session, turn.project_id, recurring_id)
        _plan(turn.lock, row, asked, now=turn.now)
        turn.session.flush()
        _note(turn.lock, ActivityKind.RECURRING_CHANGED, row, By.of(turn))
        return row


def pause_recurring(
    caller: Caller, slug: str, recurring_id: int, *, paused: bool
) -> RecurringBatch:
    """Make none until it is resumed; then what would have been made meanwhile is not made."""
    with work_by_slug(caller, slug, Role.LEAD) as turn:
        return _pause(turn.lock, recurring_id, By.of(turn), paused=paused)


def pause_from_console(
    session: Session, named: str, recurring_id: int, *, paused: bool
) -> RecurringBatch:
    with at_console(session, named) as (lock, by):
        return _pause(lock, recurring_id, by, paused=paused)


def delete_recurring(caller: Caller, slug: str, recurring_id: int) -> None:
    """End it; the batches that were made stay."""
    with work_by_slug(caller, slug, Role.LEAD) as turn:
        _delete(turn.lock, recurring_id, By.of(turn))


def delete_from_console(session: Session, named: str, recurring_id: int) -> None:
    with at_console(session, named) as (lock, by):
        _delete(lock, recurring_id, by)


def _add(lock: ProjectLock, asked: RecurringPlan, by: By) -> RecurringBatch:
    check_room(lock.session, lock.project_id)
    row = RecurringBatch(project_id=lock.project_id, made_by=by.person_id, made_at=by.now)
    _plan(lock, row, asked, now=by.now)
    lock.session.add(row)
    lock.session.flush()
    _note(lock, ActivityKind.RECURRING_ADDED, row, by)
    return row


def _plan(lock: ProjectLock, row: RecurringBatch, asked: RecurringPlan, *, now: datetime) -> None:
    """Write down what is asked for, and when it is due next: never twice in one period."""
    people = asked.batch.people
    check_people(lock.session, lock.project_id, people)
    check_routing(lock.session, lock.project_id, people, asked.batch.routing)
    asked = checked(lock.session, lock.project_id, asked)
    row.name = asked.batch.name.strip()[:200]
    row.plan, row.due_days = stored_plan(asked.batch), asked.due_days
    when = asked.schedule
    row.every, row.day, row.minute = when.every, when.day, when.minute
    row.next_at = when.next_after(now, made_for=row.made_for)


def _pause(lock: ProjectLock, recurring_id: int, by: By, *, paused: bool) -> RecurringBatch:
    row = recurring_of(lock.session, lock.project_id, recurring_id)
    if paused == (row.paused_at is not None):
        return row
    row.paused_at = by.now if paused else None
    if not paused:
        row.next_at = schedule_of(row).next_after(by.now, made_for=row.made_for)
    kind = ActivityKind.RECURRING_PAUSED if paused else ActivityKind.RECURRING_RESUMED
    lock.session.flush()
    _note(lock, kind, row, by)
    return row


def _delete(lock: ProjectLock, recurring_id: int, by: By) -> None:
    row = recurring_of(lock.session, lock.project_id, recurring_id)
    _note(lock, ActivityKind.RECURRING_DELETED, row, by)
    lock.session.delete(row)
    lock.session.flush()


def _note(lock: ProjectLock, kind: ActivityKind, row: RecurringBatch, by: By) -> None:
    note_by(lock, by, kind, recurring=row.id, name=row.name)
