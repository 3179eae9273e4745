"""Undo and redo: events that name an answer, or what was put aside; the log keeps everything."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Row, case, exists, literal, or_, select, update
from sqlalchemy.orm import aliased

from app.accounts.turn import Turn
from app.audit.stands import is_look, is_replaced, is_undone, since_reopening, stands
from app.db.tables.audit import Serve
from app.db.tables.datasets import Example
from app.db.tables.review import Batch, Decision, Lease, ReadDue, Reversal
from app.db.words import BatchState, EventKind, ReadReason, Status, WhyDone, WhyEnded
from app.errors import Conflict, ExampleErased, KeyReused, NotFound
from app.review.answering.copies import redo_copies, undo_copies
from app.review.answering.direct_answers import Standing, check_may_stand, check_open, is_direct
from app.review.answering.lease_look import BATCH, is_still_asked
from app.review.answering.once_more import card_again, hold_again, still_theirs
from app.review.answering.resume import aside_named, last_aside, take_up
from app.review.answering.reversals import last_key_of, note_reversal, same_key
from app.review.books.fold import Mark
from app.review.books.leases import end_own
from app.review.books.may import gave_its_label, is_asked, put_it_aside
from app.review.books.questions import open_again, settle_about
from app.review.books.standing import refold, stored
from app.review.serving.cards import Card
from app.review.serving.lending import Lent


@dataclass(frozen=True)
class Undone:
    seq: int
    decision_seq: int  # of the answer, or of the skip or the referral
    example_id: int
    card: Card | None = None
    copies: int = 0  # identical examples whose answers came with it and go with it


@dataclass(frozen=True, slots=True)
class _Meant:
    """What is to be undone or done again, as far as it is named: all that is has to fit."""

    seq: int | None = None
    example_id: int | None = None
    batch_id: int | None = None

    def checked(self, row: Row[Any] | None) -> Row[Any] | None:
        """An own answer, or what was put aside, of that example and in that batch."""
        fits = row is None or (
            self.example_id in (None, row.example_id) and self.batch_id in (None, row.batch_id)
        )
        if not fits:
            raise NotFound(
                "That answer is to another example, or in another batch.",
                next_step="Send its `seq` with its own example, or with its own batch.",
            )
        return row


def _done_before(
    turn: Turn, key: str, kinds: tuple[EventKind, ...], meant: _Meant
) -> Undone | None:
    before = same_key(turn, key, *kinds, example_id=meant.example_id, decision_seq=meant.seq)
    if before is None:
        return None
    if meant.batch_id is not None and _batch_of(turn, before) != meant.batch_id:
        raise KeyReused(
            "This key was used in another batch before.",
            next_step="Send each undo with a key of its own.",
        )
    return Undone(before.seq, before.decision_seq or 0, before.example_id)


def _batch_of(turn: Turn, before: Reversal) -> int | None:
    """The batch of what was taken back."""
    if before.kind is EventKind.RESUME:
        row = aside_named(turn, before.decision_seq or 0)
        return row.batch_id if row is not None else None
    return turn.session.scalar(
        select(Decision.batch_id).where(
            Decision.project_id == turn.project_id, Decision.seq == before.decision_seq
        )
    )


def undo(
    turn: Turn,
    *,
    key: str,
    seq: int | None = None,
    batch_id: int | None = None,
    example_id: int | None = None,
) -> Undone:
    """Take back an own answer, skip or referral; the example comes back to its giver.

    The last one by default: of what was put aside, the last that nobody has taken up since.
    """
    meant = _Meant(seq, example_id, batch_id)
    before = _done_before(turn, key, (EventKind.UNDO, EventKind.RESUME), meant)
    if before is not None:
        return before
    row = _last(turn, batch_id) if seq is None else _mine(turn, Decision.seq == seq)
    row, aside = meant.checked(row), meant.checked(_put_aside(turn, row, seq, batch_id))
    if aside is not None:
        entry, lease = take_up(turn, aside, key=key)
        return Undone(entry.seq, aside.seq, aside.example_id, card_again(turn, aside, lease))
    return _undo_answer(turn, _checked(row, named=seq is not None), key=key)


def _put_aside(
    turn: Turn, answer: Row[Any] | None, seq: int | None, batch_id: int | None
) -> Row[Any] | None:
    """The skip or referral that is meant: named, or newer than the last answer."""
    if seq is not None:
        return aside_named(turn, seq) if answer is None else None
    if answer is None:
        newest = turn.session.scalar(select(last_aside(turn, *_put_aside_in(batch_id))))
    else:
        newest = answer.last_aside if (answer.last_aside or 0) > answer.seq else None
    return aside_named(turn, newest) if newest is not None else None


def _put_aside_in(batch_id: int | None) -> tuple[ColumnElement[bool], ...]:
    return () if batch_id is None else (Lease.batch_id == batch_id,)


def _undo_answer(turn: Turn, row: Row[Any], *, key: str) -> Undone:
    check_open(turn, row.batch_id, row.batch_state)
    if row.undone:
        raise Conflict("That answer is undone already.", next_step="Nothing more to do.")
    if row.replaced:  # the newer one stands: its giver would be handed what they decided
        raise Conflict("You changed that answer since.", next_step="Undo the newer one first.")
    entry = note_reversal(turn, EventKind.UNDO, row.example_id, row.seq, key=key)
    _owe_as_before(turn, row)
    lease = _lease_again(turn, row)
    if row.adjudicates:
        open_again(turn, row.example_id, seq=row.seq)
    refold(turn.lock, row.example_id, now=turn.now)
    copies = undo_copies(turn, row.seq, key=key) if row.with_copies else 0
    card = card_again(turn, row, lease) if lease is not None else None
    return Undone(entry.seq, row.seq, row.example_id, card, copies)


def redo(turn: Turn, *, key: str, seq: int, example_id: int | None = None) -> Undone:
    """Let an undone answer stand again, unless a newer one of the same person stands."""
    meant = _Meant(seq, example_id)
    before = _done_before(turn, key, (EventKind.REDO,), meant)
    if before is not None:
        return before
    row = _checked(meant.checked(_mine(turn, Decision.seq == seq)), named=True)
    check_open(turn, row.batch_id, row.batch_state)
    if not row.undone:
        raise Conflict("That answer stands already.", next_step="Nothing more to do.")
    check_may_stand(
        turn,
        Standing(row.adjudicates, is_direct(row.token, row.supersedes, row.with_seq)),
        own_label=row.own_label,
        asked=is_still_asked(turn, row),
    )
    said, me = stored(turn.session, turn.project_id, row.example_id), str(turn.member.person_id)
    if any(one.person == me and one.seq > row.seq for one in said.folded().standing):
        raise Conflict("You gave a newer answer since.", next_step="Undo that one first.")
    again = Mark(turn.lock.log_seq + 1, EventKind.REDO, row.seq)
    then = replace(said, marks=[*said.marks, again]).folded().standing
    if not row.adjudicates and any(one.person == me and one.seq != row.seq for one in then):
        raise Conflict("Another answer of yours stands.", next_step="Undo that one first.")
    end_own(turn, row.example_id, why=WhyEnded.UNDONE)
    _owe_as_answered(turn, row)
    undone_under = last_key_of(turn, row.seq) if row.with_copies else ""
    entry = note_reversal(turn, EventKind.REDO, row.example_id, row.seq, key=key)
    if row.adjudicates:
        settle_about(turn, row.example_id, seq=row.seq)
    refold(turn.lock, row.example_id, now=turn.now)
    copies = 0
    if row.with_copies:
        copies = redo_copies(turn, row.seq, undone_under=undone_under, key=key)
    return Undone(entry.seq, row.seq, row.example_id, copies=copies)


_live, _given, _copy = aliased(Lease), aliased(Lease), aliased(Decision)


def _mine(turn: Turn, *which: ColumnElement[bool], also: tuple[Any, ...] = ()) -> Row[Any] | None:
    """An own answer with its lease, the read it answered, its batch and serve: one statement."""
    given, me = _given, literal(turn.member.person_id)
    taken = exists().where(_live.example_id == Decision.example_id, _live.ended_at.is_(None))
    here = (Serve.epoch_id == turn.lock.epoch_id) & (Serve.example_id == Decision.example_id)
    with_copies = exists().where(
        _copy.project_id == Decision.project_id, _copy.with_seq == Decision.seq
    )
    query: Any = (
        select(
            Decision.seq,
            Decision.example_id,
            Decision.batch_id,
            Decision.read_reason,
            Decision.mode,
            Decision.shown,
            Decision.first_answer,
            Decision.run_id,
            Decision.guideline_revision,
            Decision.adjudicates,
            *BATCH,
            given.token,
            given.on_grid,
            ReadDue.id.label("due_id"),
            ReadDue.done_why,
            ReadDue.for_role,
            put_it_aside(given.example_id, me).label("skipped"),
            gave_its_label(Decision.example_id, me).label("own_label"),
            Decision.supersedes,
            Example.status,
            Decision.with_seq,
            with_copies.label("with_copies"),
            is_asked(me).label("asked"),
            Serve.serve_seq,
            Serve.stream,
            taken.label("taken"),
            is_undone(Decision).label("undone"),
            is_replaced().label("replaced"),
            *also,
        )
        .join(Example, Example.id == Decision.example_id)
        .outerjoin(Batch, Batch.id == Decision.batch_id)
        .outerjoin(given, given.token == Decision.lease_token)
        .outerjoin(ReadDue, ReadDue.id == given.read_due_id)
        .outerjoin(Serve, here)
        .where(
            Decision.project_id == turn.project_id,
            Decision.person_id == turn.member.person_id,
            *which,
        )
        .order_by(Decision.seq.desc())
        .limit(1)
    )
    row: Row[Any] | None = turn.session.execute(query).one_or_none()
    return row


def _checked(row: Row[Any] | None, *, named: bool) -> Row[Any]:
    """The answer that was asked for, if there is one and it can be spoken of."""
    if row is None and named:
        raise NotFound()
    if row is None:
        raise Conflict("There is nothing to undo.", next_step="Go on with the next example.")
    if named and row.status is Status.ERASED:
        raise ExampleErased()
    return row


def _last(turn: Turn, batch_id: int | None) -> Row[Any] | None:
    """The last own answer that still stands, in a batch if one is named."""
    counts = stands(), since_reopening(), is_look(), Decision.read_reason != ReadReason.LATE
    here = () if batch_id is None else (Decision.batch_id == batch_id,)
    aside = last_aside(turn, *_put_aside_in(batch_id)).label("last_aside")
    return _mine(turn, *counts, *here, also=(aside,))


def _owe_as_before(turn: Turn, row: Row[Any]) -> None:
    """The read that was answered is owed again, and nothing that followed from the answer."""
    followed = (ReadDue.created_by_seq == row.seq) & ReadDue.done_at.is_(None)
    answered = (ReadDue.id == row.due_id) & (ReadDue.done_why == WhyDone.ANSWERED)
    turn.session.execute(
        update(ReadDue)
        .where(ReadDue.example_id == row.example_id, or_(followed, answered))
        .values(
            done_at=case((followed, turn.now), else_=None),
            done_why=case((followed, WhyDone.UNDONE), else_=""),
        )
        .execution_options(synchronize_session=False)
    )


def _owe_as_answered(turn: Turn, row: Row[Any]) -> None:
    """The read is answered again, and what followed from the answer is owed again."""
    followed = (ReadDue.created_by_seq == row.seq) & (ReadDue.done_why == WhyDone.UNDONE)
    answered = (ReadDue.id == row.due_id) & ReadDue.done_at.is_(None)
    turn.session.execute(
        update(ReadDue)
        .where(ReadDue.example_id == row.example_id, or_(followed, answered))
        .values(
            done_at=case((followed, None), else_=turn.now),
            done_why=case((followed, ""), else_=WhyDone.ANSWERED),
        )
        .execution_options(synchronize_session=False)
    )


def _lease_again(turn: Turn, row: Row[Any]) -> Lent | None:
    """Hold the example for its giver again, unless somebody else has it or they may not now."""
    direct = row.token is None or row.adjudicates
    if direct or row.taken or row.skipped or row.read_reason is ReadReason.LATE:
        return None
    if row.batch_state is BatchState.CLOSED:
        return None  # its answer would be refused
    return hold_again(turn, row) if still_theirs(turn, row) else None
