"""What a lead does with batches: make one, pause or close it, hand it to people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.accounts.activity import ActivityKind
from app.accounts.turn import By
from app.actions.activity import note_batch, note_by
from app.actions.opening import check_people, check_routing, open_by_plan
from app.actions.turn import Caller, at_console, work_in
from app.db.log import ProjectLock
from app.db.tables.review import Batch
from app.db.words import BatchState, Role, Routing
from app.errors import NotFound
from app.review.batches.batch import (
    Opening,
    batch_of,
    people_named,
    set_people,
    set_routing,
    set_state,
)
from app.review.batches.plan import BatchPlan


@dataclass(frozen=True, slots=True)
class BatchChange:
    """What is to be different; None leaves it as it is. No people: everyone in the project."""

    state: BatchState | None = None
    people: Sequence[int] | None = None
    routing: Routing | None = None


def make(caller: Caller, project_id: int, plan: BatchPlan) -> Batch:
    """Open a batch."""
    with work_in(caller, project_id, Role.LEAD) as turn:
        return _make(turn.lock, plan, By.of(turn))


def make_from_console(session: Session, named: str, plan: BatchPlan) -> Batch:
    with at_console(session, named) as (lock, by):
        return _make(lock, plan, by)


def change(caller: Caller, batch_id: int, wanted: BatchChange) -> Batch:
    """Hand a batch to other people or route it otherwise, then pause, reopen or close it."""
    batch = caller.session.get(Batch, batch_id)
    if batch is None:
        raise NotFound()
    with work_in(caller, batch.project_id, Role.LEAD) as turn:
        return _change(turn.lock, batch, wanted, By.of(turn))


def change_from_console(session: Session, named: str, number: int, wanted: BatchChange) -> Batch:
    """The same of a batch by its number."""
    with at_console(session, named) as (lock, by):
        return _change(lock, batch_of(session, lock.project_id, number), wanted, by)


def _make(lock: ProjectLock, plan: BatchPlan, by: By) -> Batch:
    check_people(lock.session, lock.project_id, plan.people)
    batch = open_by_plan(lock, plan, Opening(by.person_id, by.now), by.rng)
    note_batch(lock, batch, by=by.person_id, now=by.now)
    return batch


def _change(lock: ProjectLock, batch: Batch, wanted: BatchChange, by: By) -> Batch:
    session, number = lock.session, batch.number
    if wanted.people is not None:
        check_people(session, lock.project_id, wanted.people)
        set_people(lock, batch, wanted.people, now=by.now)
        people = sorted(set(wanted.people))
        note_by(lock, by, ActivityKind.BATCH_PEOPLE, batch=number, people=people)
    if wanted.routing is not None and wanted.routing is not batch.routing:
        set_routing(lock, batch, wanted.routing, now=by.now)
        word = wanted.routing.value
        note_by(lock, by, ActivityKind.BATCH_ROUTING, batch=number, routing=word)
    if wanted.people is not None or wanted.routing is not None:
        check_routing(session, lock.project_id, people_named(session, batch.id), batch.routing)
    if wanted.state is not None:
        back = set_state(lock, batch, wanted.state, now=by.now)
        state = wanted.state.value
        note_by(lock, by, ActivityKind.BATCH_STATE, batch=number, state=state, back=back)
    session.flush()
    return batch
