"""Reads that nobody who takes part may give: they go to the leads, as soon as they arise."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import bindparam, exists, not_, select, update

from app.db.log import ProjectLock
from app.db.tables.datasets import Example
from app.db.tables.review import Lease, ReadDue
from app.db.words import Due, Question, Status, WhyDone
from app.review.books.may import somebody_may_give
from app.review.books.questions import ask_leads

MAY_BE_LEFT_OUT = (Due.COIN, Due.UNTIL_SURE, Due.THIRD, Due.RECHECK)
"""Reads that measure: what is decided stays so without them."""


def list_stuck(lock: ProjectLock, *, now: datetime, examples: Sequence[int] | None = None) -> int:
    """Give reads that nobody may give to the leads; returns how many. Of these examples, or all."""
    session = lock.session
    asked: dict[str, object] = {"project": lock.project_id}
    if examples is not None:
        asked["examples"] = list(examples)
    stuck = session.execute(_stuck(examples is not None), asked).all()
    left_out = [due.id for due in stuck if _only_measures(due.reason, due.status)]
    for due in stuck:
        if not _only_measures(due.reason, due.status):
            ask_leads(lock, due.example_id, Question.STUCK, now=now, seq=due.created_by_seq)
    if left_out:
        session.execute(
            update(ReadDue)
            .where(ReadDue.id.in_(left_out))
            .values(done_at=now, done_why=WhyDone.NO_READER)
            .execution_options(synchronize_session=False)
        )
    session.flush()
    return len(stuck)


@cache
def _stuck(named: bool) -> Any:
    """Open reads that nobody holds and nobody may give; of named examples, or of the project."""
    in_hand = exists().where(Lease.example_id == ReadDue.example_id, Lease.ended_at.is_(None))
    query = (
        select(
            ReadDue.id, ReadDue.example_id, ReadDue.reason, ReadDue.created_by_seq, Example.status
        )
        .join(Example, Example.id == ReadDue.example_id)
        .where(
            ReadDue.project_id == bindparam("project"),
            ReadDue.done_at.is_(None),
            not_(in_hand),
            not_(somebody_may_give()),
        )
    )
    if named:
        query = query.where(ReadDue.example_id.in_(bindparam("examples", expanding=True)))
    return query.order_by(ReadDue.id)


def _only_measures(reason: Due, status: Status) -> bool:
    """No label waits for it. A second read that was asked for beforehand confirms as well."""
    return reason in MAY_BE_LEFT_OUT and status is not Status.PENDING
