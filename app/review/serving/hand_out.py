"""Who gets the next example: own leases first, then what is owed, then new serves.

Every hand-out goes through `hand_out`, in the order that stands there.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Integer, Row, Select, and_, bindparam, exists, func, select, update

from app.db.prepared import run
from app.db.tables.datasets import Source
from app.db.tables.review import BatchMember, Lease
from app.db.words import BatchState, ReadReason, WhyEnded
from app.review.batches.batch import is_grid, is_practice, rule_in_words
from app.review.batches.filling import top_up
from app.review.books.leases import LEASE_TIME, end, in_batch
from app.review.books.may import barred_sources
from app.review.books.stuck import list_stuck
from app.review.serving.cards import Card
from app.review.serving.desk import BATCH, ME, NOW, PROJECT, Desk
from app.review.serving.draws import Picked, pick, write_serves
from app.review.serving.known import known_rows, practice_rows
from app.review.serving.lending import LENT, Chosen, Lent, lend, send_again
from app.review.serving.owed import Owed, due_ids, expired_ids, owed

DESK, GRID = 8, 48  # how many examples a claim may hold, at a desk and on a grid
RENEW_BEFORE = timedelta(minutes=15)  # leases are extended while their reviewer is active
MOST_HELD = 2 * GRID  # leases of one person in one project, wherever they are open
DONE, ENOUGH, ARCHIVED = "done", "holds_enough", "archived"


@dataclass
class HandedOut:
    """What a claim hands out, and what it says when there is nothing."""

    cards: list[Card] = field(default_factory=list)
    state: str = BatchState.OPEN.value
    with_others: int = 0
    next_free_in: int | None = None


def hand_out(
    desk: Desk, *, want: int, in_hand: Collection[str] = (), around: Around | None = None
) -> HandedOut:
    """Up to `want` examples; those whose leases are `in_hand` are not sent again.

    Own leases that the reviewer does not have, then what is owed, then known answers, then new
    serves. Who has looked around already says what they saw.
    """
    if desk.lock.archived:
        return HandedOut(state=ARCHIVED)
    if desk.batch is not None and desk.batch.state is not BatchState.OPEN:
        return HandedOut(state=desk.batch.state.value)
    want = min(want, GRID if desk.on_grid else DESK)
    around = around or look_around(desk, slots=want)
    cards = _own(desk, around, in_hand)
    room = max(0, MOST_HELD - around.held)
    missing = min(want - len(around.tokens), room)
    practises = is_practice(desk.batch)
    if practises:
        cards += lend(desk, practice_rows(desk, slots=missing))
        missing = 0
    barred = frozenset[int]()
    if missing > 0 and around.barred:
        barred = barred_sources(desk.session, desk.lock.project_id, desk.turn.member.person_id)
    if missing > 0 and around.owed:
        due = owed(desk, limit=missing)
        cards += take_owed(desk, due)
        missing -= len(due)
    if missing > 0 and around.waiting and desk.batch is not None:
        known = known_rows(desk, slots=missing)
        cards += lend(desk, known)
        missing -= len(known)
    if missing > 0 and desk.batch is not None and is_grid(desk.batch) is desk.on_grid:
        cards += _serve_new(desk, slots=missing, waiting=around.waiting, barred=barred)
    if not cards and not around.tokens and room and not practises:
        cards = take_owed(desk, owed(desk, limit=min(want, room), put_aside=True))
    handed = HandedOut(cards)
    if around.held >= MOST_HELD and len(around.tokens) < want:
        handed.state = ENOUGH
    elif not cards and not around.tokens:
        list_stuck(desk.lock, now=desk.turn.now)
        _say_why_empty(desk, handed)
    return handed


@dataclass(frozen=True)
class Around:
    """What one look at the database says before anything is handed out."""

    tokens: frozenset[str]  # own live leases in this batch
    held: int  # own live leases in the project that nobody may take
    soonest: datetime | None  # when the first of them runs out
    owed: bool
    waiting: int
    barred: bool

    def without(self, token: str) -> Around:
        """As it is once this lease has ended."""
        if token not in self.tokens:
            return self
        return replace(self, tokens=self.tokens - {token}, held=max(0, self.held - 1))


def around_columns(roles: tuple[str, ...], batch: Any, *, on_grid: bool) -> tuple[Any, ...]:
    """A look around for `ME`, in a `batch` or in none, as columns of one row for `seen`."""
    same = Lease.batch_id.is_(None) if batch is None else Lease.batch_id == batch
    here = Lease.on_grid.is_(on_grid)
    mine = and_(Lease.person_id == ME, Lease.ended_at.is_(None), same, here)
    few = (
        select(BatchMember.example_id)
        .where(BatchMember.batch_id == (BATCH if batch is None else batch), BatchMember.waiting)
        .limit(bindparam("slots", type_=Integer))
        .correlate(None)
        .subquery()
    )
    own = (Lease.person_id == ME, Lease.project_id == PROJECT, Lease.ended_at.is_(None))
    barred = exists().where(Source.project_id == PROJECT, Source.person_id == ME)
    return (
        _alone(select(func.aggregate_strings(Lease.token, ",")).where(mine)).label("tokens"),
        _alone(select(func.count()).where(*own, Lease.expires_at > NOW)).label("held"),
        _alone(select(func.min(Lease.expires_at)).where(mine)).label("soonest"),
        exists(due_ids(roles, on_grid)).label("due"),
        exists(expired_ids(roles, on_grid)).label("expired"),
        _alone(select(func.count()).select_from(few)).label("waiting"),
        barred.correlate(None).label("barred"),
    )


def _alone(query: Select[Any]) -> Any:
    return query.correlate(None).scalar_subquery()


def seen(row: Row[Any]) -> Around:
    tokens = frozenset(row.tokens.split(",")) if row.tokens else frozenset[str]()
    owed = row.due or row.expired
    return Around(tokens, row.held, row.soonest, owed, row.waiting, row.barred)


@cache
def _around(roles: tuple[str, ...], in_no_batch: bool, on_grid: bool) -> Any:
    return select(*around_columns(roles, None if in_no_batch else BATCH, on_grid=on_grid))


def look_around(desk: Desk, *, slots: int) -> Around:
    """Own leases, whether anything is owed, how many members wait: in one statement."""
    asked = desk.asked(slots=slots)
    row = run(desk.session, _around(desk.roles, desk.batch is None, desk.on_grid), asked).one()
    return seen(row)


def _own(desk: Desk, around: Around, in_hand: Collection[str]) -> list[Card]:
    """Extend own leases in good time, and send those whose reply was lost."""
    lost = around.tokens - set(in_hand)
    ending = around.soonest is not None and around.soonest - desk.turn.now < RENEW_BEFORE
    if not lost and not ending:
        return []
    again = [lease for lease in _renew(desk) if lease.token in lost]
    return send_again(desk.session, desk.turn.member, again, rule=rule_in_words(desk.batch))


def _renew(desk: Desk) -> list[Lent]:
    """Extend own leases of this desk, even those that ran out and nobody took."""
    rows = desk.session.execute(
        select(*LENT, Lease.id)
        .where(
            Lease.person_id == desk.turn.member.person_id,
            Lease.ended_at.is_(None),
            Lease.on_grid.is_(desk.on_grid),
            in_batch(desk.batch_id),
        )
        .order_by(Lease.id)
    ).all()
    if rows:
        desk.session.execute(
            update(Lease)
            .where(Lease.id.in_([row.id for row in rows]))
            .values(expires_at=desk.turn.now + LEASE_TIME)
            .execution_options(synchronize_session=False)
        )
    return [Lent(*row[:-1]) for row in rows]


def take_owed(desk: Desk, due: Sequence[Owed]) -> list[Card]:
    """Lease what is owed to this reviewer."""
    expired = [item.expired_lease for item in due if item.expired_lease is not None]
    end(desk.session, expired, why=WhyEnded.EXPIRED, now=desk.turn.now)
    chosen = [
        Chosen(item.row, item.reason, item.due_id, item.row.serve_seq, item.row.stream)
        for item in due
    ]
    return lend(desk, chosen)


def _serve_new(desk: Desk, *, slots: int, waiting: int, barred: frozenset[int]) -> list[Card]:
    """Serve and lease new examples of the batch."""
    assert desk.batch is not None
    if waiting < slots:
        top_up(desk.lock, desk.batch, now=desk.turn.now)
        waiting = _count_waiting(desk, limit=slots)
    return lend_picked(desk, pick(desk, slots=slots, waiting=waiting, barred=barred))


def lend_picked(desk: Desk, picked: Picked) -> list[Card]:
    """Write the serves, then lease them in an order that does not tell the streams apart."""
    seqs = write_serves(desk.lock, desk.batch_id, picked, now=desk.turn.now)
    rows = list(picked.rows)
    desk.turn.rng.shuffle(rows)
    chosen = [
        Chosen(row, ReadReason.FIRST, None, seqs.get(row.example_id), stream)
        for row, stream in rows
    ]
    return lend(desk, chosen)


def _count_waiting(desk: Desk, *, limit: int) -> int:
    few = (
        select(BatchMember.example_id)
        .where(BatchMember.batch_id == desk.batch_id, BatchMember.waiting)
        .limit(limit)
        .subquery()
    )
    return desk.session.scalar(select(func.count()).select_from(few)) or 0


def _say_why_empty(desk: Desk, handed: HandedOut) -> None:
    """Nothing to hand out: is it done, or are others still holding some?"""
    live = [
        in_batch(desk.batch_id),
        Lease.project_id == desk.lock.project_id,
        Lease.ended_at.is_(None),
        Lease.person_id != desk.turn.member.person_id,
    ]
    count, soonest = desk.session.execute(
        select(func.count(), func.min(Lease.expires_at)).where(*live)
    ).one()
    handed.with_others = count
    if soonest is not None:
        handed.next_free_in = max(0, int((soonest - desk.turn.now) / timedelta(seconds=1)))
    handed.state = DONE if count == 0 else BatchState.OPEN.value
