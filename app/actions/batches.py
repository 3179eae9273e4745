"""What a lead does with batches: make one, pause or close it, hand it to people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.accounts.activity import ActivityKind
from app.actions.activity import note
from app.actions.opening import check_people, check_routing, open_by_plan
from app.actions.turn import Caller, work_in
from app.db.tables.review import Batch
from app.db.words import BatchState, Role, Routing
from app.errors import NotFound
from app.review.batches.batch import (
    Opening,
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
        check_people(turn.session, project_id, plan.people)
        opening = Opening(turn.member.person_id, turn.now)
        batch = open_by_plan(turn.lock, plan, opening, turn.rng)
        note(turn, ActivityKind.BATCH_CREATED, batch=batch.number, name=batch.name, size=batch.size)
        return batch


def change(caller: Caller, batch_id: int, wanted: BatchChange) -> Batch:
    """Hand a batch to other people or route it otherwise, then pause, reopen or close it."""
    batch = caller.session.get(Batch, batch_id)
    if batch is None:
        raise NotFound()
    with work_in(caller, batch.project_id, Role.LEAD) as turn:
        if wanted.people is not None:
            check_people(turn.session, turn.project_id, wanted.people)
            set_people(turn.lock, batch, wanted.people, now=turn.now)
            people = sorted(set(wanted.people))
            note(turn, ActivityKind.BATCH_PEOPLE, batch=batch.number, people=people)
        if wanted.routing is not None and wanted.routing is not batch.routing:
            set_routing(turn.lock, batch, wanted.routing, now=turn.now)
            word = wanted.routing.value
            note(turn, ActivityKind.BATCH_ROUTING, batch=batch.number, routing=word)
        if wanted.people is not None or wanted.routing is not None:
            named = people_named(turn.session, batch.id)
            check_routing(turn.session, turn.project_id, named, batch.routing)
        if wanted.state is not None:
            back = set_state(turn.lock, batch, wanted.state, now=turn.now)
            state = wanted.state.value
            note(turn, ActivityKind.BATCH_STATE, batch=batch.number, state=state, back=back)
        turn.session.flush()
        return batch
