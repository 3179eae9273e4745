"""What must never be: an example that waits for nobody, and a read by who may not give it.

Asked by `relabel doctor`, and after every step of the simulation and of the chaos bench.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, not_, or_, select
from sqlalchemy.orm import Session

from app.audit.stands import is_independent, since_reopening, stands
from app.db.tables.audit import Serve
from app.db.tables.datasets import Example
from app.db.tables.review import Decision, Disagreement, Lease, ReadDue
from app.db.words import UNDECIDED, ReadReason
from app.review.books.may import gave_its_label, may_read, somebody_may_give

FIRST = (ReadReason.FIRST, ReadReason.EXPERT)


_project: Any = bindparam("project")


def forgotten(session: Session, project_id: int) -> list[int]:
    """Served and undecided, and nobody holds it for a first read, owes it or is asked about it."""
    return list(session.scalars(_forgotten(), {"project": project_id}))


@cache
def _forgotten() -> Select[int]:
    about = Example.id
    held = exists().where(
        Lease.example_id == about, Lease.ended_at.is_(None), Lease.read_reason.in_(FIRST)
    )
    due = exists().where(ReadDue.example_id == about, ReadDue.done_at.is_(None), _given_some_day())
    asked = exists().where(Disagreement.example_id == about, Disagreement.settled_at.is_(None))
    return (
        select(Example.id)
        .where(
            Example.project_id == _project,
            Example.status.in_(UNDECIDED),
            exists().where(Serve.example_id == about),
            not_(held),
            not_(due.correlate(Example)),
            not_(asked),
        )
        .order_by(Example.id)
    )


def _given_some_day() -> ColumnElement[bool]:
    """Somebody holds it for this read, or may be handed it."""
    in_hand = exists().where(Lease.read_due_id == ReadDue.id, Lease.ended_at.is_(None))
    return or_(in_hand.correlate(ReadDue), somebody_may_give())


def misread(session: Session, project_id: int) -> list[int]:
    """Numbers of answers that count though their giver had read the example before, or labelled it.

    Answers written before reads were held apart are among them; every measure leaves them out.
    """
    return list(session.scalars(_misread(), {"project": project_id}))


@cache
def _misread() -> Select[int]:
    counts = and_(
        Decision.project_id == _project,
        not_(Decision.adjudicates),
        Decision.read_reason != ReadReason.LATE,
        stands(),
        since_reopening(),
    )
    barred = or_(not_(is_independent()), gave_its_label(Decision.example_id, Decision.person_id))
    return select(Decision.seq).where(counts, barred).order_by(Decision.seq)


def misled(session: Session, project_id: int) -> list[str]:
    """Leases of people who may not read what they hold."""
    return list(session.scalars(_misled(), {"project": project_id}))


@cache
def _misled() -> Select[str]:
    may = may_read(Lease.example_id, Lease.person_id)
    live = Lease.project_id == _project, Lease.ended_at.is_(None)
    return select(Lease.token).where(*live, not_(may))
