"""Reads that somebody owes: leases that ran out, and due reads, as far as a person may do them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Integer, Row, and_, bindparam, exists, not_, or_, select

from app.db.prepared import run
from app.db.tables.audit import Serve
from app.db.tables.datasets import Example
from app.db.tables.review import Batch, BatchMember, Decision, Lease, ReadDue
from app.db.words import BatchState, ReadReason, Role, WhyEnded
from app.review.books.dues import READ_OF_DUE
from app.review.books.leases import end
from app.review.books.may import bars_its_giver
from app.review.serving.cards import card_query
from app.review.serving.desk import BATCH, ME, NOW, PROJECT, Desk


@dataclass(frozen=True)
class Owed:
    """A read somebody owes: an expired lease, or a due read."""

    row: Row[Any]
    reason: ReadReason
    due_id: int | None
    expired_lease: int | None


def with_serve() -> Any:
    """Cards with the serve of the open epoch beside them."""
    here = and_(Serve.epoch_id == bindparam("epoch"), Serve.example_id == Example.id)
    cards_of_run = card_query(bindparam("run"))
    return cards_of_run.add_columns(Serve.serve_seq, Serve.stream).outerjoin(Serve, here)


def owed(desk: Desk, *, limit: int, barred: frozenset[int] = frozenset()) -> list[Owed]:
    """Served examples nobody holds, and due reads, that this person may do."""
    unique: dict[int, Owed] = {}
    for item in [*_expired(desk, limit * 2), *_due(desk, limit * 4)]:
        if item.row.source_id is None or item.row.source_id not in barred:
            unique.setdefault(item.row.example_id, item)
    return list(unique.values())[:limit]


def _place(row: Any, on_grid: bool) -> Any:
    """What belongs on a batch's own grid stays there; a desk takes it once the batch is closed."""
    if on_grid:
        return and_(row.on_grid, row.batch_id == BATCH)
    return or_(not_(row.on_grid), not_(_in_open_batch(row)))


def _in_open_batch(row: Any) -> Any:
    return exists().where(Batch.id == row.batch_id, Batch.state == BatchState.OPEN)


def expired_ids(roles: tuple[str, ...], experts: bool, on_grid: bool) -> Any:
    """Leases that ran out, of reads this person may do."""
    query = (
        select(Lease.id)
        .outerjoin(ReadDue, ReadDue.id == Lease.read_due_id)
        .where(
            Lease.project_id == PROJECT,
            Lease.ended_at.is_(None),
            Lease.expires_at < NOW,
            or_(ReadDue.id.is_(None), _may_do(roles)),
            _place(Lease, on_grid),
        )
    )
    if experts:
        query = query.where(ReadDue.for_role == Role.EXPERT.value)
    return query.correlate(None)


@cache
def _expired_statement(roles: tuple[str, ...], experts: bool, on_grid: bool) -> Any:
    return (
        with_serve()
        .add_columns(Lease.id.label("lease_id"), Lease.read_reason, Lease.read_due_id)
        .join(Lease, Lease.example_id == Example.id)
        .where(Lease.id.in_(expired_ids(roles, experts, on_grid)))
        .order_by((Lease.batch_id == BATCH).desc(), Lease.id)
        .limit(bindparam("count", type_=Integer))
    )


def _expired(desk: Desk, limit: int) -> list[Owed]:
    query = _expired_statement(desk.roles, desk.batch is None, desk.on_grid)
    rows = list(run(desk.session, query, desk.asked(count=limit)))
    known = [row.lease_id for row in rows if row.read_reason is ReadReason.KNOWN]
    end(
        desk.session, known, why=WhyEnded.EXPIRED, now=desk.turn.now
    )  # nobody is owed a known answer
    return [
        Owed(row, row.read_reason, row.read_due_id, row.lease_id)
        for row in rows
        if row.lease_id not in known
    ]


def _may_do(roles: tuple[str, ...]) -> Any:
    """A due read this person may do, as far as SQL can tell; `not_by` is looked at after."""
    return and_(
        or_(ReadDue.first_by.is_(None), ReadDue.first_by != ME),
        or_(ReadDue.for_person.is_(None), ReadDue.for_person == ME),
        ReadDue.for_role.in_(roles),
    )


def due_ids(roles: tuple[str, ...], experts: bool, on_grid: bool) -> Any:
    waiting = exists().where(BatchMember.batch_id == ReadDue.batch_id, BatchMember.waiting)
    leased = exists().where(Lease.example_id == ReadDue.example_id, Lease.ended_at.is_(None))
    query = select(ReadDue.id).where(
        ReadDue.project_id == PROJECT,
        ReadDue.done_at.is_(None),
        _may_do(roles),
        not_(leased),
        not_(exists().where(Decision.person_id == ME, bars_its_giver())),
        or_(not_(ReadDue.after_batch), not_(waiting), not_(_in_open_batch(ReadDue))),
        _place(ReadDue, on_grid),
    )
    if experts:
        query = query.where(ReadDue.for_role == Role.EXPERT.value)
    return query.correlate(None)


@cache
def _due_statement(roles: tuple[str, ...], experts: bool, on_grid: bool) -> Any:
    return (
        with_serve()
        .add_columns(ReadDue.id.label("due_id"), ReadDue.reason.label("due"), ReadDue.not_by)
        .join(ReadDue, ReadDue.example_id == Example.id)
        .where(ReadDue.id.in_(due_ids(roles, experts, on_grid)))
        .order_by(ReadDue.id)
        .limit(bindparam("count", type_=Integer))
    )


def _due(desk: Desk, limit: int) -> list[Owed]:
    query = _due_statement(desk.roles, desk.batch is None, desk.on_grid)
    return [
        Owed(row, READ_OF_DUE[row.due], row.due_id, None)
        for row in run(desk.session, query, desk.asked(count=limit))
        if desk.turn.member.person_id not in row.not_by
    ]
