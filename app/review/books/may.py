"""Who may read which example."""

from __future__ import annotations

from enum import Enum
from typing import Any

from sqlalchemy import ScalarSelect, bindparam, select
from sqlalchemy.orm import Session

from app.accounts.membership import LEVEL, Member
from app.accounts.people import Who
from app.db.dialects import locked
from app.db.log import LOCK_COLUMNS, ProjectLock, lock_in_hand, remember_lock
from app.db.prepared import run
from app.db.tables.accounts import Membership, Person
from app.db.tables.datasets import Example, Project, Source
from app.db.tables.review import Batch, BatchPerson, Lease
from app.db.words import Role
from app.errors import NotFound


def leads(member: Member) -> bool:
    return bool(member.is_admin) or member.role is Role.LEAD


def reads_of(role: Role) -> tuple[str, ...]:
    """Whose reads a role may give, as `read_due.for_role` names them: its own and lower ones."""
    return tuple(name for name, least in _LEAST.items() if LEVEL[role] >= LEVEL[least])


_LEAST = {"": Role.REVIEWER, Role.EXPERT.value: Role.EXPERT, Role.LEAD.value: Role.LEAD}


def handles_expert(member: Member) -> bool:
    """Experts read what was sent to them; leads where there is no expert."""
    return member.role is Role.EXPERT


def readable_batch(session: Session, member: Member, batch_id: int) -> Batch:
    """The batch, if this person is asked to read it; leads may read every batch of theirs."""
    batch = session.scalars(
        select(Batch).where(Batch.id == batch_id, Batch.project_id == member.project_id)
    ).one_or_none()
    if batch is None:
        raise NotFound()
    if batch.everyone or leads(member):
        return batch
    asked = session.get(BatchPerson, (batch_id, member.person_id))
    if asked is None:
        raise NotFound()
    return batch


def barred_sources(session: Session, project_id: int, person_id: int) -> frozenset[int]:
    """Sources that are this person: nobody judges labels they gave."""
    found = session.scalars(
        select(Source.id).where(Source.project_id == project_id, Source.person_id == person_id)
    )
    return frozenset(found)


def active_people(session: Session, project_id: int) -> dict[int, Role]:
    """Everyone who is asked to read in this project now, and as what."""
    rows = session.execute(
        select(Membership.person_id, Membership.role)
        .join(Person, Person.id == Membership.person_id)
        .where(
            Membership.project_id == project_id,
            Membership.left_at.is_(None),
            Person.disabled_at.is_(None),
        )
    )
    return dict(rows.all())


class Place(Enum):
    """What an address names: the project follows from it."""

    LEASE = "lease"
    BATCH = "batch"
    EXAMPLE = "example"


def _lock_statement(project: ScalarSelect[int]) -> Any:
    mine = (
        (Membership.project_id == Project.id)
        & (Membership.person_id == bindparam("me"))
        & Membership.left_at.is_(None)
    )
    columns = select(*LOCK_COLUMNS, Membership.role).outerjoin(Membership, mine)
    return locked(columns, of=Project).where(Project.id == project)


_named: Any = bindparam("named")
_LOCK = {
    Place.LEASE: _lock_statement(
        select(Lease.project_id).where(Lease.token == _named).scalar_subquery()
    ),
    Place.BATCH: _lock_statement(
        select(Batch.project_id).where(Batch.id == _named).scalar_subquery()
    ),
    Place.EXAMPLE: _lock_statement(
        select(Example.project_id).where(Example.id == _named).scalar_subquery()
    ),
}


def lock_for(
    session: Session, person: Who, place: Place, named: str | int
) -> tuple[Member, ProjectLock]:
    """Who this person is in the project of a lease, batch or example, holding that project."""
    row = run(session, _LOCK[place], {"me": person.id, "named": named}).one_or_none()
    if row is None:
        raise NotFound()
    role = Role.LEAD if person.is_admin else row.role
    if role is None or person.only_project not in (None, row.id):
        raise NotFound()
    member = Member(person.id, person.pseudonym, person.name, person.is_admin, row.id, role)
    head: Any = row[:-1]
    lock = lock_in_hand(session, row.id) or remember_lock(ProjectLock(session, *head))
    return member, lock
