"""Answers that give none: an example is skipped, or sent to the experts."""

from __future__ import annotations

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import aliased

from app.accounts.turn import Turn
from app.db.canonical import Loggable
from app.db.log import Entry
from app.db.tables.review import Decision, Lease, ReadDue
from app.db.words import UNDONE_AS, Due, EventKind, Question, ReadReason, Role, WhyDone, WhyEnded
from app.errors import KeyReused, NotFound
from app.review.books.dues import DueTerms, owe
from app.review.books.leases import ended_before, ended_under
from app.review.books.may import check_in_use, readers_of, somebody_else_may_read
from app.review.books.notes import keep_note, note_hash
from app.review.books.questions import ask_leads
from app.review.books.stuck import list_stuck


def skip(turn: Turn, token: str, *, key: str) -> Lease:
    """Put an example aside: due at once to others, later to its skipper, after two to a lead."""
    lease = _to_put_aside(turn, token, key, WhyEnded.SKIPPED)
    if lease.ended_at is not None:
        return lease
    entry = _end(turn, lease, WhyEnded.SKIPPED, EventKind.SKIP)
    if lease.read_reason is ReadReason.KNOWN:
        return lease  # nobody is owed a known answer
    due = turn.session.get(ReadDue, lease.read_due_id) if lease.read_due_id else None
    me, example_id = turn.member.person_id, lease.example_id
    if due is None:
        terms: DueTerms = {"batch_id": lease.batch_id, "created_by_seq": entry.seq}
        terms |= {"skipper_id": me, "skipped_seq": entry.seq}
        owe(turn.lock, example_id, Due.SKIPPED, now=turn.now, **terms)
    if due is not None and _to_the_leads(turn, due):
        due.done_at, due.done_why = turn.now, WhyDone.TO_LEAD
        ask_leads(turn.lock, example_id, Question.SKIPPED, now=turn.now, seq=entry.seq)
    elif due is not None:
        due.skipper_id, due.skipped_seq = me, entry.seq
    turn.session.flush()
    list_stuck(turn.lock, now=turn.now, examples=[example_id])
    return lease


def _to_the_leads(turn: Turn, due: ReadDue) -> bool:
    """A second person skipped it, or the same one again with nobody else there who could."""
    if due.skipper_id is None:
        return False
    me = turn.member.person_id
    if due.skipper_id != me:
        return True
    return not somebody_else_may_read(turn.session, turn.project_id, due.example_id, but=me)


def refer(turn: Turn, token: str, *, key: str, note: str) -> Lease:
    """Send an example to the experts; where there is none, to the leads."""
    lease = _to_put_aside(turn, token, key, WhyEnded.REFERRED)
    if lease.ended_at is not None:
        return lease
    words = note_hash(keep_note(turn, lease.example_id, note))
    entry = _end(turn, lease, WhyEnded.REFERRED, EventKind.REFER, note=words)
    if lease.read_reason is ReadReason.KNOWN:
        return lease
    if lease.read_due_id:
        due = turn.session.get_one(ReadDue, lease.read_due_id)
        due.done_at, due.done_why = turn.now, WhyDone.REFERRED
    me = turn.member.person_id
    people = readers_of(turn.session, turn.project_id, lease.example_id)
    if any(role is Role.EXPERT for person, role in people.items() if person != me):
        owe(
            turn.lock,
            lease.example_id,
            Due.EXPERT,
            now=turn.now,
            for_role=Role.EXPERT.value,
            first_by=me,
            created_by_seq=entry.seq,
        )
    else:
        ask_leads(turn.lock, lease.example_id, Question.EXPERT, now=turn.now, seq=entry.seq)
    turn.session.flush()
    return lease


def _to_put_aside(turn: Turn, token: str, key: str, why: WhyEnded) -> Lease:
    """An own lease; one that has ended is the same request again. Its key is its own from now on.

    What came under the same key before is refused: another example, another act, an answer.
    """
    me, project_id = turn.member.person_id, turn.project_id
    mine = [Lease.token == token, Lease.person_id == me, Lease.project_id == project_id]
    other = aliased(Lease)
    ended = ended_under(key, me, project_id, of=other).where(other.id != Lease.id)
    answered = exists().where(
        Decision.project_id == project_id,
        Decision.person_id == me,
        Decision.idempotency_key == key,
    )
    row = turn.session.execute(
        select(Lease, or_(ended.correlate(Lease), answered).label("used")).where(*mine)
    ).one_or_none()
    if row is None:
        raise NotFound()
    lease: Lease = row.Lease
    if row.used or (lease.ended_key == key and lease.ended_why not in (why, UNDONE_AS[why])):
        raise KeyReused(
            "This key was used for something else before.",
            next_step="Send each skip and referral with a key of its own.",
        )
    if not ended_before(lease, why):
        lease.ended_key = key
    return lease


def _end(turn: Turn, lease: Lease, why: WhyEnded, kind: EventKind, **more: Loggable) -> Entry:
    check_in_use(turn.lock)
    about = {"example": lease.example_id, "batch": lease.batch_id, "serve": lease.serve_seq}
    entry = turn.lock.append(
        kind,
        {**about, **more},
        actor=turn.member.pseudonym,
        now=turn.now,
        example_id=lease.example_id,
    )
    lease.ended_at, lease.ended_why, lease.ended_seq = turn.now, why, entry.seq
    turn.session.flush()
    return entry
