"""Reads beyond the first: a fixed number, a random share, until sure, the re-check."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import Session

from app.accounts.turn import Turn
from app.db.prepared import run
from app.db.tables.audit import Serve
from app.db.tables.review import Batch, ReadDue
from app.db.words import BatchState, Due, ReadReason, WhyDone
from app.review.answering.belief import belief
from app.review.books.coins import Coins
from app.review.books.dues import owe
from app.review.books.fold import Answer, Folded
from app.review.books.may import somebody_else_may_read


@dataclass(frozen=True)
class FurtherReads:
    """What a batch asks for beyond the first read."""

    reads: int = 1
    batch_id: int | None = None
    until_sure: bool = False


class After(NamedTuple):
    """The answer that further reads follow, and how the example's coins fell with it."""

    answer: Answer
    coins: Coins
    fresh: bool = False  # the first answer of all, and somebody else may read: known already


_LAST_BATCH = (
    select(Batch.id, Batch.rule)
    .join(Serve, Serve.batch_id == Batch.id)
    .where(Serve.example_id == bindparam("example"), Batch.state != BatchState.CLOSED)
    .order_by(Serve.id.desc())
    .limit(1)
)


def until_sure_batch(session: Session, example_id: int) -> FurtherReads:
    """After a further read: the batch of the first may ask until sure, if it is not over."""
    batch = run(session, _LAST_BATCH, {"example": example_id}).one_or_none()
    if batch is None or not batch.rule.get("until_sure"):
        return FurtherReads()
    return FurtherReads(batch_id=batch.id, until_sure=True)


def owe_further(
    turn: Turn,
    example_id: int,
    state: Folded,
    further: FurtherReads,
    after: After,
) -> None:
    """Reads beyond the first: the batch's fixed number, its random share, the re-check."""
    if further.until_sure:
        _owe_until_sure(turn, example_id, state, further.batch_id)
    wanted = [Due.COIN, Due.THIRD][: further.reads - 1]
    thrown = [Due.COIN] * bool(after.coins.second) + [Due.RECHECK] * bool(after.coins.recheck)
    there = _owed_before(turn, example_id) if thrown and not after.fresh else set()
    wanted += [reason for reason in thrown if reason not in {*wanted, *there}]
    if not wanted or not (after.fresh or _somebody_else(turn, example_id)):
        return
    for reason in wanted:
        owe(
            turn.lock,
            example_id,
            reason,
            now=turn.now,
            first_by=int(after.answer.person),
            created_by_seq=after.answer.seq,
            batch_id=further.batch_id,
        )


def _owed_before(turn: Turn, example_id: int) -> set[Due]:
    """Reads that coins have brought about already: owed still, or given."""
    rows = turn.session.scalars(
        select(ReadDue.reason).where(
            ReadDue.example_id == example_id,
            ReadDue.reason.in_((Due.COIN, Due.RECHECK)),
            or_(ReadDue.done_at.is_(None), ReadDue.done_why == WhyDone.ANSWERED),
        )
    )
    return set(rows)


def _somebody_else(turn: Turn, example_id: int) -> bool:
    """Whether anybody is there who may give a further read."""
    me = turn.member.person_id
    return somebody_else_may_read(turn.session, turn.project_id, example_id, but=me)


def _owe_until_sure(turn: Turn, example_id: int, state: Folded, batch_id: int | None) -> None:
    """Once it is final: another read by somebody new, while the right label is unsure."""
    if not state.final:
        return  # a pending change waits for its confirming read; a disagreement for a lead
    sure = belief(turn.session, turn.project_id, example_id, state.standing)
    if sure is None or not sure.wants_more or not _somebody_else(turn, example_id):
        return
    owe(
        turn.lock,
        example_id,
        Due.UNTIL_SURE,
        now=turn.now,
        created_by_seq=turn.lock.log_seq,
        batch_id=batch_id,
    )


MORE_AFTER = (ReadReason.CONFIRM, ReadReason.UNTIL_SURE)
"""Reads after which *until sure* goes on."""
