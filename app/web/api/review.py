"""Claims, decisions, undo: what the desk and other programs speak with."""

from __future__ import annotations

from typing import Any, TypedDict

from fastapi import APIRouter, Response
from pydantic import Field

from app.actions.answering import (
    Done,
    Wanted,
    answer,
    claim,
    claim_owed,
    give_back,
    redo,
    refer,
    show,
    skip,
    undo_in_batch,
    undo_named,
)
from app.datasets.guidelines import GuidelineWords
from app.db.words import Reason, Verdict
from app.errors import Invalid
from app.review.answering.answers import Recorded, Submission
from app.review.books.progress import BatchNumbers
from app.review.serving.cards import Card
from app.review.serving.hand_out import DESK, HandedOut
from app.web.acts import Act
from app.web.api.spoken import spoken
from app.web.payloads import Chosen, Id, PathId, Payload
from app.web.who import Acting

router = APIRouter(prefix="/api/v1")
acts = APIRouter(prefix="/api/v1", route_class=Act)

Key = Field(min_length=8, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")
Token = Field(min_length=32, max_length=32, pattern=r"^[0-9a-f]+$")
Held: Any = Field(default_factory=list, max_length=100)
Shown: Any = Field(default=None, description="The guideline's revision that the asker shows.")
Older: Any = Field(default=None, description="Not read: a reveal has said it. Older desks send it.")


class ClaimPayload(Payload):
    want: int = Field(default=DESK, ge=1, le=48)
    held: list[str] = Held
    guideline: Id | None = Shown


class DecisionPayload(Payload):
    """An answer to a lease; or, with `example`, a direct one; with `supersedes`, a changed one."""

    key: str = Key
    verdict: Chosen[Verdict]
    lease: str | None = Field(default=None, min_length=32, max_length=32, pattern=r"^[0-9a-f]+$")
    example: Id | None = None
    supersedes: Id | None = None
    label: Id | None = None
    reason: Chosen[Reason] | None = None
    note: str | None = Field(default=None, max_length=5_000)
    first_answer: dict[str, str | int | None] | None = Older
    position: int | None = Field(default=None, ge=0, le=10_000_000)
    browser_seconds: float | None = Field(default=None, ge=0, le=1e7)
    want: int = Field(default=0, ge=0, le=48)
    held: list[str] = Held
    guideline: Id | None = Shown


class LeasePayload(Payload):
    key: str = Key
    lease: str = Token
    want: int = Field(default=0, ge=0, le=48)
    held: list[str] = Held
    guideline: Id | None = Shown


class ReferPayload(LeasePayload):
    note: str = Field(default="", max_length=5_000)


class GiveBackPayload(Payload):
    leases: list[str] = Field(min_length=1, max_length=100)


class RevealPayload(Payload):
    lease: str = Token
    verdict: Chosen[Verdict]
    label: Id | None = None


class UndoPayload(Payload):
    """Undo the named own answer, skip or referral, or the last one of the batch."""

    key: str = Key
    batch: Id | None = None
    example: Id | None = None
    seq: Id | None = None


class RedoPayload(Payload):
    key: str = Key
    example: Id
    seq: Id


Claiming = ClaimPayload | DecisionPayload | LeasePayload


def _wanted(payload: Claiming) -> Wanted:
    return Wanted(payload.want, payload.held, payload.guideline)


class DeskReply(TypedDict, total=False):
    """What every act at the desk is answered with: further examples, and how things stand."""

    examples: list[Card]
    state: str
    with_others: int
    next_free_in: int | None
    progress: BatchNumbers | None
    guideline_revision: int
    guideline: GuidelineWords
    outcome: str
    seq: int
    example: int
    message: str | None
    minutes_ago: int | None
    copies: int  # identical examples that got the same answer with it
    quality: float | None  # of the example answered, where its card came without it
    difficulty: float | None


def handed_out(handed: HandedOut) -> DeskReply:
    return {
        "examples": handed.cards,
        "state": handed.state,
        "with_others": handed.with_others,
        "next_free_in": handed.next_free_in,
    }


def _reply(done: Done) -> DeskReply:
    return {**handed_out(done.handed), "progress": done.numbers, **done.guideline}


@router.post("/batches/{batch_id}/claim")
def claim_examples(batch_id: PathId, payload: ClaimPayload, caller: Acting) -> Response:
    """Up to 8 examples to read (48 for the grid); own leases first, whose reply was lost."""
    return spoken(_reply(claim(caller, batch_id, _wanted(payload))))


@router.post("/projects/{slug}/reads/claim")
def claim_reads(slug: str, payload: ClaimPayload, caller: Acting) -> Response:
    """Up to 8 reads that are owed in a project and that the asker may give, of whatever batch:
    second reads blind, and for experts what was sent to them."""
    return spoken(_reply(claim_owed(caller, slug, _wanted(payload))))


@router.post("/projects/{slug}/expert/claim", deprecated=True)
def claim_of_experts(slug: str, payload: ClaimPayload, caller: Acting) -> Response:
    """The older name of `reads/claim`."""
    return claim_reads(slug, payload, caller)


def _submission(payload: DecisionPayload) -> Submission:
    return Submission(
        key=payload.key,
        verdict=payload.verdict,
        lease=payload.lease,
        example_id=payload.example,
        supersedes=payload.supersedes,
        label_id=payload.label,
        reason=payload.reason,
        note=payload.note,
        position=payload.position,
        browser_seconds=payload.browser_seconds,
    )


def _recorded(recorded: Recorded) -> DeskReply:
    reply: DeskReply = {
        "seq": recorded.seq,
        "outcome": recorded.outcome,
        "example": recorded.example_id,
        "message": recorded.message,
        "minutes_ago": recorded.minutes_ago,
        "copies": recorded.copies,
    }
    if recorded.held_back is not None:
        quality, difficulty = recorded.held_back
        reply |= {"quality": quality, "difficulty": difficulty}
    return reply


@acts.post("/decisions")
def decide(payload: DecisionPayload, caller: Acting) -> Response:
    """Record one answer and hand out what is missing, in one transaction."""
    done = answer(caller, _submission(payload), _wanted(payload))
    assert done.recorded is not None
    return spoken({**_reply(done), **_recorded(done.recorded)})


@acts.post("/reveal")
def reveal_evidence(payload: RevealPayload, caller: Acting) -> Response:
    """What "decide first" shows once the reviewer has answered."""
    return spoken(show(caller, payload.lease, verdict=payload.verdict, label=payload.label))


@acts.post("/leases/skip")
def skip_example(payload: LeasePayload, caller: Acting) -> Response:
    """Put an example aside; `seq` takes that back through undo, until somebody takes it up."""
    return _put_aside(skip(caller, payload.lease, key=payload.key, wanted=_wanted(payload)))


@acts.post("/leases/refer")
def refer_example(payload: ReferPayload, caller: Acting) -> Response:
    """Send an example to the experts, or to the leads; `seq` takes that back, as with a skip."""
    key, note, wanted = payload.key, payload.note, _wanted(payload)
    return _put_aside(refer(caller, payload.lease, key=key, note=note, wanted=wanted))


def _put_aside(done: Done) -> Response:
    assert done.seq is not None
    return spoken({"outcome": "stored", "seq": done.seq, **_reply(done)})


@acts.post("/leases/give-back")
def give_back_leases(payload: GiveBackPayload, caller: Acting) -> Response:
    """A closed tab gives its examples back at once."""
    return spoken({"given_back": give_back(caller, payload.leases)})


@acts.post("/undo")
def undo_answer(payload: UndoPayload, caller: Acting) -> Response:
    if payload.batch is not None and payload.example is None:
        undone = undo_in_batch(caller, payload.batch, key=payload.key, seq=payload.seq)
    elif payload.batch is None and payload.example is not None and payload.seq is not None:
        undone = undo_named(caller, payload.example, seq=payload.seq, key=payload.key)
    else:
        raise Invalid(
            "Undo needs a batch, or an example with the `seq` of its answer, skip or referral.",
            next_step="Send `batch` to undo your last answer there.",
        )
    numbers = {"seq": undone.seq, "undone": undone.decision_seq, "example_id": undone.example_id}
    numbers["copies"] = undone.copies
    return spoken({**numbers, "example": undone.card, "progress": None})


@acts.post("/redo")
def redo_answer(payload: RedoPayload, caller: Acting) -> Response:
    done = redo(caller, payload.example, seq=payload.seq, key=payload.key)
    numbers = {"seq": done.seq, "redone": done.decision_seq, "example_id": done.example_id}
    return spoken({**numbers, "copies": done.copies})
