"""Undo and redo: events that name a decision; nothing is ever taken out of the log."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from app.db.log import ProjectLock, lock_project
from app.db.tables.review import Batch, Decision, Lease, ReadDue, Reversal, Serve
from app.db.words import EventKind, ReadReason
from app.errors import Conflict, NotFound
from app.review.answering.direct_answers import open_for_change
from app.review.answering.disagreements import open_about, settle_cases
from app.review.books.leases import new_token, write_leases
from app.review.books.standing import folded, marks_of, refold
from app.review.serving.cards import Card
from app.review.serving.desk import Desk
from app.review.serving.hand_out import again

if TYPE_CHECKING:
    from app.accounts.membership import Member


@dataclass(frozen=True)
class Undone:
    seq: int
    decision_seq: int
    example_id: int
    card: Card | None


def undo(
    session: Session,
    member: Member,
    *,
    key: str,
    seq: int | None = None,
    batch_id: int | None = None,
    now: datetime,
    rng: random.Random,
) -> Undone:
    """Take back an own answer, the last one by default; the example comes back to its giver."""
    held = lock_project(session, member.project_id)
    before = _same_key(session, member, key)
    if before is not None:
        return Undone(before.seq, before.decision_seq or 0, before.example_id, None)
    decision = _mine(session, member, seq=seq, batch_id=batch_id)
    open_for_change(session, decision, member)
    if decision.seq in undone_seqs(session, decision.example_id):
        raise Conflict("That answer is undone already.", next_step="Nothing more to do.")
    entry = _reverse(session, held, member, EventKind.UNDO, decision, key=key, now=now)
    session.execute(
        update(ReadDue)
        .where(ReadDue.created_by_seq == decision.seq, ReadDue.example_id == decision.example_id)
        .where(ReadDue.done_at.is_(None))
        .values(done_at=now, done_why="undone")
        .execution_options(synchronize_session=False)
    )
    token = _lease_again(session, held, member, decision, now=now)
    refold(session, held, decision.example_id, now=now)
    held.save()
    card = _card(session, held, member, decision, token, now=now, rng=rng) if token else None
    return Undone(entry, decision.seq, decision.example_id, card)


def redo(session: Session, member: Member, *, key: str, seq: int, now: datetime) -> Undone:
    """Let an undone answer stand again, unless a newer one of the same person stands."""
    held = lock_project(session, member.project_id)
    before = _same_key(session, member, key)
    if before is not None:
        return Undone(before.seq, before.decision_seq or 0, before.example_id, None)
    decision = _mine(session, member, seq=seq, batch_id=None)
    open_for_change(session, decision, member)
    if decision.seq not in undone_seqs(session, decision.example_id):
        raise Conflict("That answer stands already.", next_step="Nothing more to do.")
    state = folded(session, member.project_id, decision.example_id)
    if any(a.person == str(member.person_id) and a.seq > decision.seq for a in state.standing):
        raise Conflict("You gave a newer answer since.", next_step="Undo that one first.")
    _end_own_lease(session, member, decision.example_id, now=now)
    due = _due_of(session, decision)
    if due is not None:
        due.done_at, due.done_why = now, "answered"
    waiting = open_about(session, decision.example_id) if decision.adjudicates else []
    entry = _reverse(session, held, member, EventKind.REDO, decision, key=key, now=now)
    refold(session, held, decision.example_id, now=now)
    settle_cases(session, member, waiting, seq=decision.seq, now=now)
    held.save()
    return Undone(entry, decision.seq, decision.example_id, None)


def _same_key(session: Session, member: Member, key: str) -> Reversal | None:
    return session.scalars(
        select(Reversal).where(
            Reversal.project_id == member.project_id,
            Reversal.person_id == member.person_id,
            Reversal.idempotency_key == key,
        )
    ).one_or_none()


def undone_seqs(session: Session, example_id: int) -> set[int]:
    """The answers to an example that are undone now."""
    undone: set[int] = set()
    for mark in marks_of(session, example_id):
        if mark.decision_seq is None:
            continue
        if mark.kind is EventKind.UNDO:
            undone.add(mark.decision_seq)
        else:
            undone.discard(mark.decision_seq)
    return undone


def _mine(session: Session, member: Member, *, seq: int | None, batch_id: int | None) -> Decision:
    """The named own decision, or the last one that still stands."""
    mine = select(Decision).where(
        Decision.project_id == member.project_id, Decision.person_id == member.person_id
    )
    if seq is not None:
        found = session.scalars(mine.where(Decision.seq == seq)).one_or_none()
        if found is None:
            raise NotFound()
        return found
    if batch_id is not None:
        mine = mine.where(Decision.batch_id == batch_id)
    for decision in session.scalars(mine.order_by(Decision.seq.desc()).limit(50)):
        state = folded(session, member.project_id, decision.example_id)
        if any(answer.seq == decision.seq for answer in state.standing):
            return decision
    raise Conflict("There is nothing to undo.", next_step="Go on with the next example.")


def _reverse(
    session: Session,
    held: ProjectLock,
    member: Member,
    kind: EventKind,
    decision: Decision,
    *,
    key: str,
    now: datetime,
) -> int:
    entry = held.append(
        kind,
        {"example": decision.example_id, "decision": decision.seq, "key": key},
        actor=member.pseudonym,
        now=now,
        example_id=decision.example_id,
    )
    session.add(
        Reversal(
            project_id=held.project_id,
            seq=entry.seq,
            kind=kind,
            example_id=decision.example_id,
            decision_seq=decision.seq,
            person_id=member.person_id,
            idempotency_key=key,
            at=now,
        )
    )
    session.flush()
    return entry.seq


def _due_of(session: Session, decision: Decision) -> ReadDue | None:
    """The owed read this decision answered."""
    if decision.lease_token is None:
        return None
    return session.scalars(
        select(ReadDue)
        .join(Lease, Lease.read_due_id == ReadDue.id)
        .where(Lease.token == decision.lease_token)
    ).one_or_none()


def _lease_again(
    session: Session, held: ProjectLock, member: Member, decision: Decision, *, now: datetime
) -> str | None:
    """Hold the example for its giver again, unless somebody else has it now."""
    due = _due_of(session, decision)
    if due is not None and due.done_why == "answered":
        due.done_at, due.done_why = None, ""
        session.flush()
    taken = select(
        exists().where(Lease.example_id == decision.example_id, Lease.ended_at.is_(None))
    )
    direct = decision.lease_token is None or decision.adjudicates
    if direct or decision.read_reason is ReadReason.LATE or session.scalar(taken):
        return None
    serve = session.execute(
        select(Serve.serve_seq, Serve.stream).where(
            Serve.epoch_id == held.epoch_id, Serve.example_id == decision.example_id
        )
    ).one_or_none()
    on_grid = session.scalar(select(Lease.on_grid).where(Lease.token == decision.lease_token))
    token = new_token()
    write_leases(
        session,
        [
            {
                "token": token,
                "project_id": held.project_id,
                "example_id": decision.example_id,
                "on_grid": bool(on_grid),
                "person_id": member.person_id,
                "batch_id": decision.batch_id,
                "read_due_id": due.id if due is not None else None,
                "read_reason": decision.read_reason,
                "mode": decision.mode,
                "serve_seq": serve.serve_seq if serve else None,
                "stream": serve.stream if serve else None,
                "run_id": held.run_id,
                "shown": decision.shown,
            }
        ],
        now=now,
    )
    return token


def _card(
    session: Session,
    held: ProjectLock,
    member: Member,
    decision: Decision,
    token: str,
    *,
    now: datetime,
    rng: random.Random,
) -> Card | None:
    batch: Any = session.get(Batch, decision.batch_id) if decision.batch_id else None
    lease = session.execute(
        select(Lease.token, Lease.example_id, Lease.mode).where(Lease.token == token)
    ).one()
    made = again(Desk(session, held, member, batch, now, rng), [lease])
    return made[0] if made else None


def _end_own_lease(session: Session, member: Member, example_id: int, *, now: datetime) -> None:
    session.execute(
        update(Lease)
        .where(
            Lease.example_id == example_id,
            Lease.person_id == member.person_id,
            Lease.ended_at.is_(None),
        )
        .values(ended_at=now, ended_why="undone")
        .execution_options(synchronize_session=False)
    )
