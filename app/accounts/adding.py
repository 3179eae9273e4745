"""Adding somebody who has an account here to a project, by name and without an invitation."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import exists, literal, not_, select
from sqlalchemy.orm import Session, aliased

from app.accounts.membership import (
    Member,
    check_may_give,
    is_there,
    join,
    require,
    role_of,
    takes_part,
)
from app.db.tables.accounts import Membership, Person
from app.db.tables.datasets import Project
from app.db.words import Role
from app.errors import Conflict, NotFound


class Addable(NamedTuple):
    """Somebody of this site who takes no part here: by name alone, no address."""

    id: int
    name: str


def addable(session: Session, member: Member) -> list[Addable]:
    """Whom a lead may add without an invitation, by name.

    An admin may add everybody, a lead those who take part with them in another project: of all
    others a lead may not know that they exist. Not who is here already, nor a closed account.
    """
    mine, theirs = aliased(Membership), aliased(Membership)
    shared = (
        exists()
        .where(
            theirs.person_id == Person.id,
            theirs.left_at.is_(None),
            mine.project_id == theirs.project_id,
            mine.person_id == member.person_id,
            mine.left_at.is_(None),
            Project.id == mine.project_id,
            is_there(),
        )
        .correlate(Person)
    )
    query = (
        select(Person.id, Person.name)
        .where(
            Person.disabled_at.is_(None), not_(takes_part(Person.id, literal(member.project_id)))
        )
        .order_by(Person.name, Person.id)
    )
    if not member.is_admin:
        query = query.where(shared)
    return [Addable(*row) for row in session.execute(query)]


def add_member(
    session: Session, member: Member, person_id: int, role: Role, *, now: datetime
) -> None:
    """A lead takes somebody of this site in; they need no invitation."""
    require(member, Role.LEAD)
    check_may_give(member, role)
    if role_of(session, member.project_id, person_id) is not None:
        raise Conflict(
            "This person takes part already.",
            next_step="Change their role in the list of members.",
            code="takes_part",
        )
    if person_id not in {one.id for one in addable(session, member)}:
        raise NotFound()
    join(session, member.project_id, person_id, role, now=now)
