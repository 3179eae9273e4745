"""What programs send to change a batch, and what they are told of one."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from app.db.words import BatchState, Mode, Routing
from app.web.api.batch_plans import People, Reads
from app.web.payloads import Chosen, Payload


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
