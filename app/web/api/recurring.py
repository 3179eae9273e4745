"""Batches that make themselves, for programs."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from app.actions.recurring import add_recurring, delete_recurring, pause_recurring
from app.actions.turn import Caller
from app.db.words import Role
from app.errors import NotFound
from app.insights.recurring import RecurringShown, recurring_shown
from app.review.batches.recurring import LONGEST_DUE, RecurringPlan
from app.review.batches.repeats import (
    DEFAULT_MINUTE,
    REPEATS,
    Schedule,
    clock_words,
    minute_of,
)
from app.web.api.batch_plans import AskedPayload, asked_plan
from app.web.bodies import takes_lists
from app.web.payloads import OneOf, PathId, Payload
from app.web.who import Acting, Looking, at

router = APIRouter()

RECURRING = "/api/v1/projects/{slug}/recurring"


class RecurringPayload(AskedPayload):
    """A batch to make again and again. `day`: of the week, from 0 for Monday; of the month, from
    1. `at`: a time of the day in UTC. The first is made when its time comes."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"by": "priority", "size": 300, "name": "Top 300", "every": "week"}]
        }
    )

    every: Annotated[str, OneOf(REPEATS)]
    day: int | None = None
    at: str = Field(default=clock_words(DEFAULT_MINUTE), max_length=20)
    due_days: int | None = Field(default=None, ge=1, le=LONGEST_DUE)


class PausePayload(Payload):
    model_config = ConfigDict(json_schema_extra={"examples": [{"paused": True}]})

    paused: bool


class RecurringBatchShown(BaseModel):
    """`made_for` is the last time that was due, `note` what came of it beside the batch
    `last_batch` (a number)."""

    id: int
    name: str
    by: str
    rule: str
    size: int
    every: str
    day: int
    at: str
    words: str
    due_days: int | None
    people: list[int]
    paused: bool
    next_at: datetime
    made_for: datetime | None
    last_batch: int | None
    note: str


class RecurringBatchesShown(BaseModel):
    recurring: list[RecurringBatchShown]


def _shown(one: RecurringShown) -> RecurringBatchShown:
    row = one.row
    return RecurringBatchShown(
        id=row.id,
        name=one.name,
        by=one.plan.by,
        rule=one.rule,
        size=one.plan.size,
        every=row.every,
        day=row.day,
        at=clock_words(row.minute),
        words=one.when,
        due_days=row.due_days,
        people=[person for person, _ in one.people],
        paused=one.paused,
        next_at=row.next_at,
        made_for=row.made_for,
        last_batch=one.made[0] if one.made else None,
        note=one.note,
    )


def _one(caller: Caller, project_id: int, recurring_id: int) -> RecurringBatchShown:
    for one in recurring_shown(caller.session, project_id):
        if one.row.id == recurring_id:
            return _shown(one)
    raise NotFound()


@router.get(RECURRING)
def read_recurring(slug: str, caller: Looking) -> RecurringBatchesShown:
    """All of a project, with the next time of each and the batch that it made last."""
    here = at(caller, slug, Role.LEAD)
    every = recurring_shown(caller.session, here.project.id)
    return RecurringBatchesShown(recurring=[_shown(one) for one in every])


@router.post(takes_lists(RECURRING), status_code=201)
def post_recurring(slug: str, payload: RecurringPayload, caller: Acting) -> RecurringBatchShown:
    """Have a batch made every day, week or month."""
    here = at(caller, slug, Role.LEAD)
    first = REPEATS[payload.every].days[0]
    day = first if payload.day is None else payload.day
    when = Schedule(payload.every, day, minute_of(payload.at))
    plan = RecurringPlan(asked_plan(payload, caller.who.id), when, payload.due_days)
    row = add_recurring(caller, here.project.slug, plan)
    return _one(caller, here.project.id, row.id)


@router.patch(RECURRING + "/{recurring_id}")
def patch_recurring(
    slug: str, recurring_id: PathId, payload: PausePayload, caller: Acting
) -> RecurringBatchShown:
    """Pause it, or resume it: what came due meanwhile is not made."""
    here = at(caller, slug, Role.LEAD)
    pause_recurring(caller, here.project.slug, recurring_id, paused=payload.paused)
    return _one(caller, here.project.id, recurring_id)


@router.delete(RECURRING + "/{recurring_id}", status_code=204)
def remove_recurring(slug: str, recurring_id: PathId, caller: Acting) -> None:
    """End it; the batches that it made stay."""
    delete_recurring(caller, slug, recurring_id)
