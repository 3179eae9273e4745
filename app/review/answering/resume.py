"""What was skipped or sent to the experts is taken back: its reader reads it after all.

As long as nobody has taken it up: the read they were handed is theirs again, with its lease, and
what the skip or the referral brought about is owed no more.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Row, and_, case, exists, func, or_, select, update
from sqlalchemy.orm import aliased

from app.accounts.turn import Turn
from app.audit.stands import OPENS
from app.db.log import Entry
from app.db.tables.audit import Serve
from app.db.tables.datasets import Example
from app.db.tables.review import Batch, Disagreement, Lease, ReadDue, Reversal
from app.db.words import UNDONE_AS, EventKind, ReadReason, Status, WhyDone, WhyEnded
from app.errors import Conflict, ExampleErased
from app.review.answering.direct_answers import check_open
from app.review.answering.lease_look import BATCH
from app.review.answering.once_more import hold_again, still_theirs
from app.review.answering.reversals import note_reversal
from app.review.books.leases import end
from app.review.books.may import gave_its_label, is_asked
from app.review.books.questions import READER_QUESTIONS, no_longer_asked
from app.review.serving.lending import Lent

_GIVEN_UP = (WhyDone.REFERRED, WhyDone.TO_LEAD)  # by who put its example aside


def aside_named(turn: Turn, seq: int) -> Row[Any] | None:
    """What this person put aside with the event of this seq."""
    return _mine(turn, Lease.ended_seq == seq, Lease.ended_why.in_([*UNDONE_AS, *_UNDONE]))


_held, _newer, _holder = aliased(Lease), aliased(Lease), aliased(Lease)


def last_aside(turn: Turn, *here: ColumnElement[bool]) -> Any:
    """The event with which this person put something aside last that they can take back still."""
    waits = or_(_left_open(), Lease.read_reason == ReadReason.KNOWN)
    taken = exists().where(
        _held.example_id == Lease.example_id, _held.ended_at.is_(None), _held.expires_at > turn.now
    )
    mine = (
        Lease.person_id == turn.member.person_id,
        Lease.project_id == turn.project_id,
        Lease.ended_key.is_not(None),
        Lease.ended_why.in_(UNDONE_AS),
    )
    newest = select(func.max(Lease.ended_seq)).where(*mine, *here, waits, ~taken)
    return newest.correlate(None).scalar_subquery()


def take_up(turn: Turn, row: Row[Any], *, key: str) -> tuple[Entry, Lent]:
    """Undo a skip or a referral, unless somebody has done something about it since."""
    _check(turn, row)
    if row.holder_lease is not None:  # it ran out, and nobody took it
        end(turn.session, [row.holder_lease], why=WhyEnded.EXPIRED, now=turn.now)
    entry = note_reversal(turn, EventKind.RESUME, row.example_id, row.seq, key=key)
    turn.session.execute(
        update(Lease)
        .where(Lease.id == row.lease_id)
        .values(ended_why=UNDONE_AS[WhyEnded(row.ended_why)])
        .execution_options(synchronize_session=False)
    )
    if row.read_reason is not ReadReason.KNOWN:
        _owe_as_before(turn, row)
    if row.asked_leads:
        no_longer_asked(turn, row.example_id, since=row.ended_at, seq=entry.seq)
    return entry, hold_again(turn, row)


_UNDONE = tuple(UNDONE_AS.values())


def _left_open() -> ColumnElement[bool]:
    """What putting a `Lease` aside left is as it was: owed, or a question to the leads."""
    owed = exists().where(
        ReadDue.example_id == Lease.example_id,
        ReadDue.done_at.is_(None),
        or_(ReadDue.created_by_seq == Lease.ended_seq, ReadDue.skipped_seq == Lease.ended_seq),
    )
    return or_(owed.correlate(Lease), _asked(Disagreement.seq == Lease.ended_seq))


def _asked(*which: ColumnElement[bool]) -> ColumnElement[bool]:
    asked = exists().where(
        Disagreement.example_id == Lease.example_id,
        Disagreement.settled_at.is_(None),
        Disagreement.kind.in_(READER_QUESTIONS),
        *which,
    )
    return asked.correlate(Lease)


_LEASE = (
    Lease.id.label("lease_id"),
    Lease.ended_seq.label("seq"),
    Lease.ended_why,
    Lease.ended_at,
    Lease.example_id,
    Lease.batch_id,
    Lease.on_grid,
    Lease.read_due_id.label("due_id"),
    Lease.read_reason,
    Lease.mode,
    Lease.run_id,
    Lease.shown,
    Lease.first_answer,
    Lease.guideline_revision,
)


def _put_aside_again() -> ColumnElement[bool]:
    """Whether its holder has put the example of a `Lease` aside once more since."""
    again = exists().where(
        _newer.person_id == Lease.person_id,
        _newer.ended_key.is_not(None),
        _newer.example_id == Lease.example_id,
        _newer.ended_why.in_(UNDONE_AS),
        _newer.ended_seq > Lease.ended_seq,
    )
    return again.correlate(Lease)


def _opened_since() -> ColumnElement[bool]:
    opened = exists().where(
        Reversal.example_id == Lease.example_id,
        Reversal.kind.in_(OPENS),
        Reversal.seq > Lease.ended_seq,
    )
    return opened.correlate(Lease)


def _mine(turn: Turn, *which: ColumnElement[bool]) -> Row[Any] | None:
    """The newest of these own leases that put their examples aside: one statement."""
    me = turn.member.person_id
    here = (Serve.epoch_id == turn.lock.epoch_id) & (Serve.example_id == Lease.example_id)
    query: Any = (
        select(
            *_LEASE,
            *BATCH,
            Serve.serve_seq,
            Serve.stream,
            Example.status,
            ReadDue.for_role,
            ReadDue.done_why,
            gave_its_label(Lease.example_id, Lease.person_id).label("own_label"),
            is_asked(Lease.person_id).label("asked"),
            _holder.id.label("holder_lease"),
            _holder.person_id.label("holder"),
            _holder.expires_at.label("held_until"),
            _left_open().label("left_open"),
            _asked(Disagreement.created_at >= Lease.ended_at).label("asked_leads"),
            _put_aside_again().label("again"),
            _opened_since().label("opened"),
        )
        .join(Example, Example.id == Lease.example_id)
        .outerjoin(Batch, Batch.id == Lease.batch_id)
        .outerjoin(ReadDue, ReadDue.id == Lease.read_due_id)
        .outerjoin(Serve, here)
        .outerjoin(
            _holder, and_(_holder.example_id == Lease.example_id, _holder.ended_at.is_(None))
        )
        .where(
            Lease.person_id == me,
            Lease.project_id == turn.project_id,
            Lease.ended_key.is_not(None),  # by the index
            *which,
        )
        .order_by(Lease.ended_seq.desc())
        .limit(1)
    )
    row: Row[Any] | None = turn.session.execute(query).one_or_none()
    return row


def _check(turn: Turn, row: Row[Any]) -> None:
    """Say in words why it cannot be taken back, where it cannot."""
    if row.status is Status.ERASED:
        raise ExampleErased()
    check_open(turn, row.batch_id, row.batch_state)
    why = _why_not(turn, row)
    if why:
        raise Conflict(why, next_step="Go on with the next example.", code="taken_since")


def _why_not(turn: Turn, row: Row[Any]) -> str:
    known = row.read_reason is ReadReason.KNOWN
    held = row.holder is not None and row.held_until > turn.now
    for hinders, why in (
        (row.ended_why not in UNDONE_AS, "That is taken back already."),
        (row.again, "You have put this example aside again since."),
        (held and row.holder == turn.member.person_id, "This example is with you again already."),
        (held, "Somebody else reads this example now, so it cannot come back to you."),
        (not still_theirs(turn, row), "You are not asked to read this example any more."),
        (row.opened, "This example was opened anew since; it may come back by itself."),
        (not known and not row.left_open, "Somebody else has dealt with this example since."),
    ):
        if hinders:
            return why
    return ""


def _owe_as_before(turn: Turn, row: Row[Any]) -> None:
    """What followed from putting it aside is owed no more; the read that was handed out is."""
    followed = and_(ReadDue.created_by_seq == row.seq, ReadDue.done_at.is_(None))
    which, before = followed, None
    if row.due_id is not None:
        own = ReadDue.id == row.due_id
        which = or_(followed, own)
        before = _skipped_before(turn, row)
    given_up = and_(ReadDue.id == row.due_id, ReadDue.done_why.in_(_GIVEN_UP))
    skipped = and_(ReadDue.id == row.due_id, ReadDue.skipped_seq == row.seq)
    who, when = before or (None, None)
    turn.session.execute(
        update(ReadDue)
        .where(ReadDue.example_id == row.example_id, which)
        .values(
            done_at=case((followed, turn.now), (given_up, None), else_=ReadDue.done_at),
            done_why=case((followed, WhyDone.UNDONE), (given_up, ""), else_=ReadDue.done_why),
            skipper_id=case((skipped, who), else_=ReadDue.skipper_id),
            skipped_seq=case((skipped, when), else_=ReadDue.skipped_seq),
        )
        .execution_options(synchronize_session=False)
    )


def _skipped_before(turn: Turn, row: Row[Any]) -> tuple[int, int] | None:
    """Who had skipped the same read last before, and with which event."""
    made = select(ReadDue.created_by_seq).where(ReadDue.id == row.due_id).scalar_subquery()
    found = turn.session.execute(
        select(Lease.person_id, Lease.ended_seq)
        .where(
            Lease.example_id == row.example_id,
            Lease.ended_why == WhyEnded.SKIPPED,
            Lease.ended_seq < row.seq,
            or_(Lease.read_due_id == row.due_id, Lease.ended_seq == made),
        )
        .order_by(Lease.ended_seq.desc())
        .limit(1)
    ).one_or_none()
    return (found.person_id, found.ended_seq) if found is not None else None
