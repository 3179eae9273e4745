"""Batches that make themselves: what is kept of their plan, and which are due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.datasets.projects import is_in_use
from app.db.tables.datasets import Project
from app.db.tables.json_columns import StoredPlan
from app.db.tables.planned import RecurringBatch
from app.db.words import Mode, Routing
from app.errors import Conflict, Invalid, NotFound
from app.review.batches.filters import filter_from, stored_filter
from app.review.batches.members import check_labels, check_plan
from app.review.batches.plan import MOST_ERRORS, BatchPlan
from app.review.batches.repeats import Schedule, check_schedule
from app.review.batches.rules.registry import for_its_rule, rule_by_name
from app.review.batches.views import with_its_view

MOST_RECURRING = 50  # of one project
LONGEST_DUE = 365  # days


@dataclass(frozen=True, slots=True)
class RecurringPlan:
    """What a lead asks for: a batch, when it is made again, and in how many days it is due."""

    batch: BatchPlan
    schedule: Schedule
    due_days: int | None = None


def checked(session: Session, project_id: int, asked: RecurringPlan) -> RecurringPlan:
    """A plan that can be carried out, without what its rule has no use for."""
    rule = rule_by_name(asked.batch.by)
    if rule.asks_examples:
        raise Invalid(
            "Examples that are named one by one cannot be picked again.",
            next_step="Choose a rule that finds new ones each time.",
            code="cannot_repeat",
        )
    if asked.due_days is not None and not 1 <= asked.due_days <= LONGEST_DUE:
        raise Invalid(
            f"A batch is due in 1 to {LONGEST_DUE} days.",
            next_step="Choose another number, or leave it empty.",
        )
    plan = for_its_rule(with_its_view(session, project_id, asked.batch))
    check_plan(plan)
    check_labels(session, project_id, plan)
    return RecurringPlan(plan, check_schedule(asked.schedule), asked.due_days)


def stored_plan(plan: BatchPlan) -> StoredPlan:
    """As its row keeps it; of a view its number alone: its filter is looked up each time."""
    kept: StoredPlan = {"by": plan.by, "size": plan.size, "mode": plan.mode.value}
    kept["reads"], kept["until_sure"] = plan.reads, plan.until_sure
    kept["routing"] = plan.routing.value
    kept["most_errors"], kept["known"] = plan.most_errors, plan.known_share
    kept["people"] = sorted(set(plan.people))
    if plan.given_label_id is not None:
        kept["label"] = plan.given_label_id
    if plan.suggested_id is not None:
        kept["suggested"] = plan.suggested_id
    if plan.view_id is not None:
        kept["view"] = plan.view_id
    elif plan.wanted is not None:
        kept["filter"] = stored_filter(plan.wanted)
    if plan.most_each is not None:
        kept["most_each"] = plan.most_each
    if plan.audit_share is not None:
        kept["audit_share"] = plan.audit_share
    if plan.second_share is not None:
        kept["second_share"] = plan.second_share
    return kept


def plan_of(row: RecurringBatch) -> BatchPlan:
    """The plan of the batch that is made next."""
    kept = row.plan
    return BatchPlan(
        name=row.name,
        by=kept["by"],
        size=kept["size"],
        given_label_id=kept.get("label"),
        suggested_id=kept.get("suggested"),
        wanted=filter_from(kept["filter"]) if "filter" in kept else None,
        view_id=kept.get("view"),
        most_each=kept.get("most_each"),
        mode=Mode(kept["mode"]),
        routing=Routing(kept.get("routing", Routing.ANYONE)),
        reads=kept.get("reads", 1),
        until_sure=kept.get("until_sure", False),
        audit_share=kept.get("audit_share"),
        second_share=kept.get("second_share"),
        people=tuple(kept.get("people", ())),
        most_errors=kept.get("most_errors", MOST_ERRORS),
        known_share=kept.get("known", 0),
    )


def schedule_of(row: RecurringBatch) -> Schedule:
    return Schedule(row.every, row.day, row.minute)


def recurring_in(session: Session, project_id: int) -> list[RecurringBatch]:
    """Those of a project, the first that was made first."""
    query = select(RecurringBatch).where(RecurringBatch.project_id == project_id)
    return list(session.scalars(query.order_by(RecurringBatch.id)))


def recurring_of(session: Session, project_id: int, recurring_id: int) -> RecurringBatch:
    row = session.get(RecurringBatch, recurring_id)
    if row is None or row.project_id != project_id:
        raise NotFound("There is no such recurring batch.", next_step="Look under Batches.")
    return row


def check_room(session: Session, project_id: int) -> None:
    if len(recurring_in(session, project_id)) >= MOST_RECURRING:
        raise Conflict(
            f"A project has {MOST_RECURRING} recurring batches at most.",
            next_step="Delete one that nobody needs any more.",
            code="too_many_recurring",
        )


def due_recurring(session: Session, *, now: datetime) -> list[int]:
    """Those whose time has come, in projects that are in use."""
    query = (
        select(RecurringBatch.id)
        .join(Project, Project.id == RecurringBatch.project_id)
        .where(RecurringBatch.paused_at.is_(None), RecurringBatch.next_at <= now, is_in_use())
    )
    return list(session.scalars(query.order_by(RecurringBatch.next_at, RecurringBatch.id)))
