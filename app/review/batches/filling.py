"""How a batch keeps the number of examples it was made for: who joins, leaves, how many can."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import cache
from typing import Any, Protocol

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    and_,
    bindparam,
    case,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session

from app.audit.stands import stands
from app.datasets.current_labels import current_label, standing_label
from app.db.log import ProjectLock
from app.db.parts import parts
from app.db.prepared import run
from app.db.tables.audit import Serve
from app.db.tables.datasets import Example
from app.db.tables.json_columns import StoredRule
from app.db.tables.review import Batch, BatchMember, Decision
from app.db.types import UtcDateTime
from app.db.words import ReadReason, Status, WhyLeft
from app.review.batches.members import Picked, members
from app.review.batches.picking import Pool
from app.review.batches.plan import BatchPlan, further
from app.review.batches.rules.registry import rule_of

_BATCH = bindparam("batch", type_=BigInteger)


class Filled(Protocol):
    """A batch, or as much of one as filling it up needs."""

    @property
    def id(self) -> int: ...
    @property
    def size(self) -> int: ...
    @property
    def rule(self) -> StoredRule: ...


def add_members(
    session: Session, batch_id: int, chosen: Sequence[Picked], *, now: datetime
) -> None:
    for some in parts(chosen):
        session.execute(
            insert(BatchMember),
            [
                {"batch_id": batch_id, "example_id": example, "priority": place, "joined_at": now}
                for example, place in some
            ],
        )


def top_up(lock: ProjectLock, batch: Filled, *, now: datetime) -> None:
    """Replace members that were served elsewhere by the next that fit; else the size falls."""
    session, rule = lock.session, rule_of(batch.rule)
    if rule.settled:
        return  # its members were served long before, and none takes the place of another
    asked = batch.size + grow(lock, batch, now=now)
    session.flush()
    there = run(session, _there(), {"batch": batch.id}).one()
    missing = asked - there.served - there.waiting
    if missing <= 0:
        return
    picked = rule.asks_examples or rule.sampled
    joined = 0 if picked else _join(lock, batch, missing, now=now)
    if joined < missing:
        session.execute(
            update(Batch)
            .where(Batch.id == batch.id)
            .values(size=Batch.size - (missing - joined))
            .execution_options(synchronize_session="evaluate")  # whoever holds the batch sees it
        )


@cache
def _there() -> Any:
    """How many members were served, in whatever epoch: a new one gives no batch more to read.

    And how many wait.
    """
    served = select(func.count(func.distinct(Serve.example_id)) - _erased_unread()).where(
        Serve.batch_id == _BATCH
    )
    waiting = select(func.count()).where(BatchMember.batch_id == _BATCH, BatchMember.waiting)
    return select(
        served.scalar_subquery().label("served"), waiting.scalar_subquery().label("waiting")
    )


def _erased_unread() -> Any:
    """Examples that were served in the batch and erased before anybody had answered: no reads."""
    served = exists().where(Serve.batch_id == _BATCH, Serve.example_id == Example.id)
    read = exists().where(
        Decision.example_id == Example.id, Decision.read_reason == ReadReason.FIRST, stands()
    )
    project = select(Batch.project_id).where(Batch.id == _BATCH).scalar_subquery()
    return (
        select(func.count())
        .where(Example.project_id == project, Example.status == Status.ERASED, served, ~read)
        .scalar_subquery()
    )


def grow(lock: ProjectLock, batch: Filled, *, now: datetime) -> int:
    """Let those join that are asked for only now; how many reads the batch has more."""
    rule = rule_of(batch.rule)
    named = rule.more(lock.session, lock.project_id, batch.id) if rule.more is not None else ()
    if not named:
        return 0
    plan = BatchPlan(by=rule.name, example_ids=tuple(named), size=len(named))
    named_now = members(lock.session, Pool(lock.project_id, lock.run_id), plan)
    before = _members_among(lock.session, batch.id, named_now)
    joining = [one for one in named_now if one.example_id not in before]
    add_members(lock.session, batch.id, joining, now=now)
    lock.session.execute(
        update(Batch)
        .where(Batch.id == batch.id)
        .values(size=Batch.size + len(joining))
        .execution_options(synchronize_session=False)
    )
    return len(joining)


def _join(lock: ProjectLock, batch: Filled, count: int, *, now: datetime) -> int:
    """So many of the next that fit the rule join; how many there were.

    A member whose place went to a random draw is back in the pool, and may be the next.
    """
    plan, pool = further(batch.rule, count), Pool(lock.project_id, lock.run_id)
    there = _of_each_label(lock.session, batch.id) if plan.most_each is not None else {}
    chosen = members(lock.session, pool, plan, there=there)
    before = _members_among(lock.session, batch.id, chosen)
    new = [one for one in chosen if one.example_id not in before]
    add_members(lock.session, batch.id, new, now=now)
    for back in parts(sorted(before)):
        lock.session.execute(
            update(BatchMember)
            .where(
                BatchMember.batch_id == batch.id,
                BatchMember.example_id.in_(back),
            )
            .values(waiting=True, left_at=None, left_why="")
            .execution_options(synchronize_session=False)
        )
    return len(chosen)


def _of_each_label(session: Session, batch_id: int) -> dict[int | None, int]:
    """How many of each given label wait in the batch, or were served by it."""
    label = current_label(standing_label())
    mine = BatchMember.batch_id == batch_id, BatchMember.left_at.is_(None)
    rows = session.execute(
        select(label, func.count())
        .join(BatchMember, BatchMember.example_id == Example.id)
        .where(*mine)
        .group_by(label)
    )
    return dict(rows.all())


def _members_among(session: Session, batch_id: int, picked: Sequence[Picked]) -> set[int]:
    """Those that are in the batch, or were."""
    found = set[int]()
    for ids in parts([one.example_id for one in picked]):
        mine = BatchMember.batch_id == batch_id, BatchMember.example_id.in_(ids)
        found |= set(session.scalars(select(BatchMember.example_id).where(*mine)))
    return found


_members: Any = BatchMember.__table__
_LEAVE = (
    update(_members)
    .where(_members.c.waiting, _members.c.example_id.in_(bindparam("taken", expanding=True)))
    .values(
        waiting=False,
        left_at=case(
            (_members.c.batch_id == bindparam("batch"), None),
            else_=bindparam("now", type_=UtcDateTime),
        ),
        left_why=case((_members.c.batch_id == bindparam("batch"), ""), else_=WhyLeft.ELSEWHERE),
    )
)


def leave_batches(
    session: Session, batch_id: int | None, taken: Collection[int], *, displaced: int, now: datetime
) -> None:
    """Served examples wait nowhere any more; draws from outside displace the last members."""
    if not displaced:
        run(session, _LEAVE, {"batch": batch_id or 0, "taken": sorted(taken), "now": now})
        return
    leaving: ColumnElement[bool] = BatchMember.example_id.in_(taken)
    mine = and_(BatchMember.batch_id == batch_id, BatchMember.example_id.in_(taken))
    last = (
        select(BatchMember.example_id)
        .where(
            BatchMember.batch_id == batch_id,
            BatchMember.waiting,
            BatchMember.example_id.not_in(taken),
        )
        .order_by(BatchMember.priority, BatchMember.example_id)
        .limit(displaced)
    )
    leaving = or_(leaving, and_(BatchMember.batch_id == batch_id, BatchMember.example_id.in_(last)))
    session.execute(
        update(BatchMember)
        .where(BatchMember.waiting, leaving)
        .values(
            waiting=False,
            left_at=case((mine, None), else_=now),
            left_why=case(
                (mine, ""),
                (BatchMember.batch_id == batch_id, WhyLeft.DRAWN),
                else_=WhyLeft.ELSEWHERE,
            ),
        )
        .execution_options(synchronize_session=False)
    )
