"""Who may read which example."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ScalarSelect, select
from sqlalchemy.orm import Session

from app.accounts.membership import Member
from app.accounts.people import Who
from app.db.dialects import locked
from app.db.log import LOCK_COLUMNS, ProjectLock
from app.db.tables.accounts import Membership, Person
from app.db.tables.datasets import Example, Project, Source
from app.db.tables.review import Batch, BatchPerson, Lease
from app.db.words import Role
from app.errors import NotFound


def leads(member: Member) -> bool:
    return bool(member.is_admin) or member.role is Role.LEAD


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


def lock_for(session: Session, person: Who, place: ScalarSelect[int]) -> tuple[Member, ProjectLock]:
    """Who this person is in the project of a lease, batch or example, holding that project."""
    mine = (
        (Membership.project_id == Project.id)
        & (Membership.person_id == person.id)
        & Membership.left_at.is_(None)
    )
    row = session.execute(
        locked(
            select(*LOCK_COLUMNS, Membership.role).outerjoin(Membership, mine), of=Project
        ).where(Project.id == place)
    ).one_or_none()
    if row is None:
        raise NotFound()
    role = Role.LEAD if person.is_admin else row.role
    if role is None or person.only_project not in (None, row.id):
        raise NotFound()
    member = Member(person.id, person.pseudonym, person.name, person.is_admin, row.id, role)
    head: Any = row[:-1]
    return member, ProjectLock(session, *head)


def of_lease(token: str) -> ScalarSelect[int]:
    return select(Lease.project_id).where(Lease.token == token).scalar_subquery()


def of_batch(batch_id: int) -> ScalarSelect[int]:
    return select(Batch.project_id).where(Batch.id == batch_id).scalar_subquery()


def of_example(example_id: int) -> ScalarSelect[int]:
    return select(Example.project_id).where(Example.id == example_id).scalar_subquery()
