"""Batches, for programs."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import date, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from app.accounts.membership import require
from app.actions.batches import BatchChange, change, make
from app.datasets.display_names import name_on_screen
from app.db.tables.review import Batch
from app.db.words import BatchState, Mode, Role
from app.errors import NotFound
from app.insights.batch_pace import pace_of
from app.insights.batch_preview import preview
from app.insights.batches import PAGE, BatchRow, batch_detail, batch_rows
from app.insights.checks import CheckRow, check_of, names_of_each
from app.review.batches.plan import MOST_ERRORS, MOST_KNOWN, BatchPlan, due_time
from app.review.books.progress import people_in_batch
from app.web.bodies import takes_lists
from app.web.example_filters import read_filter
from app.web.payloads import Chosen, Id, PathId, Payload
from app.web.rule_names import RuleName
from app.web.who import Acting, Looking, at, viewer_of

router = APIRouter()

MOST_PICKED = 20_000
Picked = Annotated[list[Id], Field(max_length=MOST_PICKED)]
People = Annotated[list[Id], Field(max_length=1_000)]
UNTIL_SURE: Literal["until_sure"] = "until_sure"
Reads = Annotated[int, Field(ge=1, le=3)] | Literal["until_sure"]


class PlanPayload(Payload):
    """Which examples: by priority, of one given label, of a label pair, these, of a filter as it
    stands in the address of the list, at random, a grid of one label, or so many of every label
    (`spot_check`). `most_each`: of one given label."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"by": "priority", "size": 100}]})

    by: RuleName = "priority"
    size: int = Field(default=100, ge=1, le=1_000_000)
    label: Id | None = None
    suggested: Id | None = None
    filter: str = Field(default="", max_length=4_000)
    most_each: int | None = Field(default=None, ge=1, le=1_000_000)
    examples: Picked = Field(default_factory=list)
    most_errors: int = Field(default=MOST_ERRORS, ge=0, le=50)  # per cent, of a grid


class BatchPayload(PlanPayload):
    """A batch to make. Without `audit_share` the advised one is taken; no `people`: everyone."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"by": "priority", "size": 100, "name": "First look"}]}
    )

    name: str = Field(default="", max_length=200)
    mode: Chosen[Mode] = Mode.EVERYTHING
    reads: Reads = 1
    audit_share: int | None = Field(default=None, ge=0, le=100)
    second_share: int | None = Field(default=None, ge=0, le=100)
    known_share: int = Field(default=0, ge=0, le=MOST_KNOWN)
    people: People = Field(default_factory=list)
    due: Chosen[date] | None = None


class BatchChangePayload(Payload):
    """What is to be different: its state, or who reads it (an empty list: everyone)."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"state": "paused"}]})

    state: Chosen[BatchState] | None = None
    people: People | None = None


class ShareShown(BaseModel):
    share: int
    words: str


class ExcerptShown(BaseModel):
    """The beginning of a text, or else the address of a picture."""

    text: str
    picture: str


class OutlookShown(BaseModel):
    """In words, each empty where nothing is known; `first` are the first three examples."""

    expected: str
    work: str
    mix: str
    first: list[ExcerptShown]


class PreviewShown(BaseModel):
    fits: int
    words: str
    advised: int
    shares: list[ShareShown]
    outlook: OutlookShown


class BatchShown(BaseModel):
    id: int
    number: int
    name: str
    rule: str
    state: BatchState
    mode: Mode
    reads: Reads
    audit_share: int
    second_share: int
    size: int
    done: int
    everyone: bool
    people: list[int]
    due: datetime | None
    created_at: datetime
    closed_at: datetime | None


class CheckShown(BaseModel):
    """Of a label or source: so many were drawn, decided, wrong; no bounds under 20 decided."""

    id: int
    name: str
    drawn: int
    decided: int
    wrong: int
    low: float | None
    high: float | None


class PartShown(BaseModel):
    person: int
    name: str
    answers: int
    changes: int
    median_seconds: float | None
    copies: int  # identical examples that were answered with theirs
    holds: int


class HitsShown(BaseModel):
    share: float
    low: float
    high: float


class BatchInFull(BatchShown):
    waiting: int
    held: int
    began_with: int
    put_aside: int
    referred: int
    second_reads_owed: int
    seconds_left: int | None  # for one person, at the pace of the batch
    hits: HitsShown | None  # of the labels read, with its 95% interval; none under 20 reads
    parts: list[PartShown]
    checks: list[CheckShown]  # of a spot check or source check, most wrong first


class BatchesShown(BaseModel):
    batches: list[BatchShown]
    next_before: int | None


def _shown(row: BatchRow) -> dict[str, object]:
    batch = row.batch
    return {
        "id": batch.id,
        "number": batch.number,
        "name": batch.name,
        "rule": row.rule,
        "state": batch.state,
        "mode": batch.mode,
        "reads": UNTIL_SURE if batch.rule.get("until_sure") else batch.reads,
        "audit_share": batch.audit_share,
        "second_share": batch.second_share,
        "size": batch.size,
        "done": row.done,
        "everyone": batch.everyone,
        "people": [person for person, _ in row.people],
        "due": batch.due_at,
        "created_at": batch.created_at,
        "closed_at": batch.closed_at,
    }


def _full(session: Session, batch: Batch) -> BatchInFull:
    detail = batch_detail(session, batch)
    parts = [
        PartShown.model_validate(asdict(part) | {"person": part.person_id})
        for part in people_in_batch(session, batch)
    ]
    more = {"waiting": detail.waiting, "held": detail.held, "began_with": detail.began_with}
    more |= {"put_aside": detail.put_aside, "referred": detail.referred}
    pace = pace_of(session, detail.row)
    more |= {"second_reads_owed": pace.owed}
    told = {"seconds_left": pace.seconds_left, "hits": pace.hits and asdict(pace.hits)}
    check = check_of(session, batch, names_of_each(session, batch))
    checks = [_check_shown(row) for row in check.rows] if check is not None else []
    return BatchInFull.model_validate(
        _shown(detail.row) | more | told | {"parts": parts, "checks": checks}
    )


def _check_shown(row: CheckRow) -> CheckShown:
    seen = row.seen
    low, high = seen.limits if seen.enough else (None, None)
    return CheckShown(
        id=seen.of,
        name=name_on_screen(row.name).came,
        drawn=seen.drawn,
        decided=seen.decided,
        wrong=seen.wrong,
        low=low,
        high=high,
    )


def _plan(payload: PlanPayload, viewer: int) -> BatchPlan:
    return BatchPlan(
        by=payload.by,
        size=payload.size,
        given_label_id=payload.label,
        suggested_id=payload.suggested,
        wanted=read_filter(payload.filter, viewer),
        most_each=payload.most_each,
        most_errors=payload.most_errors,
        example_ids=tuple(payload.examples),
    )


Before = Annotated[int | None, Query(ge=1, le=10**9)]


@router.get("/api/v1/projects/{slug}/batches")
def read_batches(slug: str, caller: Looking, before: Before = None) -> BatchesShown:
    """Newest first; `next_before` asks for what is older."""
    here = at(caller, slug, Role.LEAD)
    rows = batch_rows(caller.session, here.project.id, tuple(BatchState), before=before)
    more = rows[-1].batch.number if len(rows) == PAGE else None
    shown = [BatchShown.model_validate(_shown(row)) for row in rows]
    return BatchesShown(batches=shown, next_before=more)


@router.post(takes_lists("/api/v1/projects/{slug}/batches"), status_code=201)
def post_batch(slug: str, payload: BatchPayload, caller: Acting) -> BatchInFull:
    here = at(caller, slug, Role.LEAD)
    plan = replace(
        _plan(payload, caller.who.id),
        name=payload.name,
        mode=payload.mode,
        reads=1 if payload.reads == UNTIL_SURE else payload.reads,
        until_sure=payload.reads == UNTIL_SURE,
        audit_share=payload.audit_share,
        second_share=payload.second_share,
        known_share=payload.known_share,
        people=tuple(payload.people),
        due_at=due_time(payload.due, now=caller.now),
    )
    return _full(caller.session, make(caller, here.project.id, plan))


@router.post(takes_lists("/api/v1/projects/{slug}/batches/preview"))
def preview_batch(slug: str, payload: PlanPayload, caller: Looking) -> PreviewShown:
    """How many examples fit, and what each share of random reads buys; nothing is made."""
    here = at(caller, slug, Role.LEAD)
    plan = _plan(payload, caller.who.id)
    plan_preview = preview(caller.session, here.project, plan, viewer_of(caller))
    return PreviewShown.model_validate(plan_preview, from_attributes=True)


@router.get("/api/v1/batches/{batch_id}")
def read_batch(batch_id: PathId, caller: Looking) -> BatchInFull:
    batch = caller.session.get(Batch, batch_id)
    if batch is None:
        raise NotFound()
    require(caller.in_project(batch.project_id), Role.LEAD)
    return _full(caller.session, batch)


@router.patch("/api/v1/batches/{batch_id}")
def patch_batch(batch_id: PathId, payload: BatchChangePayload, caller: Acting) -> BatchInFull:
    batch = change(caller, batch_id, BatchChange(payload.state, payload.people))
    return _full(caller.session, batch)
