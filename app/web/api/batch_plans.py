"""What a program says of a batch: which examples, how they are read, and by whom."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from app.db.words import Mode, Routing
from app.review.batches.plan import MOST_ERRORS, MOST_KNOWN, BatchPlan
from app.web.example_filters import LONGEST_FILTER, read_filter
from app.web.payloads import Chosen, Id, Payload
from app.web.rule_names import RuleName

MOST_PICKED = 20_000
Picked = Annotated[list[Id], Field(max_length=MOST_PICKED)]
People = Annotated[list[Id], Field(max_length=1_000)]
UNTIL_SURE: Literal["until_sure"] = "until_sure"
Reads = Annotated[int, Field(ge=1, le=3)] | Literal["until_sure"]


class PlanPayload(Payload):
    """Which examples: by priority, of one given label, of a label pair, these, of a filter as it
    stands in the address of the list, of a saved `view`, at random, a grid of one label, or so
    many of every label (`spot_check`). `most_each`: of one given label."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"by": "priority", "size": 100}]})

    by: RuleName = "priority"
    size: int = Field(default=100, ge=1, le=1_000_000)
    label: Id | None = None
    suggested: Id | None = None
    filter: str = Field(default="", max_length=LONGEST_FILTER)
    view: Id | None = None
    most_each: int | None = Field(default=None, ge=1, le=1_000_000)
    examples: Picked = Field(default_factory=list)
    most_errors: int = Field(default=MOST_ERRORS, ge=0, le=50)  # per cent, of a grid


class AskedPayload(PlanPayload):
    """The same, with how it is read and by whom."""

    name: str = Field(default="", max_length=200)
    mode: Chosen[Mode] = Mode.EVERYTHING
    reads: Reads = 1
    routing: Chosen[Routing] = Routing.ANYONE
    audit_share: int | None = Field(default=None, ge=0, le=100)
    second_share: int | None = Field(default=None, ge=0, le=100)
    known_share: int = Field(default=0, ge=0, le=MOST_KNOWN)
    people: People = Field(default_factory=list)


class BatchPayload(AskedPayload):
    """A batch to make. Without `audit_share` the advised one is taken; no `people`: everyone."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"by": "priority", "size": 100, "name": "First look"}]}
    )

    due: Chosen[date] | None = None


def plan_of(payload: PlanPayload, viewer: int) -> BatchPlan:
    """Which examples; nothing of how they are read."""
    return BatchPlan(
        by=payload.by,
        size=payload.size,
        given_label_id=payload.label,
        suggested_id=payload.suggested,
        wanted=read_filter(payload.filter, viewer),
        view_id=payload.view,
        most_each=payload.most_each,
        most_errors=payload.most_errors,
        example_ids=tuple(payload.examples),
    )


def asked_plan(payload: AskedPayload, viewer: int) -> BatchPlan:
    """All that is said of it, but when it is due."""
    return replace(
        plan_of(payload, viewer),
        name=payload.name,
        mode=payload.mode,
        routing=payload.routing,
        reads=1 if payload.reads == UNTIL_SURE else payload.reads,
        until_sure=payload.reads == UNTIL_SURE,
        audit_share=payload.audit_share,
        second_share=payload.second_share,
        known_share=payload.known_share,
        people=tuple(payload.people),
    )
