"""Lease chosen examples to whoever asks, and make the cards that are sent."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from app.accounts.membership import Member
from app.db.prepared import run
from app.db.tables.json_columns import FirstAnswer, Shown
from app.db.tables.review import Lease
from app.db.words import Mode, ReadReason, Stream
from app.review.batches.batch import rule_in_words
from app.review.books.leases import NewLease, new_token, write_leases
from app.review.serving.cards import CARDS_BY_ID, Card, Look, cards, shown
from app.review.serving.desk import Desk
from app.review.serving.together import answered_together


class Chosen(NamedTuple):
    """An example to lease, and why it is to be read."""

    row: Row[Any]
    reason: ReadReason
    due_id: int | None
    serve_seq: int | None
    stream: Stream | None


class Lent(NamedTuple):
    """What sending an example once more needs to know of its lease."""

    token: str
    example_id: int
    mode: Mode
    read_reason: ReadReason
    run_id: int | None
    shown: Shown | None
    first_answer: FirstAnswer | None


LENT = (
    Lease.token,
    Lease.example_id,
    Lease.mode,
    Lease.read_reason,
    Lease.run_id,
    Lease.shown,
    Lease.first_answer,
)


def lend(desk: Desk, chosen: Sequence[Chosen]) -> list[Card]:
    """Lease examples to this reviewer; the cards that are sent, each with its lease."""
    if not chosen:
        return []
    modes = {one.row.example_id: _mode(desk, one) for one in chosen}
    firsts = _first_answers(desk, [e for e, mode in modes.items() if mode is Mode.DECIDE_FIRST])
    looks = {
        (example := one.row.example_id): Look(
            Mode.EVERYTHING if example in firsts else modes[example], _is_bare(desk, one)
        )
        for one in chosen
    }
    rule = rule_in_words(desk.batch)
    card_of = cards(desk.session, [one.row for one in chosen], looks=looks, rule=rule)
    leases: list[NewLease] = []
    sent: list[Card] = []
    for one in chosen:
        card, token = card_of[one.row.example_id], new_token()
        leases.append(
            {
                "token": token,
                "project_id": desk.lock.project_id,
                "example_id": one.row.example_id,
                "person_id": desk.turn.member.person_id,
                "batch_id": desk.batch_id,
                "on_grid": desk.on_grid,
                "mode": modes[one.row.example_id],
                "run_id": desk.lock.run_id,
                "shown": shown(card),
                "first_answer": firsts.get(one.row.example_id),
                "guideline_revision": desk.lock.guideline_revision,
                "opened_seq": desk.lock.log_seq,
                "read_reason": one.reason,
                "read_due_id": one.due_id,
                "serve_seq": one.serve_seq,
                "stream": one.stream,
            }
        )
        tied = _together(desk.session, desk.turn.member, one.row, one.reason)
        sent.append({**card, **tied, **_held(token, firsts.get(one.row.example_id))})
    write_leases(desk.session, leases, now=desk.turn.now)
    return sent


def _first_answers(desk: Desk, examples: Sequence[int]) -> dict[int, FirstAnswer]:
    """Who has seen the evidence of an example before has decided first, whatever became of it."""
    if not examples:
        return {}
    rows = desk.session.execute(
        select(Lease.example_id, Lease.first_answer).where(
            Lease.example_id.in_(examples), Lease.person_id == desk.turn.member.person_id
        )
    )
    return {example: first for example, first in rows if first is not None}


def _mode(desk: Desk, one: Chosen) -> Mode:
    """Second reads are blind; first reads and known answers are shown as their batch says."""
    if one.reason is ReadReason.EXPERT:
        return Mode.EVERYTHING
    if one.reason not in (ReadReason.FIRST, ReadReason.KNOWN):
        return Mode.BLIND
    if desk.batch is not None:
        return desk.batch.mode
    began_in: Mode | None = getattr(one.row, "batch_mode", None)  # of what is owed
    return began_in or Mode.EVERYTHING


def _is_bare(desk: Desk, one: Chosen) -> bool:
    """Whether a random draw could stand out among the best of a queue by the numbers on it."""
    share = getattr(one.row, "audit_share", None)
    return desk.batch is None or desk.batch.audit_share > 0 or bool(share)


def send_again(
    session: Session, member: Member, leases: Sequence[Lent], *, rule: str
) -> list[Card]:
    """Send examples once more that this reviewer holds already, as they were sent before."""
    by_run: dict[int | None, list[Lent]] = defaultdict(list)
    for lease in leases:
        by_run[lease.run_id].append(lease)
    card_of: dict[int, Card] = {}
    for run_id, lent in by_run.items():
        looks = {one.example_id: Look(_mode_now(one), _was_bare(one)) for one in lent}
        rows = run(session, CARDS_BY_ID, {"run": run_id, "examples": list(looks)}).all()
        reasons = {one.example_id: one.read_reason for one in lent}
        sent = cards(session, rows, looks=looks, rule=rule)
        for row in rows:
            tied = _together(session, member, row, reasons[row.example_id])
            card_of[row.example_id] = {**sent[row.example_id], **tied}
    return [
        {**card_of[lease.example_id], **_held(lease.token, lease.first_answer)}
        for lease in leases
        if lease.example_id in card_of
    ]


def _together(session: Session, member: Member, row: Row[Any], reason: ReadReason) -> Card:
    """What is said before an answer that goes to identical examples as well."""
    if not row.has_copies:
        return {}
    told = answered_together(session, member, row, reason)
    return {"together": told} if told is not None else {}


def _held(token: str, first: FirstAnswer | None) -> Card:
    """The lease, and what its reader said before the evidence was shown."""
    if first is None:
        return {"lease": token}
    return {"lease": token, "first": first}


def _mode_now(lease: Lent) -> Mode:
    """Who decided first has seen the evidence since."""
    decided = lease.mode is Mode.DECIDE_FIRST and lease.first_answer is not None
    return Mode.EVERYTHING if decided else lease.mode


def _was_bare(lease: Lent) -> bool:
    return lease.shown is None or lease.shown["quality"] is None
