"""Giving up reads: who leaves, loses a role or is locked out keeps nothing that others wait for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, literal, not_, or_, select, true, union
from sqlalchemy.orm import Session

from app.accounts.membership import takes_part
from app.db.log import ProjectLock
from app.db.tables.accounts import Membership, Person
from app.db.tables.review import Batch, Lease, ReadDue
from app.db.words import Role, WhyEnded
from app.review.books.leases import give_back, live_leases
from app.review.books.may import gave_its_label, is_asked, reads_of
from app.review.books.stuck import list_stuck


def give_up(lock: ProjectLock, person_id: int, *, why: WhyEnded, now: datetime) -> int:
    """Give back what a person holds and may no longer read; how many leases that were.

    What they may read follows from what stands in the database now: write that down first. Reads
    that nobody else may give go to the leads at once, not when somebody's claim comes back empty.
    """
    barred = _barred(_role_now(lock, person_id), person_id)
    ended = _give_back(lock, [Lease.person_id == person_id, barred], why, now)
    list_stuck(lock, now=now)
    return ended


def give_up_batch(lock: ProjectLock, batch_id: int, *, now: datetime) -> int:
    """Give back what people hold of a batch that is not for them any more."""
    held_by = Lease.person_id
    admin = exists().where(Person.id == held_by, Person.is_admin)
    leads = or_(admin, takes_part(held_by, literal(lock.project_id), Role.LEAD))
    asked = exists().where(Batch.id == batch_id, is_asked(held_by)).correlate(Lease)
    which = [Lease.batch_id == batch_id, not_(asked), not_(leads)]
    ended = _give_back(lock, which, WhyEnded.LEFT_BATCH, now)
    list_stuck(lock, now=now)
    return ended


def give_up_all(lock: ProjectLock, *, why: WhyEnded, now: datetime) -> int:
    """Give back every lease of the project; what is owed stays so for when it is in use again."""
    return _give_back(lock, [], why, now)


def reads_in(session: Session, person_id: int) -> list[int]:
    """Projects where this person takes part or holds something, in the order to lock them."""
    member = select(Membership.project_id).where(
        Membership.person_id == person_id, Membership.left_at.is_(None)
    )
    holds = select(Lease.project_id).where(Lease.person_id == person_id, Lease.ended_at.is_(None))
    return sorted(session.scalars(union(member, holds)))


def _role_now(lock: ProjectLock, person_id: int) -> Role | None:
    """What the person is here from now on; nothing for who takes no part or is locked out."""
    mine = and_(
        Membership.person_id == Person.id,
        Membership.project_id == lock.project_id,
        Membership.left_at.is_(None),
    )
    row = lock.session.execute(
        select(Person.is_admin, Membership.role)
        .outerjoin(Membership, mine)
        .where(Person.id == person_id, Person.disabled_at.is_(None))
    ).one_or_none()
    if row is None:
        return None
    return Role.LEAD if row.is_admin else row.role


def _barred(role: Role | None, person_id: int) -> ColumnElement[bool]:
    """Leases of reads that are not for this role, or of batches that were for leads or others.

    A lead may read all but what no role opens: labels they gave themselves.
    """
    own = gave_its_label(Lease.example_id, literal(person_id))
    if role is None:
        return true()
    if role is Role.LEAD:
        return own
    for_others = exists().where(
        ReadDue.id == Lease.read_due_id, ReadDue.for_role.not_in(reads_of(role))
    )
    asked = is_asked(literal(person_id))
    hidden = exists().where(Batch.id == Lease.batch_id, not_(asked))
    return or_(for_others, hidden, own)


def _give_back(
    lock: ProjectLock, which: Sequence[ColumnElement[bool]], why: WhyEnded, now: datetime
) -> int:
    leases = live_leases(lock, *which)
    give_back(lock, leases, why=why, now=now)
    return len(leases)
