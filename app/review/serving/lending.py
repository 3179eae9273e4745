"""Lease chosen examples to whoever asks, and make the cards that are sent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Row

from app.db.prepared import run
from app.db.words import Mode, ReadReason, Stream
from app.review.batches.batch import rule_in_words
from app.review.books.leases import NewLease, new_token, write_leases
from app.review.serving.cards import CARDS_BY_ID, Card, cards, shown
from app.review.serving.desk import Desk


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


def lend(desk: Desk, chosen: Sequence[Chosen]) -> list[Card]:
    """Lease examples to this reviewer; the cards that are sent, each with its lease."""
    if not chosen:
        return []
    modes = {one.row.example_id: _mode(desk, one.reason) for one in chosen}
    rule = rule_in_words(desk.batch)
    card_of = cards(desk.session, [one.row for one in chosen], modes=modes, rule=rule)
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
                "read_reason": one.reason,
                "read_due_id": one.due_id,
                "serve_seq": one.serve_seq,
                "stream": one.stream,
            }
        )
        sent.append({**card, "lease": token})
    write_leases(desk.session, leases, now=desk.turn.now)
    return sent


def _mode(desk: Desk, reason: ReadReason) -> Mode:
    """Second reads are blind; first reads and known answers are shown as the batch says."""
    if reason is ReadReason.EXPERT or desk.batch is None:
        return Mode.EVERYTHING
    as_first = reason in (ReadReason.FIRST, ReadReason.KNOWN)
    return desk.batch.mode if as_first else Mode.BLIND


def send_again(desk: Desk, leases: Sequence[Lent]) -> list[Card]:
    """Send examples once more that this reviewer holds already."""
    if not leases:
        return []
    modes = {lease.example_id: lease.mode for lease in leases}
    asked = {"run": desk.lock.run_id, "examples": list(modes)}
    rows = run(desk.session, CARDS_BY_ID, asked).all()
    card_of = cards(desk.session, rows, modes=modes, rule=rule_in_words(desk.batch))
    return [
        {**card_of[lease.example_id], "lease": lease.token}
        for lease in leases
        if lease.example_id in card_of
    ]
