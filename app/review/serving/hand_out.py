"""A claim: own leases first, then what is owed, then new serves."""

from __future__ import annotations

import random
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import Integer, Row, and_, bindparam, exists, func, select
from sqlalchemy.orm import Session

from app.db.log import lock_project
from app.db.prepared import run
from app.db.tables.datasets import Example, Source
from app.db.tables.review import BatchMember, Lease
from app.db.words import BatchState, Mode, ReadReason, Stream
from app.review.batches.batch import rule_in_words, top_up
from app.review.books.leases import end, new_token, renew, same_batch, write_leases
from app.review.books.may import barred_sources, readable_batch
from app.review.books.stuck import list_stuck
from app.review.serving.cards import Card, card_query, cards, shown
from app.review.serving.desk import BATCH, ME, PROJECT, Desk, is_grid
from app.review.serving.draws import Picked, pick, write_serves
from app.review.serving.known import known_rows
from app.review.serving.owed import Owed, due_ids, expired_ids, owed

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

    def told(self) -> dict[str, Any]:
        """What is sent of it."""
        return {
            "examples": self.cards,
            "state": self.state,
            "with_others": self.with_others,
            "next_free_in": self.next_free_in,
        }


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
        known = known_rows(desk, slots=missing)
        made += _lease(desk, known) if known else []
        missing -= len(known)
    if missing > 0 and desk.batch is not None and is_grid(desk.batch) is desk.on_grid:
        made += serve_new(desk, slots=missing, waiting=around.waiting, barred=barred)
    claimed = Claimed(cards=made)
    if not made and not around.tokens:
        list_stuck(desk.held, now=desk.now)
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


@cache
def _around(roles: tuple[str, ...], experts: bool, on_grid: bool) -> Any:
    same = Lease.batch_id.is_(None) if experts else Lease.batch_id == BATCH
    here = Lease.on_grid.is_(on_grid)
    mine = and_(Lease.person_id == ME, Lease.ended_at.is_(None), same, here)
    few = (
        select(BatchMember.example_id)
        .where(BatchMember.batch_id == BATCH, BatchMember.waiting)
        .limit(bindparam("slots", type_=Integer))
        .subquery()
    )
    tokens = select(func.aggregate_strings(Lease.token, ",")).where(mine).scalar_subquery()
    soonest = select(func.min(Lease.expires_at)).where(mine).scalar_subquery()
    barred = exists().where(Source.project_id == PROJECT, Source.person_id == ME)
    return select(
        tokens.label("tokens"),
        soonest.label("soonest"),
        exists(due_ids(roles, experts, on_grid)).label("due"),
        exists(expired_ids(roles, experts, on_grid)).label("expired"),
        select(func.count()).select_from(few).scalar_subquery().label("waiting"),
        barred.label("barred"),
    )


def look_around(desk: Desk, *, slots: int) -> Around:
    """Own leases, whether anything is owed, how many members wait: in one statement."""
    asked = desk.asked(slots=slots)
    row = run(desk.session, _around(desk.roles, desk.batch is None, desk.on_grid), asked).one()
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
