"""Claims, decisions, undo: what the desk and other programs speak with."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import orjson
from fastapi import APIRouter, Request, Response
from pydantic import Field
from sqlalchemy.orm import Session

from app.datasets.guidelines import told_guideline
from app.db.log import ProjectLock
from app.db.words import Reason, Role, Verdict
from app.errors import Invalid
from app.review.answering import undo
from app.review.answering.answers import Recorded, Submission
from app.review.answering.decisions import LeaseBatch, submit
from app.review.books import leases
from app.review.books.may import Place, lock_for, readable_batch
from app.review.books.progress import progress, told
from app.review.serving.desk import Desk
from app.review.serving.hand_out import DESK, Claimed, claim, claim_expert, hand_out
from app.review.serving.reveal import reveal
from app.web.acts import Act
from app.web.payloads import Chosen, Id, PathId, Payload
from app.web.sessions import Writing
from app.web.who import Acting, Asking, Now, at_project

router = APIRouter(prefix="/api/v1")
acts = APIRouter(prefix="/api/v1", route_class=Act)

Key = Field(min_length=8, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")
Token = Field(min_length=32, max_length=32, pattern=r"^[0-9a-f]+$")
Held: Any = Field(default_factory=list, max_length=100)
Shown: Any = Field(default=None, description="The guideline's revision that the asker shows.")


class ClaimPayload(Payload):
    want: int = Field(default=DESK, ge=1, le=48)
    held: list[str] = Held
    guideline: Id | None = Shown


class FirstAnswer(Payload):
    verdict: Chosen[Verdict]
    label: Id | None = None
    reason: Chosen[Reason] | None = None


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
    first_answer: FirstAnswer | None = None
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
    """Undo the named own answer, or the last one of the batch."""

    key: str = Key
    batch: Id | None = None
    example: Id | None = None
    seq: Id | None = None


class RedoPayload(Payload):
    key: str = Key
    example: Id
    seq: Id


def _rng(request: Request) -> random.Random:
    rng: random.Random = request.app.state.rng
    return rng


def _guideline(session: Session, held: ProjectLock, shown: int | None) -> dict[str, Any]:
    return told_guideline(session, held.project_id, revision=held.guideline_revision, shown=shown)


@router.post("/batches/{batch_id}/claim")
def claim_examples(
    batch_id: PathId,
    payload: ClaimPayload,
    request: Request,
    asking: Asking,
    session: Writing,
    now: Now,
) -> dict[str, Any]:
    """Up to 8 examples to read (48 for the grid); own leases first, whose reply was lost."""
    member, held = lock_for(session, asking.who, Place.BATCH, batch_id)
    claimed = claim(
        session,
        member,
        batch_id,
        want=payload.want,
        held=payload.held,
        now=now,
        rng=_rng(request),
    )
    batch = readable_batch(session, member, batch_id)
    found = progress(session, batch, member.person_id)
    numbers = {"progress": told(found, batch.mode)}
    return claimed.told() | numbers | _guideline(session, held, payload.guideline)


@router.post("/projects/{slug}/expert/claim")
def claim_sent(
    slug: str, payload: ClaimPayload, request: Request, asking: Asking, session: Writing, now: Now
) -> dict[str, Any]:
    """What was sent to the experts of a project."""
    here = at_project(session, asking, slug, Role.EXPERT, Role.LEAD)
    claimed = claim_expert(
        session, here.member, want=payload.want, held=payload.held, now=now, rng=_rng(request)
    )
    at = here.project
    guideline = told_guideline(
        session, at.id, revision=at.guideline_revision, shown=payload.guideline
    )
    return claimed.told() | {"progress": None} | guideline


def _submission(payload: DecisionPayload) -> Submission:
    first = payload.first_answer
    return Submission(
        key=payload.key,
        verdict=payload.verdict,
        lease=payload.lease,
        example_id=payload.example,
        supersedes=payload.supersedes,
        label_id=payload.label,
        reason=payload.reason,
        note=payload.note,
        first_answer=first.model_dump(mode="json") if first is not None else None,
        position=payload.position,
        browser_seconds=payload.browser_seconds,
    )


@acts.post("/decisions")
def decide(payload: DecisionPayload, caller: Acting) -> Response:
    """Record one answer and hand out what is missing, in one transaction."""
    if (payload.lease is None) == (payload.example is None):
        raise Invalid(
            "An answer needs its lease, or else its example.",
            next_step="Send `lease` from a claim, or `example` for a direct answer.",
        )
    session, now, rng = caller.session, caller.now, caller.rng
    if payload.lease is not None:
        member, held = lock_for(session, caller.who, Place.LEASE, payload.lease)
    else:
        member, held = lock_for(session, caller.who, Place.EXAMPLE, payload.example or 0)
    recorded, batch = submit(session, held, member, _submission(payload), now=now, rng=rng)
    more = Claimed(state="open")
    if payload.want and batch is not None:
        desk = Desk(session, held, member, batch, now, rng)
        more = _hand_out(desk, batch, payload.want, payload.held)
    held.save()
    answer = _recorded(recorded) | more.told() | {"progress": None}
    answer |= _guideline(session, held, payload.guideline)
    return Response(orjson.dumps(answer), media_type="application/json")


def _hand_out(desk: Desk, batch: LeaseBatch, want: int, held: Sequence[str]) -> Claimed:
    if batch.state != "open":
        return Claimed(state=str(batch.state))
    return hand_out(desk, want=want, held=held)


def _recorded(recorded: Recorded) -> dict[str, Any]:
    return {
        "seq": recorded.seq,
        "outcome": recorded.outcome,
        "example": recorded.example_id,
        "message": recorded.message,
        "minutes_ago": recorded.minutes_ago,
    }


@router.post("/reveal")
def reveal_evidence(
    payload: RevealPayload, asking: Asking, session: Writing, now: Now
) -> dict[str, Any]:
    """What "decide first" shows once the reviewer has answered."""
    member, _ = lock_for(session, asking.who, Place.LEASE, payload.lease)
    return reveal(session, member, payload.lease, verdict=payload.verdict, label=payload.label)


@router.post("/leases/skip")
def skip_example(
    payload: LeasePayload, request: Request, asking: Asking, session: Writing, now: Now
) -> dict[str, Any]:
    member, held = lock_for(session, asking.who, Place.LEASE, payload.lease)
    lease = leases.skip(session, member, payload.lease, now=now)
    more = _after(session, request, asking, lease.batch_id, payload, now)
    return more | _guideline(session, held, payload.guideline)


@router.post("/leases/refer")
def refer_example(
    payload: ReferPayload, request: Request, asking: Asking, session: Writing, now: Now
) -> dict[str, Any]:
    member, held = lock_for(session, asking.who, Place.LEASE, payload.lease)
    lease = leases.refer(session, member, payload.lease, note=payload.note, now=now)
    more = _after(session, request, asking, lease.batch_id, payload, now)
    return more | _guideline(session, held, payload.guideline)


def _after(
    session: Session,
    request: Request,
    asking: Asking,
    batch_id: int | None,
    payload: LeasePayload,
    now: Now,
) -> dict[str, Any]:
    """Hand out what is missing after a skip or a referral."""
    more = Claimed()
    if payload.want and batch_id is not None:
        member, _ = lock_for(session, asking.who, Place.BATCH, batch_id)
        more = claim(
            session,
            member,
            batch_id,
            want=payload.want,
            held=payload.held,
            now=now,
            rng=_rng(request),
        )
    return {"outcome": "stored"} | more.told() | {"progress": None}


@router.post("/leases/give-back")
def give_back_leases(
    payload: GiveBackPayload, asking: Asking, session: Writing, now: Now
) -> dict[str, int]:
    """A closed tab gives its examples back at once."""
    member, _ = lock_for(session, asking.who, Place.LEASE, payload.leases[0])
    return {"given_back": leases.give_back(session, member, payload.leases, now=now)}


@router.post("/undo")
def undo_answer(
    payload: UndoPayload, request: Request, asking: Asking, session: Writing, now: Now
) -> dict[str, Any]:
    named = payload.example is not None and payload.seq is not None
    if (payload.batch is None) == (payload.example is None) or named == (payload.batch is not None):
        raise Invalid(
            "Undo needs a batch, or an example with the number of its answer.",
            next_step="Send `batch` to undo your last answer there.",
        )
    if payload.batch is not None:
        member, _ = lock_for(session, asking.who, Place.BATCH, payload.batch)
    else:
        member, _ = lock_for(session, asking.who, Place.EXAMPLE, payload.example or 0)
    undone = undo.undo(
        session,
        member,
        key=payload.key,
        seq=payload.seq,
        batch_id=payload.batch,
        now=now,
        rng=_rng(request),
    )
    return {
        "seq": undone.seq,
        "undone": undone.decision_seq,
        "example_id": undone.example_id,
        "example": undone.card,
        "progress": None,
    }


@router.post("/redo")
def redo_answer(payload: RedoPayload, asking: Asking, session: Writing, now: Now) -> dict[str, Any]:
    member, _ = lock_for(session, asking.who, Place.EXAMPLE, payload.example)
    done = undo.redo(session, member, key=payload.key, seq=payload.seq, now=now)
    return {"seq": done.seq, "redone": done.decision_seq, "example_id": done.example_id}
