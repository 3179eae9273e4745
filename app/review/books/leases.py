"""Leases: a reviewer's timed hold on an example, renewed while active, given back, skipped."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from app.db.log import ProjectLock, lock_project
from app.db.prepared import run
from app.db.tables.review import Lease, Note, ReadDue
from app.db.words import Due, EventKind, Question, ReadReason, Role
from app.errors import LeaseLost, NotFound
from app.review.books.may import active_people
from app.review.books.standing import ask_leads, other_people, owe

if TYPE_CHECKING:
    from app.accounts.membership import Member

LEASE_TIME = timedelta(minutes=30)
HELD = (  # what `release` needs to know of a lease
    Lease.id,
    Lease.example_id,
    Lease.read_due_id,
    Lease.batch_id,
    Lease.on_grid,
    Lease.read_reason,
)
_ADD_LEASES = insert(Lease.__table__)  # type: ignore[arg-type]


def new_token() -> str:
    return secrets.token_hex(16)


def write_leases(session: Session, rows: list[dict[str, Any]], *, now: datetime) -> None:
    """Write several leases at once; each row says whose, of what and why."""
    if rows:
        until = now + LEASE_TIME
        run(
            session,
            _ADD_LEASES,
            [
                {"created_at": now, "expires_at": until, "ended_why": "", "on_grid": False, **row}
                for row in rows
            ],
        )


def renew(
    session: Session,
    person_id: int,
    batch_id: int | None,
    *,
    on_grid: bool = False,
    now: datetime,
) -> list[Any]:
    """Extend a person's own leases in a batch, even those that ran out and nobody took."""
    mine = [
        Lease.person_id == person_id,
        Lease.ended_at.is_(None),
        Lease.on_grid.is_(on_grid),
        same_batch(batch_id),
    ]
    rows = session.execute(
        select(Lease.id, Lease.token, Lease.example_id, Lease.mode, Lease.read_reason)
        .where(*mine)
        .order_by(Lease.id)
    ).all()
    if rows:
        session.execute(
            update(Lease)
            .where(Lease.id.in_([row.id for row in rows]))
            .values(expires_at=now + LEASE_TIME)
            .execution_options(synchronize_session=False)
        )
    return list(rows)


def same_batch(batch_id: int | None) -> Any:
    return Lease.batch_id.is_(None) if batch_id is None else Lease.batch_id == batch_id


def end(session: Session, ids: Sequence[int], *, why: str, now: datetime) -> None:
    if ids:
        session.execute(
            update(Lease)
            .where(Lease.id.in_(ids), Lease.ended_at.is_(None))
            .values(ended_at=now, ended_why=why)
            .execution_options(synchronize_session=False)
        )


def give_back(session: Session, member: Member, tokens: Iterable[str], *, now: datetime) -> int:
    """End own leases early so that others get the examples; returns how many."""
    held = lock_project(session, member.project_id)
    rows = session.execute(
        select(*HELD).where(
            Lease.token.in_(list(tokens)[:100]),
            Lease.person_id == member.person_id,
            Lease.project_id == member.project_id,
            Lease.ended_at.is_(None),
        )
    ).all()
    release(session, held, rows, why="given back", now=now)
    return len(rows)


def release(
    session: Session, held: ProjectLock, rows: Sequence[Any], *, why: str, now: datetime
) -> None:
    """End leases without an answer; what nobody is owed yet becomes owed."""
    end(session, [row.id for row in rows], why=why, now=now)
    for row in rows:
        if row.read_due_id is None and row.read_reason is not ReadReason.KNOWN:
            more = {"batch_id": row.batch_id, "on_grid": row.on_grid}
            owe(session, held, row.example_id, Due.RETURNED, now=now, **more)


def own_lease(session: Session, member: Member, token: str) -> Lease:
    found = session.scalars(
        select(Lease).where(
            Lease.token == token,
            Lease.person_id == member.person_id,
            Lease.project_id == member.project_id,
        )
    ).one_or_none()
    if found is None:
        raise NotFound()
    return found


def skip(session: Session, member: Member, token: str, *, now: datetime) -> Lease:
    """Put an example aside: back once at the batch's end, then to another person, then a lead."""
    held = lock_project(session, member.project_id)
    lease = own_lease(session, member, token)
    if lease.ended_at is not None:
        return _again(lease, "skipped")
    lease.ended_at, lease.ended_why = now, "skipped"
    session.flush()
    entry = held.append(
        EventKind.SKIP,
        {"example": lease.example_id, "batch": lease.batch_id, "serve": lease.serve_seq},
        actor=member.pseudonym,
        now=now,
        example_id=lease.example_id,
    )
    held.save()
    if lease.read_reason is ReadReason.KNOWN:
        return lease  # nobody is owed a known answer
    due = session.get(ReadDue, lease.read_due_id) if lease.read_due_id else None
    skipped_by = [*(due.skipped_by if due else []), member.person_id]
    again = skipped_by.count(member.person_id) > 1
    nobody_else = not other_people(session, held.project_id, [member.person_id])
    to_lead = len(set(skipped_by)) > 1 or (again and nobody_else)
    if to_lead:
        if due is not None:
            due.done_at, due.done_why = now, "to a lead"
        ask_leads(session, held, lease.example_id, Question.SKIPPED, now=now, seq=entry.seq)
    elif due is not None:
        due.skipped_by, due.after_batch = skipped_by, True
        due.not_by = [*due.not_by, member.person_id] if again else due.not_by
    else:
        owe(
            session,
            held,
            lease.example_id,
            Due.SKIPPED,
            now=now,
            skipped_by=skipped_by,
            after_batch=True,
            batch_id=lease.batch_id,
            created_by_seq=entry.seq,
        )
    session.flush()
    return lease


def refer(session: Session, member: Member, token: str, *, note: str, now: datetime) -> Lease:
    """Send an example to the experts; where there is none, to the leads."""
    held = lock_project(session, member.project_id)
    lease = own_lease(session, member, token)
    if lease.ended_at is not None:
        return _again(lease, "referred")
    lease.ended_at, lease.ended_why = now, "referred"
    written = keep_note(session, member, lease.example_id, note, now=now)
    entry = held.append(
        EventKind.REFER,
        {
            "example": lease.example_id,
            "batch": lease.batch_id,
            "serve": lease.serve_seq,
            "note": note_hash(written),
        },
        actor=member.pseudonym,
        now=now,
        example_id=lease.example_id,
    )
    held.save()
    if lease.read_reason is ReadReason.KNOWN:
        return lease
    if lease.read_due_id:
        due = session.get_one(ReadDue, lease.read_due_id)
        due.done_at, due.done_why = now, "referred"
    people = active_people(session, held.project_id)
    experts = {person for person, role in people.items() if role is Role.EXPERT}
    if experts - {member.person_id}:
        owe(
            session,
            held,
            lease.example_id,
            Due.EXPERT,
            now=now,
            for_role=Role.EXPERT.value,
            first_by=member.person_id,
            created_by_seq=entry.seq,
        )
    else:
        ask_leads(session, held, lease.example_id, Question.EXPERT, now=now, seq=entry.seq)
    session.flush()
    return lease


def keep_note(
    session: Session, member: Member, example_id: int, words: str | None, *, now: datetime
) -> Note | None:
    """Store a note outside the log, with its own salt, so that it can be erased."""
    if not words or not words.strip():
        return None
    note = Note(
        project_id=member.project_id,
        example_id=example_id,
        person_id=member.person_id,
        text=words.strip()[:5_000],
        salt=secrets.token_hex(16),
        at=now,
    )
    session.add(note)
    session.flush()
    return note


def note_hash(note: Note | None) -> str | None:
    """What the log holds of a note: it cannot be guessed once the salt is erased."""
    if note is None:
        return None
    return hashlib.sha256(bytes.fromhex(note.salt) + note.text.encode()).hexdigest()


def _again(lease: Lease, why: str) -> Lease:
    """The same request again after a lost reply is fine; anything else came too late."""
    if lease.ended_why == why:
        return lease
    raise LeaseLost(
        "This example is not held by you any more.",
        next_step="Go on with the next one; nothing was changed.",
    )
