"""Reads beyond the first: a fixed number, a random share, until sure, the re-check."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db.log import ProjectLock
from app.db.tables.review import Batch, Serve
from app.db.words import BatchState, Due, ReadReason
from app.review.answering.belief import belief
from app.review.books.fold import Folded
from app.review.books.standing import other_people, owe

RECHECK_SHARE = 0.03  # of the decided, at random, read again blind (model of reviewer error)


@dataclass(frozen=True)
class FurtherReads:
    """What a batch asks for beyond the first read."""

    reads: int = 1
    second_share: int = 0
    batch_id: int | None = None
    until_sure: bool = False


def further_reads(session: Session, row: Any) -> FurtherReads:
    """Only a first read of a batch asks for more; *until sure* goes on after it."""
    if row.read_reason is ReadReason.FIRST and row.reads is not None:
        sure = bool(row.rule.get("until_sure"))
        return FurtherReads(row.reads, row.second_share, row.batch_id, until_sure=sure)
    if row.read_reason in (ReadReason.CONFIRM, ReadReason.UNTIL_SURE):
        batch_id = _until_sure_batch(session, row.example_id)
        return FurtherReads(batch_id=batch_id, until_sure=batch_id is not None)
    return FurtherReads()


def _until_sure_batch(session: Session, example_id: int) -> int | None:
    """The batch that asked for the example's first read, if it asks until sure and is not over."""
    found = session.execute(
        select(Batch.id, Batch.rule)
        .join(Serve, Serve.batch_id == Batch.id)
        .where(Serve.example_id == example_id, Batch.state != BatchState.CLOSED)
        .order_by(Serve.id.desc())
    ).first()
    return found.id if found is not None and found.rule.get("until_sure") else None


def owe_further(
    session: Session,
    held: ProjectLock,
    example_id: int,
    state: Folded,
    further: FurtherReads | None,
    *,
    by: int,
    seq: int,
    now: datetime,
    rng: random.Random,
) -> None:
    """Reads beyond the first: the batch's fixed number, its random share, the re-check.

    `further` is None where nobody else could give them.
    """
    if further is None:
        return
    if further.until_sure:
        _owe_until_sure(session, held, example_id, state, further, seq=seq, now=now)
    wanted = [Due.COIN, Due.THIRD][: max(0, further.reads - 1)]
    if state.pending is not None and wanted:
        wanted = wanted[1:]
    if not wanted and further.reads == 1 and rng.random() < further.second_share / 100:
        wanted = [Due.COIN]
    if state.final and rng.random() < RECHECK_SHARE:
        wanted = [*wanted, Due.RECHECK]
    for reason in wanted:
        owe(
            session,
            held,
            example_id,
            reason,
            now=now,
            first_by=by,
            created_by_seq=seq,
            batch_id=further.batch_id,
        )


def _owe_until_sure(
    session: Session,
    held: ProjectLock,
    example_id: int,
    state: Folded,
    further: FurtherReads,
    *,
    seq: int,
    now: datetime,
) -> None:
    """Once it is final: another read by somebody new, while the right label is unsure."""
    if not state.final:
        return  # a pending change waits for its confirming read; a disagreement for a lead
    found = belief(session, held.project_id, example_id, state.standing)
    read_by = sorted({int(answer.person) for answer in state.standing})
    if found is None or not found.wants_more:
        return
    if other_people(session, held.project_id, read_by):
        more = {"not_by": read_by, "created_by_seq": seq, "batch_id": further.batch_id}
        owe(session, held, example_id, Due.UNTIL_SURE, now=now, **more)
