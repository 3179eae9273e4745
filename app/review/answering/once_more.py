"""An example goes back to who has just taken their word about it back: its lease and its card."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row

from app.accounts.turn import Turn
from app.review.answering.lease_look import batch_of_lease, is_still_asked
from app.review.batches.batch import rule_in_words
from app.review.books.leases import NewLease, new_token, write_leases
from app.review.books.may import reads_of, role_of
from app.review.serving.cards import Card
from app.review.serving.lending import Lent, send_again


def still_theirs(turn: Turn, row: Row[Any]) -> bool:
    """Whether this read may still be asked of them: by its batch, their role, whose label it is."""
    role_allows = (row.for_role or "") in reads_of(role_of(turn.member))
    return role_allows and not row.own_label and is_still_asked(turn, row)


def hold_again(turn: Turn, row: Row[Any]) -> Lent:
    """A lease as the one before it was: the same read, shown in the same way."""
    lease: NewLease = {
        "token": new_token(),
        "project_id": turn.project_id,
        "example_id": row.example_id,
        "on_grid": row.on_grid,
        "person_id": turn.member.person_id,
        "batch_id": row.batch_id,
        "read_due_id": row.due_id,
        "read_reason": row.read_reason,
        "mode": row.mode,
        "serve_seq": row.serve_seq,
        "stream": row.stream,
        "run_id": row.run_id,
        "shown": row.shown,
        "first_answer": row.first_answer,
        "guideline_revision": row.guideline_revision,
        "opened_seq": turn.lock.log_seq,
    }
    write_leases(turn.session, [lease], now=turn.now)
    shown = row.run_id, row.shown, row.first_answer
    return Lent(lease["token"], row.example_id, row.mode, row.read_reason, *shown)


def card_again(turn: Turn, row: Row[Any], lease: Lent) -> Card | None:
    rule = rule_in_words(batch_of_lease(row))
    cards = send_again(turn.session, turn.member, [lease], rule=rule)
    return cards[0] if cards else None
