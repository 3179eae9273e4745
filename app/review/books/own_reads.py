"""What a lead may still read: until they have, nobody tells them why it was handed out.

Who knows that an example was drawn at random, or was not, reads it with other eyes, and the audit
counts on reads that do not. Leads read like everybody, and see every list.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, func, literal, or_, select
from sqlalchemy.orm import Session

from app.db.tables.audit import Serve
from app.db.tables.datasets import Example, Project
from app.db.tables.review import Lease
from app.db.words import UNDECIDED
from app.review.books.may import may_read


def is_still_theirs(person_id: int) -> ColumnElement[bool]:
    """Whether this person holds an `Example`, or may read it while no final label stands."""
    holds = exists().where(
        Lease.example_id == Example.id, Lease.person_id == person_id, Lease.ended_at.is_(None)
    )
    awaits = and_(Example.status.in_(UNDECIDED), may_read(Example.id, literal(person_id)))
    return or_(holds.correlate(Example), awaits)


def first_in_hand(
    session: Session, project: Project, person_id: int, *, now: datetime
) -> int | None:
    """The earliest serve of an undecided example that this person holds; None if they hold none.

    What is told of the checks up to there cannot say which of their cards is one.
    """
    return session.scalar(
        select(func.min(Serve.serve_seq))
        .join(Lease, Lease.example_id == Serve.example_id)
        .join(Example, Example.id == Serve.example_id)
        .where(
            Example.status.in_(UNDECIDED),
            Lease.person_id == person_id,
            Lease.project_id == project.id,
            Lease.ended_at.is_(None),
            Lease.expires_at > now,
            Serve.epoch_id == project.epoch_id,
        )
    )
