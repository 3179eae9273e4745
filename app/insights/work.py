"""How the reading goes: what is open, how much is read a day, and how long the rest will take."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from app.audit.stands import is_look
from app.db.tables.accounts import Person
from app.db.tables.audit import Serve
from app.db.tables.datasets import Example
from app.db.tables.review import Batch, Decision, ReadDue
from app.db.words import BatchState, Status
from app.insights.batch_outlook import FEWEST_ANSWERS
from app.insights.batches import BatchRow
from app.review.books.dues import READ_OF_DUE, SECOND_READS

DAYS = 7
"""Answers of so many days tell the pace."""

LOOKED_AT = 5_000
"""Of more answers only the last so many: a busy team's pace is told by a shorter time."""

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Part:
    """What one person answered; says nothing of how well."""

    name: str
    answers: int


@dataclass(frozen=True, slots=True)
class Work:
    """`days` is the time since the first of the answers, at least one."""

    batches: int  # that are open
    unread: int  # first reads that these still ask for
    second_reads: int  # that are owed
    put_aside: int  # reads that are owed for another reason
    answers: int
    days: float
    parts: tuple[Part, ...]
    fewest: int = FEWEST_ANSWERS

    @property
    def left(self) -> int:
        return self.unread + self.second_reads + self.put_aside

    @property
    def since(self) -> str:
        """Which answers are counted."""
        busy = self.answers >= LOOKED_AT
        return f"the last {LOOKED_AT:,} answers" if busy else f"last {DAYS} days"

    @property
    def enough(self) -> bool:
        """A pace needs some answers, and more than one day."""
        return self.answers >= FEWEST_ANSWERS and self.days > 1.0

    @property
    def a_day(self) -> float:
        return self.answers / self.days

    @property
    def days_left(self) -> int | None:
        """Whole days that what is left will take; none where nobody can say."""
        return max(1, math.ceil(self.left / self.a_day)) if self.enough and self.left else None


def work(session: Session, project_id: int, batches: Sequence[BatchRow], *, now: datetime) -> Work:
    """Two statements, whatever was answered; batches come as they are listed."""
    running = [row for row in batches if row.batch.state is BatchState.OPEN]
    second, others = _owed(session, project_id)
    parts, first = _parts(session, project_id, now=now)
    return Work(
        batches=len(running),
        unread=sum(row.batch.size - row.done for row in running),
        second_reads=second,
        put_aside=others,
        answers=sum(part.answers for part in parts),
        days=max(1.0, (now - first) / _DAY) if first is not None else 1.0,
        parts=parts,
    )


def _owed(session: Session, project_id: int) -> tuple[int, int]:
    """Second reads that are owed, and other ones.

    A first read that was put aside in an open batch is one that the batch still asks for.
    """
    asked = exists().where(
        Serve.example_id == ReadDue.example_id,
        Batch.id == Serve.batch_id,
        Batch.state == BatchState.OPEN,
    )
    unread = exists().where(Example.id == ReadDue.example_id, Example.status == Status.UNREVIEWED)
    rows = session.execute(
        select(ReadDue.reason, func.count(), func.count().filter(unread, asked))
        .where(ReadDue.project_id == project_id, ReadDue.done_at.is_(None))
        .group_by(ReadDue.reason)
    )
    second, others = 0, 0
    for reason, owed, first in rows:
        if READ_OF_DUE.get(reason) in SECOND_READS:
            second += owed
        else:
            others += owed - first
    return second, others


def _parts(
    session: Session, project_id: int, *, now: datetime
) -> tuple[tuple[Part, ...], datetime | None]:
    """Answers a person, by name, and when the first of them was given."""
    last = (
        select(Decision.person_id, Decision.at)
        .where(Decision.project_id == project_id, Decision.adjudicates.is_(False), is_look())
        .order_by(Decision.seq.desc())
        .limit(LOOKED_AT)
        .subquery()
    )
    rows = session.execute(
        select(Person.id, Person.name, func.count(), func.min(last.c.at))
        .join(last, last.c.person_id == Person.id)
        .where(last.c.at > now - DAYS * _DAY)
        .group_by(Person.id, Person.name)
        .order_by(Person.name, Person.id)
    ).all()
    parts = tuple(Part(name, count) for _, name, count, _ in rows)
    return parts, min((first for *_, first in rows), default=None)
