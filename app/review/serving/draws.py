"""New serves: a coin per slot decides between the best of the batch and a random audit draw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Integer,
    Row,
    bindparam,
    exists,
    insert,
    literal,
    select,
)

from app.db.log import ProjectLock
from app.db.prepared import run
from app.db.tables.audit import AuditKey, Serve
from app.db.tables.datasets import Example
from app.db.tables.review import BatchMember
from app.db.words import Due, Status, Stream
from app.review.batches.filling import leave_batches
from app.review.batches.rules.registry import rule_of
from app.review.books.copies import contents_in_hand
from app.review.books.dues import owe
from app.review.books.pool import in_pool
from app.review.books.stuck import list_stuck
from app.review.serving.cards import card_query
from app.review.serving.desk import Desk
from app.review.serving.skill import by_skill, window

MOST_LOOKED_AT = 512  # members among which copies are held back; past them they are served
SPARE = 4  # a few more than asked for at first: some the reviewer may not judge


@dataclass
class Picked:
    """Examples chosen for new serves, in order, and what choosing them changed."""

    rows: list[tuple[Row[Any], Stream]] = field(default_factory=list)
    barred: list[Row[Any]] = field(default_factory=list)  # drawn, but not for this reviewer
    displaced: int = 0  # members that give their place to an audit draw
    last_key: int | None = None

    @property
    def taken(self) -> set[int]:
        return {row.example_id for row, _ in self.rows} | {row.example_id for row in self.barred}


_run: Any = bindparam("run")
_epoch: Any = bindparam("epoch")
_batch: Any = bindparam("batch")
_count = bindparam("count", type_=Integer)


def _queue_statement() -> Any:
    """The best waiting members of a batch; the index carries their order."""
    best = (
        select(BatchMember.example_id, BatchMember.priority)
        .where(BatchMember.batch_id == _batch, BatchMember.waiting)
        .order_by(BatchMember.priority.desc(), BatchMember.example_id.desc())
        .limit(_count)
        .subquery()
    )
    return (
        card_query(_run)
        .add_columns(
            in_pool(_epoch, Example.id).label("in_pool"),
            Example.content_hash,
            contents_in_hand().label("copy_in_hand"),
        )
        .join(best, best.c.example_id == Example.id)
        .order_by(best.c.priority.desc(), best.c.example_id.desc())
    )


def _audit_statement() -> Any:
    """The unserved examples with the smallest keys of the open epoch; drawn first, then read."""
    served = exists().where(Serve.epoch_id == _epoch, Serve.example_id == AuditKey.example_id)
    drawn = (
        select(AuditKey.example_id, AuditKey.key)
        .where(AuditKey.epoch_id == _epoch, AuditKey.key > bindparam("drawn"), ~served)
        .order_by(AuditKey.key)
        .limit(_count)
        .subquery()
    )
    member = exists().where(
        BatchMember.batch_id == _batch, BatchMember.example_id == Example.id, BatchMember.waiting
    )
    return (
        card_query(_run)
        .add_columns(
            drawn.c.key.label("audit_key"), member.label("is_member"), Example.content_hash
        )
        .join(drawn, drawn.c.example_id == Example.id)
        .order_by(drawn.c.key)
    )


_QUEUE, _AUDIT = _queue_statement(), _audit_statement()
_ADD_SERVES = insert(Serve.__table__)  # type: ignore[arg-type]


def _queue(desk: Desk, *, count: int, skip: set[int]) -> list[Row[Any]]:
    rows = run(desk.session, _QUEUE, desk.asked(count=count + len(skip)))
    return [row for row in rows if row.example_id not in skip][:count]


def _audit(desk: Desk, *, count: int) -> list[Row[Any]]:
    asked = desk.asked(count=count, drawn=desk.lock.drawn_key)
    return list(run(desk.session, _AUDIT, asked))


def pick(desk: Desk, *, slots: int, waiting: int, barred: frozenset[int]) -> Picked:
    """Fill the slots. Each is a coin; a drawn example the reviewer may not judge is owed instead.

    `waiting` bounds the slots: a batch of n is n first reads, so every new serve uses up a waiting
    member. Draws come first in serve order: uniform over what no queue of this claim has taken.
    """
    assert desk.batch is not None
    picked = Picked()
    slots = min(slots, waiting)
    if slots <= 0:
        return picked
    share = _share(desk.lock, desk.batch.audit_share)
    draws = sum(desk.turn.rng.random() < share for _ in range(slots))
    if draws:
        _draw(desk, picked, draws=draws, barred=barred)
    _fill(desk, picked, slots=slots, barred=barred)
    return picked


CLOSING_SHARE = 0.9  # random; one of ten keeps looking where the ranking points


def _share(lock: ProjectLock, of_batch: int) -> float:
    """The chance that a slot is a random check; a batch without any never gets one."""
    if lock.epoch_id is None or not of_batch:
        return 0.0
    return max(of_batch / 100, CLOSING_SHARE) if lock.closing else of_batch / 100


def _fill(desk: Desk, picked: Picked, *, slots: int, barred: frozenset[int]) -> None:
    """The best waiting members the reviewer may judge; the last ones give their place to draws."""
    assert desk.batch is not None
    stream = rule_of(desk.batch.rule).stream
    wanted = slots - len(picked.rows)
    count = max(wanted + picked.displaced + SPARE * bool(barred), window(desk, wanted))
    while wanted > 0:
        best = _queue(desk, count=count, skip=picked.taken)
        able = [row for row in best if row.source_id not in barred]
        if desk.lock.copies_together and count <= MOST_LOOKED_AT:
            able = _one_of_each(able, picked)
        if len(able) >= wanted or len(best) < count:
            room = max(0, len(best) - picked.displaced)
            able = by_skill(desk, able)
            picked.rows += [(row, stream) for row in able[: min(wanted, room)]]
            return
        count *= 4


def _one_of_each(rows: Sequence[Row[Any]], picked: Picked) -> list[Row[Any]]:
    """Without those whose copy is in hand already: the answer to that one goes to them too."""
    out = {row.content_hash for row, _ in picked.rows}
    one_each: list[Row[Any]] = []
    for row in rows:
        if row.copy_in_hand or row.content_hash in out:
            continue
        out.add(row.content_hash)
        one_each.append(row)
    return one_each


def _draw(desk: Desk, picked: Picked, *, draws: int, barred: frozenset[int]) -> None:
    for row in _audit(desk, count=draws):
        picked.last_key = row.audit_key
        picked.displaced += not row.is_member
        if row.source_id in barred:
            picked.barred.append(row)
        else:
            picked.rows.append((row, Stream.AUDIT))


def _in_order(picked: Picked) -> list[tuple[Row[Any], Stream]]:
    """Draws in the order of their keys, whoever may judge them; then the queue."""
    drawn = [row for row, stream in picked.rows if stream is Stream.AUDIT]
    drawn = sorted([*drawn, *picked.barred], key=lambda row: row.audit_key)
    queued = [(row, stream) for row, stream in picked.rows if stream is not Stream.AUDIT]
    return [*((row, Stream.AUDIT) for row in drawn), *queued]


def write_serves(
    lock: ProjectLock, batch_id: int | None, picked: Picked, *, now: datetime
) -> dict[int, int]:
    """Write the serves in their order; returns serve_seq by example."""
    order = _in_order(picked)
    if not order or lock.epoch_id is None:
        return {}
    serves: list[dict[str, object]] = []
    seqs: dict[int, int] = {}
    for row, stream in order:
        lock.serve_seq += 1
        seqs[row.example_id] = lock.serve_seq
        serves.append(
            {
                "project_id": lock.project_id,
                "epoch_id": lock.epoch_id,
                "serve_seq": lock.serve_seq,
                "example_id": row.example_id,
                "stream": stream,
                "unserved_before": lock.unserved,
                "batch_id": batch_id,
                "at": now,
            }
        )
        if stream is Stream.AUDIT or row.in_pool:
            lock.unserved -= 1
    run(lock.session, _ADD_SERVES, serves)
    leave_batches(lock.session, batch_id, picked.taken, displaced=picked.displaced, now=now)
    if picked.last_key is not None:
        lock.drawn_key = picked.last_key
    for row in picked.barred:
        owe(lock, row.example_id, Due.BARRED, now=now, batch_id=batch_id)
    if picked.barred:
        list_stuck(lock, now=now, examples=[row.example_id for row in picked.barred])
    return seqs


def serve_direct(
    lock: ProjectLock, example_id: int, *, now: datetime, stream: Stream = Stream.DIRECT
) -> int:
    """The serve of an example that leaves the pool outside a claim; its seq."""
    pooled = in_pool(literal(lock.epoch_id), Example.id)
    row = lock.session.execute(
        card_query(lock.run_id)
        .add_columns(pooled.label("in_pool"))
        .where(Example.id == example_id, Example.status == Status.UNREVIEWED)
    ).one()
    picked = Picked(rows=[(row, stream)])
    return write_serves(lock, None, picked, now=now).get(example_id, lock.serve_seq)
