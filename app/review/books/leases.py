"""Leases: a reviewer's timed hold on an example, renewed while active, given back."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple, NotRequired, TypedDict

from sqlalchemy import ColumnElement, Exists, exists, insert, select, update
from sqlalchemy.orm import Session

from app.accounts.membership import Member
from app.accounts.turn import Turn
from app.db.log import ProjectLock
from app.db.prepared import run
from app.db.tables.json_columns import FirstAnswer, Shown
from app.db.tables.review import Lease
from app.db.words import UNDONE_AS, Due, Mode, ReadReason, Stream, WhyEnded
from app.errors import ExampleErased, LeaseLost, NotFound
from app.review.books.dues import DueTerms, owe

LEASE_TIME = timedelta(minutes=30)
MOST_TOKENS = 100  # leases named in one request


class LeaseInHand(NamedTuple):
    """What giving a lease back needs to know of it."""

    id: int
    example_id: int
    read_due_id: int | None
    batch_id: int | None
    on_grid: bool
    read_reason: ReadReason


IN_HAND = (
    Lease.id,
    Lease.example_id,
    Lease.read_due_id,
    Lease.batch_id,
    Lease.on_grid,
    Lease.read_reason,
)


class NewLease(TypedDict):
    """One lease to write: whose, of what and why."""

    token: str
    project_id: int
    example_id: int
    person_id: int
    batch_id: int | None
    on_grid: NotRequired[bool]
    read_due_id: int | None
    read_reason: ReadReason
    mode: Mode
    serve_seq: int | None
    stream: Stream | None
    run_id: int | None
    shown: Shown | None
    first_answer: NotRequired[FirstAnswer | None]
    guideline_revision: int
    opened_seq: int


_ADD_LEASES = insert(Lease.__table__)  # type: ignore[arg-type]


def new_token() -> str:
    return secrets.token_hex(16)


def write_leases(session: Session, rows: Sequence[NewLease], *, now: datetime) -> None:
    """Write several leases at once."""
    if rows:
        times = {"created_at": now, "expires_at": now + LEASE_TIME}
        usual = {"ended_why": "", "on_grid": False, "first_answer": None}
        run(session, _ADD_LEASES, [{**times, **usual, **row} for row in rows])


def in_batch(batch_id: int | None) -> ColumnElement[bool]:
    """Leases of a batch, or of the desk of owed reads, which is in no batch."""
    return Lease.batch_id.is_(None) if batch_id is None else Lease.batch_id == batch_id


def live_leases(lock: ProjectLock, *conditions: ColumnElement[bool]) -> list[LeaseInHand]:
    """Leases of the project that are neither answered nor given back."""
    rows = lock.session.execute(
        select(*IN_HAND)
        .where(Lease.project_id == lock.project_id, Lease.ended_at.is_(None), *conditions)
        .order_by(Lease.id)
    )
    return [LeaseInHand(*row) for row in rows]


def end(
    session: Session, ids: Sequence[int], *, why: WhyEnded, now: datetime, key: str | None = None
) -> None:
    """End leases; `key` is that of the request, where a retry must be known again."""
    if ids:
        session.execute(
            update(Lease)
            .where(Lease.id.in_(ids), Lease.ended_at.is_(None))
            .values(ended_at=now, ended_why=why, ended_key=key)
            .execution_options(synchronize_session=False)
        )


def give_back(
    lock: ProjectLock, leases: Sequence[LeaseInHand], *, why: WhyEnded, now: datetime
) -> None:
    """End leases without an answer; what nobody is owed yet becomes owed."""
    end(lock.session, [lease.id for lease in leases], why=why, now=now)
    for lease in leases:
        if lease.read_due_id is None and lease.read_reason is not ReadReason.KNOWN:
            terms: DueTerms = {"batch_id": lease.batch_id, "on_grid": lease.on_grid}
            owe(lock, lease.example_id, Due.RETURNED, now=now, **terms)


def give_back_own(turn: Turn, tokens: Sequence[str]) -> int:
    """End own leases early so that others get the examples; returns how many.

    Where the evidence was shown after a first answer, it stays with who gave that: handed out to
    them again, their first answer would no longer be one.
    """
    mine = Lease.token.in_(tokens[:MOST_TOKENS]), Lease.person_id == turn.member.person_id
    revealed = Lease.first_answer["verdict"].as_string().is_not(None)
    leases = live_leases(turn.lock, *mine, ~revealed)
    give_back(turn.lock, leases, why=WhyEnded.RETURNED, now=turn.now)
    return len(leases)


def end_own(turn: Turn, example_id: int, *, why: WhyEnded) -> None:
    """Who has said what they had to say of an example holds it no more."""
    turn.session.execute(
        update(Lease)
        .where(
            Lease.example_id == example_id,
            Lease.person_id == turn.member.person_id,
            Lease.ended_at.is_(None),
        )
        .values(ended_at=turn.now, ended_why=why)
        .execution_options(synchronize_session=False)
    )


def own_lease(session: Session, member: Member, token: str) -> Lease:
    lease = session.scalars(
        select(Lease).where(
            Lease.token == token,
            Lease.person_id == member.person_id,
            Lease.project_id == member.project_id,
        )
    ).one_or_none()
    if lease is None:
        raise NotFound()
    return lease


def ended_under(
    key: str | ColumnElement[str],
    person: int | ColumnElement[int],
    project: int | ColumnElement[int],
    *,
    of: type[Lease] = Lease,
) -> Exists:
    """Whether this person put an example aside, or marked it, with a request of this key."""
    return exists().where(of.person_id == person, of.project_id == project, of.ended_key == key)


def ended_before(lease: Lease, why: WhyEnded) -> bool:
    """The same request again after a lost reply is fine; anything else came too late."""
    if lease.ended_at is None:
        return False
    if lease.ended_why in (why, UNDONE_AS.get(why)):
        return True
    if lease.ended_why == WhyEnded.ERASED:
        raise ExampleErased()
    raise LeaseLost(
        "This example is not held by you any more.",
        next_step="Go on with the next one; nothing was changed.",
    )
