"""Answering a lease: one transaction holds its key, its fence, its event and what follows."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import Row, and_, bindparam, exists, select, update

from app.accounts.turn import Turn
from app.db.prepared import run
from app.db.tables.review import Decision, Lease, ReadDue
from app.db.words import DEALT_WITH, BatchState, Due, ReadReason, Status, WhyDone, WhyEnded
from app.errors import BatchClosed, LeaseLost
from app.labels import label_set
from app.review.answering.answers import (
    NamedLabel,
    Recorded,
    Submission,
    check,
    record,
    repeated,
    same_content,
)
from app.review.answering.direct_answers import answer_directly, change
from app.review.answering.further_reads import (
    MORE_AFTER,
    FurtherReads,
    owe_further,
    until_sure_batch,
)
from app.review.answering.late_answers import keep_late
from app.review.answering.lease_look import (
    LeaseBatch,
    asked_by_lease,
    batch_of_lease,
    begun_at,
    look_at_lease,
)
from app.review.books.fold import Answer, Folded, fold
from app.review.books.standing import owe_confirmation, refold, write_status

PUT_ASIDE = (Due.RETURNED, Due.SKIPPED, Due.REOPENED, Due.BARRED)  # first reads, owed to anyone
LONGEST_SECONDS = 3_600.0  # a longer pause says nothing about one answer

_leases: Any = Lease.__table__
_END_LEASE = (
    update(_leases)
    .where(_leases.c.id == bindparam("of_lease"))
    .values(ended_at=bindparam("ended_at"), ended_why=bindparam("ended_why"))
)


class Submitted(NamedTuple):
    """What became of an answer, and the batch of its lease, of which more may be handed out."""

    recorded: Recorded
    batch: LeaseBatch | None = None


def submit(turn: Turn, answer: Submission) -> Submitted:
    """Record an answer. Retries with the same key answer with the first result."""
    if answer.lease is not None:
        return _answer_lease(turn, answer)
    before = repeated(turn.session, turn.member, answer)
    if before is not None:
        return Submitted(before)
    if answer.supersedes is not None:
        return Submitted(change(turn, answer))
    return Submitted(answer_directly(turn, answer))


def _answer_lease(turn: Turn, answer: Submission) -> Submitted:
    row = look_at_lease(turn, answer)
    batch = batch_of_lease(row)
    about = row.example_id, row.batch_id
    if row.repeated_seq is not None:
        same_content(answer, row.repeated_hash)
        return Submitted(Recorded(row.repeated_seq, "repeated", *about, row.status), batch)
    label = NamedLabel(row.label_id, row.name, row.retired_at) if row.label_id else None
    check(answer, given=row.given_label_id, label=label)
    if row.batch_state is BatchState.CLOSED:
        raise BatchClosed(
            "The batch was closed by the lead.",
            next_step="Your unsaved answers are listed so that nothing is lost.",
        )
    late = row.ended_at is not None and _taken(turn, row)
    seconds = min(LONGEST_SECONDS, max(0.0, (turn.now - begun_at(row)).total_seconds()))
    said = record(turn, answer, asked_by_lease(row, late=late), seconds=seconds)
    if late:
        recorded = Recorded(said.seq, "late", *about, row.status)
        given = label_set(row.given_label_id)
        return Submitted(keep_late(turn, said, recorded, given=given), batch)
    _end_lease(turn, row)
    state = _apply(turn, row, said)
    if row.others:  # a further read needs somebody else
        owe_further(turn, row.example_id, state, _further_reads(turn, row), answer=said)
    return Submitted(Recorded(said.seq, "stored", *about, state.status), batch)


def _further_reads(turn: Turn, row: Row[Any]) -> FurtherReads:
    """Only a first read of a batch asks for more; *until sure* goes on after it."""
    if row.read_reason is ReadReason.FIRST and row.batch_id is not None:
        sure = bool(row.rule.get("until_sure"))
        return FurtherReads(row.reads, row.second_share, row.batch_id, until_sure=sure)
    if row.read_reason in MORE_AFTER:
        return until_sure_batch(turn.session, row.example_id)
    return FurtherReads()


def _taken(turn: Turn, row: Row[Any]) -> bool:
    """The lease ended without an answer: has somebody else taken or decided the example?"""
    if row.ended_why in DEALT_WITH:
        raise LeaseLost(
            "You have dealt with this example already.",
            next_step="Go on with the next one, or change your earlier answer.",
        )
    other = exists().where(
        Lease.example_id == row.example_id, Lease.id > row.lease_id, Lease.ended_at.is_(None)
    )
    since = exists().where(Decision.example_id == row.example_id, Decision.at >= row.created_at)
    taken, decided = turn.session.execute(select(other, since)).one()
    return bool(taken or decided)


def _end_lease(turn: Turn, row: Row[Any]) -> None:
    ended = {"ended_at": turn.now, "ended_why": WhyEnded.ANSWERED}
    run(turn.session, _END_LEASE, {"of_lease": row.lease_id, **ended})
    if row.read_due_id is not None:
        done = ReadDue.id == row.read_due_id
    elif row.ended_at is not None:
        # It was given back or ran out, nobody kept it, and now the answer came after all.
        done = and_(ReadDue.example_id == row.example_id, ReadDue.reason.in_(PUT_ASIDE))
    else:
        return
    turn.session.execute(
        update(ReadDue)
        .where(done, ReadDue.done_at.is_(None))
        .values(done_at=turn.now, done_why=WhyDone.ANSWERED)
        .execution_options(synchronize_session=False)
    )


def _apply(turn: Turn, row: Row[Any], answer: Answer) -> Folded:
    """Fold the example; the first answer of all needs no look at earlier ones.

    An answer names no retired label, so only the given one could stand for another.
    """
    first = row.status is Status.UNREVIEWED and not row.answered
    if not first or row.given_replaced_by is not None:
        return refold(turn.lock, row.example_id, now=turn.now)
    state = fold(label_set(row.given_label_id), [answer], mapping={})
    write_status(turn.session, row.example_id, state)
    if state.pending is not None:
        owe_confirmation(turn.lock, row.example_id, state.pending, now=turn.now, others=row.others)
    return state
