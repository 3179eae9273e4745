"""A batch as its plan asks for it: made by a lead, or when its time has come."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy.orm import Session

from app.db.log import ProjectLock
from app.db.tables.datasets import Project
from app.db.tables.review import Batch
from app.db.words import Role, Routing
from app.errors import Invalid
from app.insights.choices import choices
from app.insights.filter_words import filter_words
from app.review.batches.batch import Opening, open_batch, seeded
from app.review.batches.members import check_labels
from app.review.batches.plan import BatchPlan
from app.review.batches.rules.registry import for_its_rule
from app.review.batches.views import with_its_view
from app.review.books.may import active_people


def open_by_plan(lock: ProjectLock, plan: BatchPlan, opening: Opening, rng: random.Random) -> Batch:
    """The batch of a plan whose view, if any, is still to be looked up; whoever asks."""
    session, project_id = lock.session, lock.project_id
    check_routing(session, project_id, plan.people, plan.routing)
    check_labels(session, project_id, for_its_rule(plan))
    plan = with_its_view(session, project_id, plan)
    if plan.wanted is not None:
        named = filter_words(plan.wanted, choices(session, project_id))
        plan = replace(plan, words=", ".join(named.values()))
    project = session.get_one(Project, project_id)
    return open_batch(lock, seeded(plan, rng), replace(opening, target_bp=project.target_bp))


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
