"""What a lead does with batches: make one, pause or close it, hand it to people."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from app.accounts.activity import ActivityKind
from app.actions.activity import note
from app.actions.turn import Caller, work_in
from app.db.log import ProjectLock
from app.db.tables.datasets import Project
from app.db.tables.review import Batch
from app.db.words import BatchState, Role, Routing
from app.errors import Invalid, NotFound
from app.insights.choices import choices
from app.insights.filter_words import filter_words
from app.review.batches.batch import (
    Opening,
    open_batch,
    people_named,
    seeded,
    set_people,
    set_routing,
    set_state,
)
from app.review.batches.plan import BatchPlan
from app.review.batches.views import with_its_view
from app.review.books.may import active_people


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


def open_by_plan(lock: ProjectLock, plan: BatchPlan, opening: Opening, rng: random.Random) -> Batch:
    """The batch of a plan whose view, if any, is still to be looked up; whoever asks."""
    session, project_id = lock.session, lock.project_id
    check_routing(session, project_id, plan.people, plan.routing)
    plan = with_its_view(session, project_id, plan)
    if plan.wanted is not None:
        named = filter_words(plan.wanted, choices(session, project_id))
        plan = replace(plan, words=", ".join(named.values()))
    project = session.get_one(Project, project_id)
    return open_batch(lock, seeded(plan, rng), replace(opening, target_bp=project.target_bp))


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


def check_people(session: Session, project_id: int, people: Sequence[int]) -> None:
    """Refuse whoever does not take part in the project."""
    if set(people) - set(active_people(session, project_id)):
        raise Invalid(
            "Somebody named here does not take part in this project.",
            next_step="Choose people of the project.",
            code="not_a_member",
        )


def check_routing(
    session: Session, project_id: int, people: Sequence[int], routing: Routing
) -> None:
    """What is for experts finds one among those who were named, or a lead."""
    roles = active_people(session, project_id)
    if routing is not Routing.EXPERTS or not people:
        return  # with everyone there is a lead
    if all(roles.get(person) not in (Role.EXPERT, Role.LEAD) for person in people):
        raise Invalid(
            "None of the people named here is an expert or a lead.",
            next_step="Name an expert, or choose another routing.",
            code="no_expert_named",
        )
