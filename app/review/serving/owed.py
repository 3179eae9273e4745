"""Reads that somebody owes: leases that ran out, and due reads, as far as a person may do them.

Whatever a person may not do is filtered in SQL: nothing they may do waits behind it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    Integer,
    Row,
    and_,
    bindparam,
    case,
    exists,
    func,
    literal,
    not_,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import Session

from app.db.prepared import run
from app.db.tables.audit import Serve
from app.db.tables.datasets import Example
from app.db.tables.review import Batch, Decision, Lease, ReadDue
from app.db.words import BatchState, Due, ReadReason, Role, WhyEnded
from app.review.books.dues import READ_OF_DUE, SECOND_READS
from app.review.books.leases import end
from app.review.books.may import is_for_experts, may_give, may_read, reads_of
from app.review.serving.cards import card_query
from app.review.serving.desk import BATCH, ME, NOW, PROJECT, Desk

REST = 20  # own answers after which a skipped example comes back to who skipped it


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


def owed(desk: Desk, *, limit: int, put_aside: bool = False) -> list[Owed]:
    """Served examples nobody holds, and due reads, that this person may do.

    What they put aside themselves rests a while, unless it is asked for.
    """
    unique: dict[int, Owed] = {}
    for item in [*_expired(desk, limit * 2), *_due(desk, limit * 4, put_aside=put_aside)]:
        unique.setdefault(item.row.example_id, item)
    return list(unique.values())[:limit]


def _place(row: Any, on_grid: bool) -> Any:
    """What belongs on a batch's own grid stays there; a desk takes it once the batch is closed."""
    if on_grid:
        return and_(row.on_grid, row.batch_id == BATCH)
    return or_(not_(row.on_grid), not_(_in_open_batch(row)))


def _in_open_batch(row: Any) -> Any:
    return exists().where(Batch.id == row.batch_id, Batch.state == BatchState.OPEN)


def expired_ids(roles: tuple[str, ...], on_grid: bool) -> Any:
    """Leases that ran out, of reads this person may do; of known answers all, for they just end."""
    first = and_(ReadDue.id.is_(None), not_(is_for_experts(Lease.batch_id, ME)))
    mine = or_(first, may_give(ME, ReadDue.for_role.in_(roles)))
    query = (
        select(Lease.id)
        .outerjoin(ReadDue, ReadDue.id == Lease.read_due_id)
        .where(
            Lease.project_id == PROJECT,
            Lease.ended_at.is_(None),
            Lease.expires_at < NOW,
            or_(
                Lease.read_reason == ReadReason.KNOWN,
                and_(mine, may_read(Lease.example_id, ME)),
            ),
            _place(Lease, on_grid),
        )
    )
    return query.correlate(None)


@cache
def _expired_statement(roles: tuple[str, ...], on_grid: bool) -> Any:
    return (
        with_serve()
        .add_columns(
            Lease.id.label("lease_id"),
            Lease.read_reason,
            Lease.read_due_id,
            Batch.mode.label("batch_mode"),
            Batch.audit_share,
        )
        .join(Lease, Lease.example_id == Example.id)
        .outerjoin(Batch, Batch.id == Lease.batch_id)
        .where(Lease.id.in_(expired_ids(roles, on_grid)))
        .order_by((Lease.batch_id == BATCH).desc(), Lease.id)
        .limit(bindparam("count", type_=Integer))
    )


def _expired(desk: Desk, limit: int) -> list[Owed]:
    query = _expired_statement(desk.roles, desk.on_grid)
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


def due_ids(roles: tuple[str, ...], on_grid: bool, put_aside: bool = False) -> Any:
    """Due reads this person may do; with `put_aside` also those they skipped a short while ago."""
    leased = exists().where(Lease.example_id == ReadDue.example_id, Lease.ended_at.is_(None))
    query = select(ReadDue.id).where(
        ReadDue.project_id == PROJECT,
        ReadDue.done_at.is_(None),
        not_(leased),
        may_give(ME, ReadDue.for_role.in_(roles)),
        _place(ReadDue, on_grid),
    )
    if not put_aside:
        query = query.where(_rested())
    return query.correlate(None)


def _rested() -> Any:
    """Not put aside by this person, or so many answers of theirs ago."""
    last_but_some = (
        select(Decision.seq)
        .where(Decision.person_id == ME, Decision.project_id == PROJECT)
        .order_by(Decision.id.desc())
        .offset(REST - 1)
        .limit(1)
        .correlate(None)
        .scalar_subquery()
    )
    return or_(
        ReadDue.skipper_id.is_distinct_from(ME),
        func.coalesce(last_but_some, -1) > ReadDue.skipped_seq,
    )


@cache
def _due_statement(roles: tuple[str, ...], on_grid: bool, put_aside: bool) -> Any:
    return (
        with_serve()
        .add_columns(
            ReadDue.id.label("due_id"),
            ReadDue.reason.label("due"),
            Batch.mode.label("batch_mode"),
            Batch.audit_share,
        )
        .join(ReadDue, ReadDue.example_id == Example.id)
        .outerjoin(Batch, Batch.id == ReadDue.batch_id)
        .where(ReadDue.id.in_(due_ids(roles, on_grid, put_aside)))
        .order_by(ReadDue.id)
        .limit(bindparam("count", type_=Integer))
    )


def _due(desk: Desk, limit: int, *, put_aside: bool) -> list[Owed]:
    query = _due_statement(desk.roles, desk.on_grid, put_aside)
    return [
        Owed(row, READ_OF_DUE[row.due], row.due_id, None)
        for row in run(desk.session, query, desk.asked(count=limit))
    ]


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many reads wait for a person outside every batch, by what they are."""

    expert: int = 0  # sent to the experts or the leads
    second: int = 0
    first: int = 0

    @property
    def total(self) -> int:
        return self.expert + self.second + self.first


_READABLE = [f"read_{role or 'any'}" for role in reads_of(Role.LEAD)]
"""Of each role that a read may be for: the projects where this person may give such reads."""


@cache
def _count_statement() -> Any:
    """Due reads, and leases that ran out and answer none, in several projects."""
    own_here = and_(Lease.person_id == ME, Lease.batch_id.is_(None))
    live = and_(Lease.ended_at.is_(None), Lease.expires_at >= NOW, not_(own_here))
    taken = exists().where(Lease.example_id == ReadDue.example_id, live).correlate(ReadDue)
    for_role = or_(
        *(
            and_(ReadDue.for_role == role, ReadDue.project_id.in_(bindparam(name, expanding=True)))
            for name, role in zip(_READABLE, reads_of(Role.LEAD), strict=True)
        )
    )
    second = [due for due, read in READ_OF_DUE.items() if read in SECOND_READS]
    kind = case(
        (or_(ReadDue.reason == Due.EXPERT, ReadDue.for_role != ""), "expert"),
        (ReadDue.reason.in_(second), "second"),
        else_="first",
    )
    dues = select(ReadDue.project_id.label("project_id"), kind.label("kind")).where(
        ReadDue.project_id.in_(bindparam(_READABLE[0], expanding=True)),
        ReadDue.done_at.is_(None),
        not_(taken),
        may_give(ME, for_role),
        _place(ReadDue, False),
    )
    left = select(Lease.project_id, literal("first")).where(
        Lease.project_id.in_(bindparam(_READABLE[0], expanding=True)),
        Lease.ended_at.is_(None),
        or_(Lease.expires_at < NOW, own_here),
        Lease.read_due_id.is_(None),
        Lease.read_reason != ReadReason.KNOWN,
        not_(is_for_experts(Lease.batch_id, ME)),
        may_read(Lease.example_id, ME),
        _place(Lease, False),
    )
    waiting = union_all(dues, left).subquery()
    project_id, kind_of = waiting.c.project_id, waiting.c.kind
    return select(project_id, kind_of, func.count()).group_by(project_id, kind_of)


def count_owed(
    session: Session, person_id: int, parts: Iterable[tuple[int, Role]], *, now: datetime
) -> dict[int, Waiting]:
    """What waits for this person, by project, of those they take part in with these roles."""
    projects: dict[str, list[int]] = {name: [] for name in _READABLE}
    for project_id, role in parts:
        for name in _READABLE[: len(reads_of(role))]:
            projects[name].append(project_id)
    rows = session.execute(_count_statement(), {"me": person_id, "now": now, **projects})
    counts: dict[int, dict[str, int]] = defaultdict(dict)
    for project_id, kind, count in rows:
        counts[project_id][kind] = count
    return {project_id: Waiting(**by_kind) for project_id, by_kind in counts.items()}
