"""What a lead may still read: until they have, nobody tells them why it was handed out.

Who knows that an example was drawn at random, or was not, reads it with other eyes, and the audit
counts on reads that do not. Leads read like everybody, and see every list.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, exists, literal, or_

from app.db.tables.datasets import Example
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
