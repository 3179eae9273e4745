"""A claim: own leases first, then what is owed, then new serves."""

from __future__ import annotations

import random
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import Integer, Row, and_, bindparam, exists, func, not_, or_, select
from sqlalchemy.orm import Session

from app.db.log import ProjectLock, lock_project
from app.db.prepared import run
from app.db.tables.datasets import Example, Source
from app.db.tables.review import Batch, BatchMember, Lease, ReadDue, Serve
from app.db.types import UtcDateTime
from app.db.words import BatchState, Mode, ReadReason, Role, Stream
from app.review.batches import rule_in_words, top_up
from app.review.cards import Card, card_query, cards, shown
from app.review.disagreements import list_stuck
from app.review.known import known_answers
from app.review.leases import end, new_token, renew, same_batch, write_leases
from app.review.may import barred_sources, leads, readable_batch
from app.review.serving import Picked, pick, write_serves
from app.review.standing import READ_OF_DUE

if TYPE_CHECKING:
    from app.accounts.membership import Member

DESK, GRID = 8, 48  # how many examples a claim may hold
RENEW_BEFORE = timedelta(minutes=15)  # leases are extended while their reviewer is active


@dataclass
class Claimed:
    """What a claim hands out, and what it says when there is nothing."""

    cards: list[Card] = field(default_factory=list)
    state: str = BatchState.OPEN.value
    with_others: int = 0
    next_free_in: int | None = None


@dataclass(frozen=True)
class Owed:
    """A read somebody owes: an expired lease, or a due read."""

    row: Row[Any]
    reason: ReadReason
    due_id: int | None
    expired_lease: int | None


@dataclass(frozen=True)
class Desk:
    """Who asks, in which batch, under the project's lock."""

    session: Session
    held: ProjectLock
    member: Member
    batch: Batch | Row[Any] | None
    now: datetime
    rng: random.Random
    on_grid: bool = False


def is_grid(batch: Any) -> bool:
    """Whether first reads of a batch are pages of tiles."""
    return batch is not None and batch.rule.get("by") == "grid"


def claim(
    session: Session,
    member: Member,
    batch_id: int,
    *,
    want: int,
    held: Collection[str] = (),
    on_grid: bool = False,
    now: datetime,
    rng: random.Random,
) -> Claimed:
    """Hand a reviewer up to `want` examples of a batch; those in `held` are not sent again."""
    batch = readable_batch(session, member, batch_id)
    if batch.state is not BatchState.OPEN:
        return Claimed(state=batch.state.value)
    lock = lock_project(session, member.project_id)
    desk = Desk(session, lock, member, batch, now, rng, on_grid)
    claimed = hand_out(desk, want=min(want, GRID), held=held)
    desk.held.save()
    return claimed


def claim_expert(
    session: Session,
    member: Member,
    *,
    want: int,
    held: Collection[str] = (),
    now: datetime,
    rng: random.Random,
) -> Claimed:
    """What was sent to the experts, for one of them."""
    desk = Desk(session, lock_project(session, member.project_id), member, None, now, rng)
    claimed = hand_out(desk, want=min(want, DESK), held=held)
    desk.held.save()
    return claimed


def hand_out(desk: Desk, *, want: int, held: Collection[str]) -> Claimed:
    """Own leases that the reviewer does not have, then what is owed, then new serves."""
    around = look_around(desk, slots=want)
    made = _own(desk, around, held)
    missing = want - len(around.tokens)
    barred = frozenset[int]()
    if missing > 0 and around.barred:
        barred = barred_sources(desk.session, desk.held.project_id, desk.member.person_id)
    if missing > 0 and around.owed:
        found = owed(desk, limit=missing, barred=barred)
        made += take_owed(desk, found)
        missing -= len(found)
    if missing > 0 and around.waiting and desk.batch is not None:
        found_known = known_rows(desk, slots=missing)
        made += _lease(desk, found_known)
        missing -= len(found_known)
    if missing > 0 and desk.batch is not None and is_grid(desk.batch) is desk.on_grid:
        made += serve_new(desk, slots=missing, waiting=around.waiting, barred=barred)
    claimed = Claimed(cards=made)
    if not made and not around.tokens:
        list_stuck(desk.session, desk.held.project_id, now=desk.now)
        _say_why_empty(desk, claimed)
    return claimed


@dataclass(frozen=True)
class Around:
    """What one look at the database says before anything is handed out."""

    tokens: frozenset[str]  # own live leases in this batch
    soonest: datetime | None  # when the first of them runs out
    owed: bool
    waiting: int
    barred: bool


def _asked(desk: Desk, **more: Any) -> dict[str, Any]:
    """The parameters of every statement a claim runs."""
    return {
        "me": desk.member.person_id,
        "project": desk.held.project_id,
        "batch": desk.batch.id if desk.batch is not None else None,
        "now": desk.now,
        "epoch": desk.held.epoch_id,
        "run": desk.held.run_id,
        **more,
    }


def _roles(desk: Desk) -> tuple[str, ...]:
    """Whose due reads this person may do."""
    roles = [""]
    if desk.member.role is Role.EXPERT or leads(desk.member):
        roles.append(Role.EXPERT.value)
    if leads(desk.member):
        roles.append(Role.LEAD.value)
    return tuple(roles)


_me: Any = bindparam("me")
_project: Any = bindparam("project")
_batch: Any = bindparam("batch")
_now = bindparam("now", type_=UtcDateTime)


@cache
def _around(roles: tuple[str, ...], experts: bool, on_grid: bool) -> Any:
    same = Lease.batch_id.is_(None) if experts else Lease.batch_id == _batch
    here = Lease.on_grid.is_(on_grid)
    mine = and_(Lease.person_id == _me, Lease.ended_at.is_(None), same, here)
    few = (
        select(BatchMember.example_id)
        .where(BatchMember.batch_id == _batch, BatchMember.waiting)
        .limit(bindparam("slots", type_=Integer))
        .subquery()
    )
    tokens = select(func.aggregate_strings(Lease.token, ",")).where(mine).scalar_subquery()
    soonest = select(func.min(Lease.expires_at)).where(mine).scalar_subquery()
    barred = exists().where(Source.project_id == _project, Source.person_id == _me)
    return select(
        tokens.label("tokens"),
        soonest.label("soonest"),
        exists(_due_ids(roles, experts, on_grid)).label("due"),
        exists(_expired_ids(roles, experts, on_grid)).label("expired"),
        select(func.count()).select_from(few).scalar_subquery().label("waiting"),
        barred.label("barred"),
    )


def look_around(desk: Desk, *, slots: int) -> Around:
    """Own leases, whether anything is owed, how many members wait: in one statement."""
    asked = _asked(desk, slots=slots)
    row = run(desk.session, _around(_roles(desk), desk.batch is None, desk.on_grid), asked).one()
    tokens = frozenset(row.tokens.split(",")) if row.tokens else frozenset[str]()
    return Around(tokens, row.soonest, row.due or row.expired, row.waiting, row.barred)


def _own(desk: Desk, around: Around, held: Collection[str]) -> list[Card]:
    """Extend own leases in good time, and send those whose reply was lost."""
    lost = around.tokens - set(held)
    ending = around.soonest is not None and around.soonest - desk.now < RENEW_BEFORE
    if not lost and not ending:
        return []
    batch_id = desk.batch.id if desk.batch is not None else None
    leases = renew(
        desk.session, desk.member.person_id, batch_id, on_grid=desk.on_grid, now=desk.now
    )
    return again(desk, [lease for lease in leases if lease.token in lost])


def again(desk: Desk, leases: Sequence[Any]) -> list[Card]:
    """Send examples once more that this reviewer holds already."""
    if not leases:
        return []
    modes = {lease.example_id: lease.mode for lease in leases}
    query = card_query(desk.held.run_id).where(Example.id.in_(list(modes)))
    rows = desk.session.execute(query).all()
    made = cards(desk.session, rows, modes=modes, rule=rule_in_words(desk.batch))
    return [
        {"lease": lease.token, **made[lease.example_id]}
        for lease in leases
        if lease.example_id in made
    ]


def _with_serve() -> Any:
    """Cards with the serve of the open epoch beside them."""
    here = and_(Serve.epoch_id == bindparam("epoch"), Serve.example_id == Example.id)
    cards_of_run = card_query(bindparam("run"))
    return cards_of_run.add_columns(Serve.serve_seq, Serve.stream).outerjoin(Serve, here)


def owed(desk: Desk, *, limit: int, barred: frozenset[int] = frozenset()) -> list[Owed]:
    """Served examples nobody holds, and due reads, that this person may do."""
    found = [
        item
        for item in [*_expired(desk, limit * 2), *_due(desk, limit * 4)]
        if item.row.source_id is None or item.row.source_id not in barred
    ]
    unique: dict[int, Owed] = {}
    for item in found:
        unique.setdefault(item.row.example_id, item)
    return list(unique.values())[:limit]


def _place(row: Any, on_grid: bool) -> Any:
    """What belongs on a batch's own grid stays there; a desk takes it once the batch is closed."""
    if on_grid:
        return and_(row.on_grid, row.batch_id == _batch)
    open_batch = exists().where(Batch.id == row.batch_id, Batch.state == BatchState.OPEN)
    return or_(not_(row.on_grid), not_(open_batch))


def _expired_ids(roles: tuple[str, ...], experts: bool, on_grid: bool) -> Any:
    """Leases that ran out, of reads this person may do."""
    query = (
        select(Lease.id)
        .outerjoin(ReadDue, ReadDue.id == Lease.read_due_id)
        .where(
            Lease.project_id == _project,
            Lease.ended_at.is_(None),
            Lease.expires_at < _now,
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
        _with_serve()
        .add_columns(Lease.id.label("lease_id"), Lease.read_reason, Lease.read_due_id)
        .join(Lease, Lease.example_id == Example.id)
        .where(Lease.id.in_(_expired_ids(roles, experts, on_grid)))
        .order_by((Lease.batch_id == _batch).desc(), Lease.id)
        .limit(bindparam("count", type_=Integer))
    )


def _expired(desk: Desk, limit: int) -> list[Owed]:
    query = _expired_statement(_roles(desk), desk.batch is None, desk.on_grid)
    rows = list(run(desk.session, query, _asked(desk, count=limit)))
    known = [row.lease_id for row in rows if row.read_reason is ReadReason.KNOWN]
    end(desk.session, known, why="expired", now=desk.now)  # nobody is owed a known answer
    return [
        Owed(row, row.read_reason, row.read_due_id, row.lease_id)
        for row in rows
        if row.lease_id not in known
    ]


def _may_do(roles: tuple[str, ...]) -> Any:
    """A due read this person may do, as far as SQL can tell; `not_by` is looked at after."""
    return and_(
        or_(ReadDue.first_by.is_(None), ReadDue.first_by != _me),
        or_(ReadDue.for_person.is_(None), ReadDue.for_person == _me),
        ReadDue.for_role.in_(roles),
    )


def _due_ids(roles: tuple[str, ...], experts: bool, on_grid: bool) -> Any:
    waiting = exists().where(BatchMember.batch_id == ReadDue.batch_id, BatchMember.waiting)
    open_batch = exists().where(Batch.id == ReadDue.batch_id, Batch.state == BatchState.OPEN)
    leased = exists().where(Lease.example_id == ReadDue.example_id, Lease.ended_at.is_(None))
    query = select(ReadDue.id).where(
        ReadDue.project_id == _project,
        ReadDue.done_at.is_(None),
        _may_do(roles),
        not_(leased),
        or_(not_(ReadDue.after_batch), not_(waiting), not_(open_batch)),
        _place(ReadDue, on_grid),
    )
    if experts:
        query = query.where(ReadDue.for_role == Role.EXPERT.value)
    return query.correlate(None)


@cache
def _due_statement(roles: tuple[str, ...], experts: bool, on_grid: bool) -> Any:
    return (
        _with_serve()
        .add_columns(ReadDue.id.label("due_id"), ReadDue.reason.label("due"), ReadDue.not_by)
        .join(ReadDue, ReadDue.example_id == Example.id)
        .where(ReadDue.id.in_(_due_ids(roles, experts, on_grid)))
        .order_by(ReadDue.id)
        .limit(bindparam("count", type_=Integer))
    )


def _due(desk: Desk, limit: int) -> list[Owed]:
    query = _due_statement(_roles(desk), desk.batch is None, desk.on_grid)
    return [
        Owed(row, READ_OF_DUE[row.due], row.due_id, None)
        for row in run(desk.session, query, _asked(desk, count=limit))
        if desk.member.person_id not in row.not_by
    ]


def known_rows(desk: Desk, *, slots: int) -> list[tuple[Row[Any], dict[str, Any]]]:
    """A coin a slot: examples whose right label is settled, which look like any other."""
    assert desk.batch is not None
    share = desk.batch.rule.get("known", 0) / 100
    wanted = sum(desk.rng.random() < share for _ in range(slots)) if share else 0
    if not wanted:
        return []
    ids = known_answers(desk.session, desk.held.project_id, desk.member.person_id)
    chosen = desk.rng.sample(ids, min(wanted, len(ids)))
    query = _with_serve().where(Example.id.in_(chosen))
    more = {"read_reason": ReadReason.KNOWN, "read_due_id": None}
    return [
        (row, more | {"serve_seq": row.serve_seq, "stream": row.stream})
        for row in desk.session.execute(query, _asked(desk))
    ]


def _mode(desk: Desk, reason: ReadReason) -> Mode:
    """Second reads are blind; first reads and known answers are shown as the batch says."""
    if reason is ReadReason.EXPERT or desk.batch is None:
        return Mode.EVERYTHING
    as_first = reason in (ReadReason.FIRST, ReadReason.KNOWN)
    return desk.batch.mode if as_first else Mode.BLIND


def take_owed(desk: Desk, found: Sequence[Owed]) -> list[Card]:
    """Lease what is owed to this reviewer."""
    if not found:
        return []
    expired = [item.expired_lease for item in found if item.expired_lease is not None]
    end(desk.session, expired, why="expired", now=desk.now)
    return _lease(
        desk,
        [
            (
                item.row,
                {
                    "read_reason": item.reason,
                    "read_due_id": item.due_id,
                    "serve_seq": item.row.serve_seq,
                    "stream": item.row.stream,
                },
            )
            for item in found
        ],
    )


def serve_new(desk: Desk, *, slots: int, waiting: int, barred: frozenset[int]) -> list[Card]:
    """Serve and lease new examples of the batch."""
    assert desk.batch is not None
    if waiting < slots:
        top_up(desk.session, desk.batch, desk.held, now=desk.now)
        waiting = waiting_members(desk.session, desk.batch.id, limit=slots)
    picked = pick(
        desk.session,
        desk.held,
        desk.batch,
        slots=slots,
        waiting=waiting,
        barred=barred,
        rng=desk.rng,
    )
    return lease_picked(desk, picked)


def lease_picked(desk: Desk, picked: Picked) -> list[Card]:
    """Write the serves, then lease them in an order that does not tell the streams apart."""
    batch_id = desk.batch.id if desk.batch is not None else None
    seqs = write_serves(desk.session, desk.held, batch_id, picked, now=desk.now)
    chosen: list[tuple[Row[Any], Stream]] = list(picked.rows)
    desk.rng.shuffle(chosen)
    return _lease(
        desk,
        [
            (
                row,
                {
                    "read_reason": ReadReason.FIRST,
                    "read_due_id": None,
                    "serve_seq": seqs.get(row.example_id),
                    "stream": stream,
                },
            )
            for row, stream in chosen
        ],
    )


def _lease(desk: Desk, chosen: Sequence[tuple[Row[Any], dict[str, Any]]]) -> list[Card]:
    modes = {row.example_id: _mode(desk, more["read_reason"]) for row, more in chosen}
    made = cards(
        desk.session, [row for row, _ in chosen], modes=modes, rule=rule_in_words(desk.batch)
    )
    rows, sent = [], []
    for row, more in chosen:
        token = new_token()
        one = made[row.example_id]
        rows.append(
            {
                "token": token,
                "project_id": desk.held.project_id,
                "example_id": row.example_id,
                "person_id": desk.member.person_id,
                "batch_id": desk.batch.id if desk.batch is not None else None,
                "on_grid": desk.on_grid,
                "mode": modes[row.example_id],
                "run_id": desk.held.run_id,
                "shown": shown(one),
                **more,
            }
        )
        sent.append({"lease": token, **one})
    write_leases(desk.session, rows, now=desk.now)
    return sent


def waiting_members(session: Session, batch_id: int, *, limit: int) -> int:
    few = (
        select(BatchMember.example_id)
        .where(BatchMember.batch_id == batch_id, BatchMember.waiting)
        .limit(limit)
        .subquery()
    )
    return session.scalar(select(func.count()).select_from(few)) or 0


def _say_why_empty(desk: Desk, claimed: Claimed) -> None:
    """Nothing to hand out: is it done, or are others still holding some?"""
    batch_id = desk.batch.id if desk.batch is not None else None
    live = [
        same_batch(batch_id),
        Lease.project_id == desk.held.project_id,
        Lease.ended_at.is_(None),
        Lease.person_id != desk.member.person_id,
    ]
    count, soonest = desk.session.execute(
        select(func.count(), func.min(Lease.expires_at)).where(*live)
    ).one()
    claimed.with_others = count
    if soonest is not None:
        claimed.next_free_in = max(0, int((soonest - desk.now) / timedelta(seconds=1)))
    claimed.state = "done" if count == 0 else BatchState.OPEN.value
