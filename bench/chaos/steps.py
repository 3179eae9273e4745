"""What one request does, at the store: the same calls as the routes make, in one transaction."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from app.accounts.people import Who
from app.db.engine import database_now, reading, writing
from app.db.tables.datasets import DataImport, Example, Project
from app.db.tables.ranking import ScoringRun
from app.db.tables.review import Decision
from app.db.words import ImportState, Reason, Verdict
from app.failpoints import reach
from app.review.answering import decisions, undo
from app.review.answering.answers import Submission
from app.review.books import leases
from app.review.books.may import Place, lock_for
from app.review.serving import hand_out as claims
from app.review.serving.desk import Desk

Body = dict[str, Any]


@dataclass
class Request:
    """A session, who asks, when, and by chance."""

    session: Session
    who: Who
    now: datetime
    rng: random.Random


def _cards(found: list[Any]) -> list[Any]:
    return [[card["lease"], card["example"]] for card in found]


def claim(request: Request, body: Body) -> Body:
    member, _ = lock_for(request.session, request.who, Place.BATCH, body["batch"])
    found = claims.claim(
        request.session,
        member,
        body["batch"],
        want=body["want"],
        held=body["held"],
        now=request.now,
        rng=request.rng,
    )
    return {"examples": _cards(found.cards), "state": found.state}


def submission(body: Body) -> Submission:
    return Submission(
        key=body["key"],
        verdict=Verdict(body["verdict"]),
        lease=body.get("lease"),
        example_id=body.get("example"),
        supersedes=body.get("supersedes"),
        label_id=body.get("label"),
        reason=Reason(body["reason"]) if body.get("reason") else None,
    )


def submit(request: Request, body: Body) -> Body:
    session, answer = request.session, submission(body)
    place = Place.LEASE if answer.lease else Place.EXAMPLE
    named: Any = answer.lease or answer.example_id
    member, held = lock_for(session, request.who, place, named)
    recorded, batch = decisions.submit(
        session, held, member, answer, now=request.now, rng=request.rng
    )
    cards: list[Any] = []
    if body.get("want") and batch is not None and batch.state == "open":
        desk = Desk(session, held, member, batch, request.now, request.rng)
        cards = claims.hand_out(desk, want=body["want"], held=body["held"]).cards
    held.save()
    return {"seq": recorded.seq, "outcome": recorded.outcome, "examples": _cards(cards)}


def undo_answer(request: Request, body: Body) -> Body:
    place, named = (
        (Place.BATCH, body["batch"]) if body.get("batch") else (Place.EXAMPLE, body["example"])
    )
    member, _ = lock_for(request.session, request.who, place, named)
    undone = undo.undo(
        request.session,
        member,
        key=body["key"],
        seq=body.get("seq"),
        batch_id=body.get("batch"),
        now=request.now,
        rng=request.rng,
    )
    card = undone.card
    return {
        "seq": undone.seq,
        "undone": undone.decision_seq,
        "example": undone.example_id,
        "examples": _cards([card] if card else []),
    }


def redo_answer(request: Request, body: Body) -> Body:
    member, _ = lock_for(request.session, request.who, Place.EXAMPLE, body["example"])
    done = undo.redo(request.session, member, key=body["key"], seq=body["seq"], now=request.now)
    return {"seq": done.seq, "redone": done.decision_seq}


def skip(request: Request, body: Body) -> Body:
    member, _ = lock_for(request.session, request.who, Place.LEASE, body["lease"])
    leases.skip(request.session, member, body["lease"], now=request.now)
    return {}


def refer(request: Request, body: Body) -> Body:
    member, _ = lock_for(request.session, request.who, Place.LEASE, body["lease"])
    leases.refer(request.session, member, body["lease"], note="", now=request.now)
    return {}


def give_back(request: Request, body: Body) -> Body:
    member, _ = lock_for(request.session, request.who, Place.LEASE, body["leases"][0])
    back = leases.give_back(request.session, member, body["leases"], now=request.now)
    return {"given_back": back}


STEPS: dict[str, Callable[[Request, Body], Body]] = {
    "claim": claim,
    "submit": submit,
    "undo": undo_answer,
    "redo": redo_answer,
    "skip": skip,
    "refer": refer,
    "give_back": give_back,
}


def look(engine: Engine, project_id: int, person_id: int) -> Body:
    """What a reader sees now: the head of the log and how many own answers are there."""
    with reading(engine) as session:
        head = session.scalars(select(Project.log_seq).where(Project.id == project_id)).one()
        own = session.scalar(
            select(func.count())
            .select_from(Decision)
            .where(Decision.project_id == project_id, Decision.person_id == person_id)
        )
        visible = select(DataImport.id).where(
            DataImport.project_id == project_id, DataImport.state == ImportState.DONE
        )
        rows = session.scalar(
            select(func.count()).select_from(Example).where(Example.import_id.in_(visible))
        )
        served = session.scalar(
            select(ScoringRun.state)
            .join(Project, Project.run_id == ScoringRun.id)
            .where(Project.id == project_id)
        )
    ranking = None if served is None else served.value
    return {"head": head, "own": own, "rows": rows, "ranking": ranking}


def perform(engine: Engine, who: Who, name: str, body: Body, rng: random.Random) -> Body:
    """One request: the time first, then one transaction, then the reply, as in `app.web`."""
    with reading(engine) as session:
        now = database_now(session)
    kind = "claim" if name == "claim" else "submit"
    with writing(engine) as session:
        reply = STEPS[name](Request(session, who, now, rng), body)
        reach(f"{kind}.before_commit")
    reach(f"{kind}.after_commit")
    return reply
