"""Answering a lease: one transaction holds its key, its fence, its event and what follows."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

from sqlalchemy import Row, and_, bindparam, exists, or_, select, update

from app.accounts.turn import Turn
from app.audit.stands import stands
from app.db.prepared import run
from app.db.tables.review import Decision, Lease, ReadDue
from app.db.words import (
    DEALT_WITH,
    BatchState,
    Due,
    Mode,
    ReadReason,
    Reason,
    Status,
    Verdict,
    WhyDone,
    WhyEnded,
)
from app.errors import BatchClosed, ExampleErased, LeaseLost
from app.labels import label_set
from app.review.answering.answers import (
    Asked,
    NamedLabel,
    Recorded,
    Submission,
    about_to_say,
    check,
    record,
)
from app.review.answering.copies import answer_copies
from app.review.answering.direct_answers import answer_directly, change
from app.review.answering.further_reads import (
    MORE_AFTER,
    After,
    FurtherReads,
    owe_further,
    until_sure_batch,
)
from app.review.answering.hidden import said_unseen
from app.review.answering.late_answers import keep_late
from app.review.answering.lease_look import (
    LeaseBatch,
    around_after,
    asked_by_lease,
    batch_of_lease,
    begun_at,
    held_back,
    is_still_asked,
    look_at_lease,
    may_answer,
)
from app.review.answering.retries import key_reused, repeated, same_content
from app.review.batches.rules.registry import rule_of
from app.review.books.coins import UNTHROWN, throw
from app.review.books.copies import copies_answered
from app.review.books.dues import PUT_ASIDE, owe
from app.review.books.fold import Answer, Folded, fold
from app.review.books.leases import give_back, live_leases
from app.review.books.may import check_in_use, reads_of, role_of
from app.review.books.standing import (
    bring_in_line,
    owe_confirmation,
    stored,
    tell_of_private_data,
    write_status,
)
from app.review.books.stuck import list_stuck
from app.review.serving.hand_out import Around

LONGEST_SECONDS = 3_600.0  # a longer pause says nothing about one answer

_leases: Any = Lease.__table__
_dues: Any = ReadDue.__table__
_END_LEASE = (
    update(_leases)
    .where(_leases.c.id == bindparam("of_lease"))
    .values(ended_at=bindparam("ended_at"), ended_why=bindparam("ended_why"))
)
_END_DUE = (
    update(_dues)
    .where(_dues.c.id == bindparam("of_due"), _dues.c.done_at.is_(None))
    .values(done_at=bindparam("done_at"), done_why=bindparam("done_why"))
)


class Submitted(NamedTuple):
    """What became of an answer, and the batch of its lease, of which more may be handed out."""

    recorded: Recorded
    batch: LeaseBatch | None = None
    around: Around | None = None


def submit(turn: Turn, answer: Submission, *, refill: int = 0) -> Submitted:
    """Record an answer. Retries with the same key answer with the first result.

    Where as many as `refill` are to be held afterwards, it looks around for that as well.
    """
    if answer.lease is not None:
        row = look_at_lease(turn, answer, slots=refill)
        batch = batch_of_lease(row) if is_still_asked(turn, row) else None
        return Submitted(_answer_lease(turn, answer, row), batch, around_after(row, slots=refill))
    before = repeated(turn.session, turn.member, answer)
    if before is not None:
        return Submitted(before)
    if answer.supersedes is not None:
        return Submitted(change(turn, answer))
    return Submitted(answer_directly(turn, answer))


def _answer_lease(turn: Turn, answer: Submission, row: Row[Any]) -> Recorded:
    about = row.example_id, row.batch_id
    if row.repeated_seq is not None:
        same_content(turn.session, answer, row.repeated_hash, row.repeated_note)
        copies = copies_answered(turn.session, turn.project_id, row.repeated_seq)
        recorded = Recorded(row.repeated_seq, "repeated", *about, row.status, copies=copies)
        return replace(recorded, held_back=held_back(row))
    if row.key_taken:
        raise key_reused()
    check_in_use(turn.lock)
    if row.status is Status.ERASED:
        raise ExampleErased()
    label = NamedLabel(row.label_id, row.name, row.retired_at) if row.label_id else None
    check(answer, given=row.standing_id, label=label)
    _check_as_shown(answer, row)
    answer = said_unseen(answer, row)
    if row.batch_state is BatchState.CLOSED:
        raise BatchClosed(
            "The batch was closed by the lead.",
            next_step="Your unsaved answers are listed so that nothing is lost.",
        )
    late = (row.ended_at is not None and _taken(turn, row)) or not may_answer(turn, row)
    asked = asked_by_lease(row, late=late)
    seconds = min(LONGEST_SECONDS, max(0.0, (turn.now - begun_at(row)).total_seconds()))
    if late:
        said = about_to_say(turn, answer, asked)
        record(turn, answer, asked, seconds=seconds)
        _give_back_late(turn, row)
        recorded = Recorded(said.seq, "late", *about, row.status, held_back=held_back(row))
        given = label_set(row.standing_id)
        return keep_late(turn, said, recorded, given=given)
    state, seq = _apply(turn, row, answer, asked, seconds=seconds)
    copies = 0
    if row.has_copies:
        given = row.standing_now or row.standing_id
        copies = answer_copies(turn, answer, asked, seq=seq, given=given)
    told = held_back(row)
    return Recorded(seq, "stored", *about, state.status, held_back=told, copies=copies)


def _check_as_shown(answer: Submission, row: Row[Any]) -> None:
    """A bulk fix may have changed the label since it was sent: nobody confirms what they never saw.

    An answer that names a label says the same whatever stands beside it.
    """
    if row.changed_since and answer.verdict is Verdict.CONFIRM and row.mode is not Mode.BLIND:
        raise LeaseLost(
            "The label of this example was changed with its whole group since you got it.",
            next_step="Go on with the next one: it is handed out again with its new label.",
        )


def _give_back_late(turn: Turn, row: Row[Any]) -> None:
    """Whose answer does not count holds the example no more: others read it."""
    if row.ended_at is not None:
        return
    leases = live_leases(turn.lock, Lease.id == row.lease_id)
    give_back(turn.lock, leases, why=WhyEnded.ANSWERED, now=turn.now)
    list_stuck(turn.lock, now=turn.now, examples=[row.example_id])


def _apply(
    turn: Turn, row: Row[Any], answer: Submission, asked: Asked, *, seconds: float
) -> tuple[Folded, int]:
    """Record an answer that counts, and what follows; the fold is known before it is written.

    The first answer of all needs no look at earlier ones. It names no retired label, so only the
    given one could stand for another; and what was owed may have been asked of the leads.
    """
    said = about_to_say(turn, answer, asked)
    first = row.status is Status.UNREVIEWED and not row.answered and row.read_due_id is None
    if first and row.standing_now is None and row.bulk_label_id is None:
        state, thrown = fold(label_set(row.given_label_id), [said], mapping={}), UNTHROWN
    else:
        before = stored(turn.session, turn.project_id, row.example_id)
        state, thrown, first = before.folded(said), before.thrown, False
    further = _further_reads(turn, row, said)
    share = row.second_share or 0  # none outside a batch
    coins = throw(turn.rng, state, said, before=thrown, second_share=share)
    record(turn, answer, asked, coins, seconds=seconds)
    _end_lease(turn, row)
    again = further.reads > 1 and bool(row.others)
    if first:
        _in_line(turn, row, state, read_again=again)
    else:
        bring_in_line(turn.lock, row.example_id, state, now=turn.now, read_again=again)
    if row.others:  # a further read needs somebody else
        owe_further(turn, row.example_id, state, further, After(said, coins, first))
        if not (coins.second or coins.recheck):  # else a second reader is asked for already
            _read_doubted(turn, row, state, said)
    return state, said.seq


def _in_line(turn: Turn, row: Row[Any], state: Folded, *, read_again: bool) -> None:
    """What follows from the first answer of all, of an example about which nothing is open."""
    write_status(turn.session, row.example_id, state)
    if state.pending is not None and not read_again:
        owe_confirmation(turn.lock, row.example_id, state.pending, now=turn.now, others=row.others)
    tell_of_private_data(turn.lock, row.example_id, state, now=turn.now)


def _further_reads(turn: Turn, row: Row[Any], said: Answer) -> FurtherReads:
    """Only a first read of a batch asks for more; *until sure* goes on after it."""
    if row.read_reason is ReadReason.FIRST and row.batch_id is not None:
        sure = bool(row.rule.get("until_sure"))
        reads = 1 if said.reason is Reason.PRIVATE else row.reads  # the fewer see it the better
        return FurtherReads(reads, row.batch_id, until_sure=sure)
    if row.read_reason in MORE_AFTER:
        return until_sure_batch(turn.session, row.example_id)
    return FurtherReads()


def _read_doubted(turn: Turn, row: Row[Any], state: Folded, said: Answer) -> None:
    """What one reader alone ended may count only once another has read it, as the batch says."""
    alone = state.final and row.read_reason is ReadReason.FIRST and row.batch_id is not None
    doubts = rule_of(row.rule).doubts if alone else None
    if doubts is not None and doubts(turn.session, row.batch_id, state.labels):
        owe(
            turn.lock,
            row.example_id,
            Due.UNTIL_SURE,
            now=turn.now,
            first_by=int(said.person),
            created_by_seq=said.seq,
            batch_id=row.batch_id,
        )


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
    since = exists().where(
        Decision.example_id == row.example_id, Decision.seq > row.opened_seq, stands()
    )
    taken, decided = turn.session.execute(select(other, since)).one()
    return bool(taken or decided)


def _end_lease(turn: Turn, row: Row[Any]) -> None:
    ended = {"ended_at": turn.now, "ended_why": WhyEnded.ANSWERED}
    run(turn.session, _END_LEASE, {"of_lease": row.lease_id, **ended})
    if row.read_due_id is not None:
        done = {"done_at": turn.now, "done_why": WhyDone.ANSWERED}
        run(turn.session, _END_DUE, {"of_due": row.read_due_id, **done})
    elif row.ended_at is not None:
        # It was given back or ran out, nobody kept it, and now the answer came after all.
        judged = and_(
            ReadDue.reason == Due.EXPERT,  # asked of a judge, and this one has judged
            ReadDue.for_role.in_(reads_of(role_of(turn.member))),
        )
        first = or_(ReadDue.reason.in_(PUT_ASIDE), judged)
        turn.session.execute(
            update(ReadDue)
            .where(ReadDue.example_id == row.example_id, first, ReadDue.done_at.is_(None))
            .values(done_at=turn.now, done_why=WhyDone.ANSWERED)
            .execution_options(synchronize_session=False)
        )
