"""What programs send to make or change a batch, and what they are told of one."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.db.words import BatchState, Mode, Routing
from app.review.batches.plan import MOST_ERRORS, MOST_KNOWN
from app.web.example_filters import LONGEST_FILTER
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


class BatchPayload(PlanPayload):
    """A batch to make. Without `audit_share` the advised one is taken; no `people`: everyone."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"by": "priority", "size": 100, "name": "First look"}]}
    )

    name: str = Field(default="", max_length=200)
    mode: Chosen[Mode] = Mode.EVERYTHING
    reads: Reads = 1
    routing: Chosen[Routing] = Routing.ANYONE
    audit_share: int | None = Field(default=None, ge=0, le=100)
    second_share: int | None = Field(default=None, ge=0, le=100)
    known_share: int = Field(default=0, ge=0, le=MOST_KNOWN)
    people: People = Field(default_factory=list)
    due: Chosen[date] | None = None


class BatchChangePayload(Payload):
    """What is to be different: its state, who reads it (an empty list: everyone), or how it is
    routed: to anyone, each label first to who reads it best (`skill`), or to experts."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"state": "paused"}]})

    state: Chosen[BatchState] | None = None
    people: People | None = None
    routing: Chosen[Routing] | None = None


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
    routing: Routing
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
