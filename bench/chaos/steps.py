"""What one request does, at the store: the action of its route, in one transaction."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Engine, func, select

from app.accounts.people import Who
from app.actions import answering, batches, labels, projects, rulings
from app.actions.answering import Wanted
from app.actions.batches import BatchChange
from app.actions.projects import ProjectChange
from app.actions.turn import Caller
from app.db.engine import database_now, reading, writing
from app.db.tables.datasets import DataImport, Example, Project
from app.db.tables.ranking import ScoringRun
from app.db.tables.review import Decision
from app.db.words import BatchState, ImportState, Reason, Verdict
from app.failpoints import reach
from app.review.answering.answers import Submission
from app.review.serving.cards import Card
from bench.chaos.history import sent

Body = dict[str, Any]


def _cards(found: Sequence[Card]) -> list[Any]:
    return [sent(card) for card in found]


def _wanted(body: Body) -> Wanted:
    return Wanted(body.get("want", 0), body.get("held", ()))


def claim(caller: Caller, body: Body) -> Body:
    handed = answering.claim(caller, body["batch"], _wanted(body)).handed
    return {"examples": _cards(handed.cards), "state": handed.state}


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


def submit(caller: Caller, body: Body) -> Body:
    done = answering.answer(caller, submission(body), _wanted(body))
    recorded = done.recorded
    assert recorded is not None
    return {
        "seq": recorded.seq,
        "outcome": recorded.outcome,
        "examples": _cards(done.handed.cards),
    }


def undo_answer(caller: Caller, body: Body) -> Body:
    if body.get("batch"):
        undone = answering.undo_in_batch(caller, body["batch"], key=body["key"])
    else:
        undone = answering.undo_named(caller, body["example"], seq=body["seq"], key=body["key"])
    card = undone.card
    return {
        "seq": undone.seq,
        "undone": undone.decision_seq,
        "example": undone.example_id,
        "examples": _cards([card] if card else []),
    }


def redo_answer(caller: Caller, body: Body) -> Body:
    done = answering.redo(caller, body["example"], seq=body["seq"], key=body["key"])
    return {"seq": done.seq, "redone": done.decision_seq}


def skip(caller: Caller, body: Body) -> Body:
    answering.skip(caller, body["lease"], key=body["lease"])
    return {}


def refer(caller: Caller, body: Body) -> Body:
    answering.refer(caller, body["lease"], key=body["lease"])
    return {}


def give_back(caller: Caller, body: Body) -> Body:
    return {"given_back": answering.give_back(caller, body["leases"])}


def rule(caller: Caller, body: Body) -> Body:
    return {"seq": rulings.rule(caller, body["project"], submission(body)).seq}


def reopen(caller: Caller, body: Body) -> Body:
    return {"seq": rulings.reopen(caller, body["project"], body["example"], key=body["key"])}


def hand_to(caller: Caller, body: Body) -> Body:
    batches.change(caller, body["batch"], BatchChange(people=body["people"]))
    return {}


def close(caller: Caller, body: Body) -> Body:
    batches.change(caller, body["batch"], BatchChange(state=BatchState.CLOSED))
    return {}


def archive(caller: Caller, body: Body) -> Body:
    projects.change_project(caller, body["slug"], ProjectChange(archived=body["archived"]))
    return {}


def retire(caller: Caller, body: Body) -> Body:
    labels.retire_label(caller, body["slug"], body["label"], replaced_by=body["replaced_by"])
    return {}


STEPS: dict[str, Callable[[Caller, Body], Body]] = {
    "claim": claim,
    "submit": submit,
    "undo": undo_answer,
    "redo": redo_answer,
    "skip": skip,
    "refer": refer,
    "give_back": give_back,
    "rule": rule,
    "reopen": reopen,
    "people": hand_to,
    "close": close,
    "archive": archive,
    "retire": retire,
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
        now = database_now(session) + timedelta(seconds=body.get("shift", 0))  # a clock that steps
    kind = "claim" if name == "claim" else "submit"
    with writing(engine) as session:
        reply = STEPS[name](Caller(session, who, now, rng), body)
        reach(f"{kind}.before_commit")
    reach(f"{kind}.after_commit")
    return reply
