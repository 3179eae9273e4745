"""Answers that give none: an example is skipped, or sent to the experts."""

from __future__ import annotations

from app.accounts.turn import Turn
from app.db.canonical import Loggable
from app.db.log import Entry
from app.db.tables.review import Lease, ReadDue
from app.db.words import Due, EventKind, Question, ReadReason, Role, WhyDone, WhyEnded
from app.review.books.dues import owe
from app.review.books.leases import ended_before, own_lease
from app.review.books.may import active_people
from app.review.books.notes import keep_note, note_hash
from app.review.books.questions import ask_leads
from app.review.books.standing import other_people


def skip(turn: Turn, token: str) -> Lease:
    """Put an example aside: back once at the batch's end, then to another person, then a lead."""
    lease = own_lease(turn.session, turn.member, token)
    if ended_before(lease, WhyEnded.SKIPPED):
        return lease
    entry = _end(turn, lease, WhyEnded.SKIPPED, EventKind.SKIP)
    if lease.read_reason is ReadReason.KNOWN:
        return lease  # nobody is owed a known answer
    due = turn.session.get(ReadDue, lease.read_due_id) if lease.read_due_id else None
    me = turn.member.person_id
    skipped_by = [*(due.skipped_by if due else []), me]
    again = skipped_by.count(me) > 1
    nobody_else = not other_people(turn.session, turn.project_id, [me])
    if len(set(skipped_by)) > 1 or (again and nobody_else):
        if due is not None:
            due.done_at, due.done_why = turn.now, WhyDone.TO_LEAD
        seq = entry.seq
        ask_leads(turn.lock, lease.example_id, Question.SKIPPED, now=turn.now, seq=seq)
    elif due is not None:
        due.skipped_by, due.after_batch = skipped_by, True
        due.not_by = [*due.not_by, me] if again else due.not_by
    else:
        owe(
            turn.lock,
            lease.example_id,
            Due.SKIPPED,
            now=turn.now,
            skipped_by=skipped_by,
            after_batch=True,
            batch_id=lease.batch_id,
            created_by_seq=entry.seq,
        )
    turn.session.flush()
    return lease


def refer(turn: Turn, token: str, *, note: str) -> Lease:
    """Send an example to the experts; where there is none, to the leads."""
    lease = own_lease(turn.session, turn.member, token)
    if ended_before(lease, WhyEnded.REFERRED):
        return lease
    words = note_hash(keep_note(turn, lease.example_id, note))
    entry = _end(turn, lease, WhyEnded.REFERRED, EventKind.REFER, note=words)
    if lease.read_reason is ReadReason.KNOWN:
        return lease
    if lease.read_due_id:
        due = turn.session.get_one(ReadDue, lease.read_due_id)
        due.done_at, due.done_why = turn.now, WhyDone.REFERRED
    me, people = turn.member.person_id, active_people(turn.session, turn.project_id)
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


def _end(turn: Turn, lease: Lease, why: WhyEnded, kind: EventKind, **more: Loggable) -> Entry:
    lease.ended_at, lease.ended_why = turn.now, why
    turn.session.flush()
    about = {"example": lease.example_id, "batch": lease.batch_id, "serve": lease.serve_seq}
    return turn.lock.append(
        kind,
        {**about, **more},
        actor=turn.member.pseudonym,
        now=turn.now,
        example_id=lease.example_id,
    )
