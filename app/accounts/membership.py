"""Who may do what where: roles in a project. Admins act as lead in every project."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol, TypeAlias

from sqlalchemy import ColumnElement, SQLColumnExpression, and_, exists, literal, not_, or_, select
from sqlalchemy.orm import Session, aliased

from app.accounts.activity import Act, ActivityKind, record
from app.accounts.people import Who
from app.db.tables.accounts import Membership, Person
from app.db.tables.datasets import Project
from app.db.words import Role
from app.errors import Conflict, Forbidden, NotFound

LEVEL = {Role.REVIEWER: 0, Role.EXPERT: 1, Role.LEAD: 2}  # who is higher may all that lower may
EVERY_ROLE = (Role.REVIEWER, Role.EXPERT, Role.LEAD)

AnId: TypeAlias = SQLColumnExpression[int] | SQLColumnExpression[int | None]
"""An id in a statement: a column, or a value."""

# Once: of an alias made anew, SQLAlchemy makes all columns anew.
_part, _any_part, _account = aliased(Membership), aliased(Membership), aliased(Person)


class Known(Protocol):
    """A `Person`, or a `Who`."""

    @property
    def id(self) -> int: ...
    @property
    def pseudonym(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def is_admin(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Member:
    """A person in a project. `role` is what holds here: lead for an admin."""

    person_id: int
    pseudonym: str
    name: str
    is_admin: bool
    project_id: int
    role: Role | None

    @property
    def leads(self) -> bool:
        return self.is_admin or self.role is Role.LEAD


class Part(NamedTuple):
    """Somebody who takes part, for the list of a project's people."""

    person: Person
    role: Role
    joined_at: datetime


def is_there() -> ColumnElement[bool]:
    """Of a `Project`: it was not deleted. One that was is hidden from everybody, at every door."""
    return Project.deleted_at.is_(None)


def _within_scope(person: Known, project_id: int) -> bool:
    scope = person.only_project if isinstance(person, Who) else None
    return scope is None or scope == project_id


def member_of(session: Session, person: Known, project_id: int) -> Member:
    """The person's part in this project; who has none may not know that it exists.

    Asked anew, not taken from the request: an account may have been closed since it came in.
    """
    if not _within_scope(person, project_id):
        raise NotFound()
    query = (
        select(Person.is_admin, Membership.role)
        .select_from(Project)
        .join(Person, (Person.id == person.id) & Person.disabled_at.is_(None))
        .outerjoin(
            Membership,
            (Membership.project_id == Project.id)
            & (Membership.person_id == person.id)
            & Membership.left_at.is_(None),
        )
        .where(Project.id == project_id, is_there())
    )
    row = session.execute(query).one_or_none()
    if row is None:
        raise NotFound()
    role: Role | None = Role.LEAD if row.is_admin else row.role
    if role is None:
        raise NotFound()
    return Member(person.id, person.pseudonym, person.name, row.is_admin, project_id, role)


def require(member: Member, *roles: Role) -> Member:
    """Go on only in one of these roles; admins always may."""
    if not member.is_admin and member.role not in roles:
        raise NotFound()
    return member


def require_admin(who: Who) -> Who:
    """Go on only as an admin; a token bound to one project does not speak for one."""
    if not who.is_admin or who.only_project is not None:
        raise NotFound()
    return who


def projects_of(session: Session, person: Known) -> list[tuple[Project, Role]]:
    """Projects a person takes part in, with the role there; all of them for an admin."""
    query = select(Project, Membership.role).outerjoin(
        Membership,
        (Membership.project_id == Project.id)
        & (Membership.person_id == person.id)
        & Membership.left_at.is_(None),
    )
    query = query.where(is_there())
    if not person.is_admin:
        query = query.where(Membership.role.is_not(None))
    rows = session.execute(query.order_by(Project.name, Project.id)).all()
    return [
        (project, Role.LEAD if person.is_admin else role)
        for project, role in rows
        if _within_scope(person, project.id)
    ]


def may_create(session: Session, person: Known) -> bool:
    """Admins and those who lead a project may start another; not a token bound to one."""
    if isinstance(person, Who) and person.only_project is not None:
        return False
    return person.is_admin or leads_something(session, person.id)


def leads_something(session: Session, person_id: int) -> bool:
    query = select(Membership.project_id).where(
        Membership.person_id == person_id,
        Membership.role == Role.LEAD,
        Membership.left_at.is_(None),
    )
    return session.execute(query.limit(1)).first() is not None


def members_of(session: Session, project_id: int) -> list[Part]:
    query = (
        select(Person, Membership.role, Membership.joined_at)
        .join(Membership, Membership.person_id == Person.id)
        .where(Membership.project_id == project_id, Membership.left_at.is_(None))
        .order_by(Person.name, Person.id)
    )
    return [Part(*row) for row in session.execute(query)]


def join(session: Session, project_id: int, person_id: int, role: Role, *, now: datetime) -> None:
    """Take part, or take part again; never lower the role of one who is there."""
    there = session.get(Membership, (project_id, person_id))
    if there is None:
        session.add(
            Membership(project_id=project_id, person_id=person_id, role=role, joined_at=now)
        )
    elif there.left_at is not None:
        there.left_at, there.role, there.joined_at = None, role, now
    elif LEVEL[there.role] < LEVEL[role]:
        there.role = role
    session.flush()
    record(session, Act(ActivityKind.JOINED, person_id, project_id, {"role": role.value}), now=now)


def role_of(session: Session, project_id: int, person_id: int) -> Role | None:
    """The role somebody was given in a project; None for who takes no part."""
    part = session.get(Membership, (project_id, person_id))
    return None if part is None or part.left_at is not None else part.role


def _there(session: Session, project_id: int, person_id: int) -> Membership:
    part = session.get(Membership, (project_id, person_id))
    if part is None or part.left_at is not None:
        raise NotFound()
    return part


def roles_to_give(own: Role) -> tuple[Role, ...]:
    """Nobody gives a role above their own."""
    return tuple(role for role in EVERY_ROLE if LEVEL[role] <= LEVEL[own])


def check_may_give(member: Member, role: Role) -> None:
    own = Role.LEAD if member.is_admin else member.role
    if own is None or role not in roles_to_give(own):
        raise Forbidden("You cannot give a role above your own.", code="role_above_own")


def person_in(session: Session, project_id: int, person_id: int) -> Person:
    """A person who takes part in this very project."""
    _there(session, project_id, person_id)
    return session.get_one(Person, person_id)


def change_role(session: Session, member: Member, person_id: int, role: Role) -> Role:
    """A lead changes what another may do here; one lead always stays. Returns the role before."""
    require(member, Role.LEAD)
    check_may_give(member, role)
    part = _there(session, member.project_id, person_id)
    if part.role is Role.LEAD and role is not Role.LEAD:
        _keep_one_lead(session, member, without=person_id)
    before, part.role = part.role, role
    session.flush()
    return before


def remove_member(session: Session, member: Member, person_id: int, *, now: datetime) -> None:
    """End a membership; the person's answers stay."""
    require(member, Role.LEAD)
    part = _there(session, member.project_id, person_id)
    if part.role is Role.LEAD:
        _keep_one_lead(session, member, without=person_id)
    part.left_at = now
    session.flush()


def _keep_one_lead(session: Session, member: Member, *, without: int) -> None:
    """Somebody else leads, with an account that is open: a closed one leads nothing."""
    others = exists().where(
        Membership.project_id == member.project_id,
        Membership.role == Role.LEAD,
        Membership.person_id != without,
        is_active(),
    )
    if not member.is_admin and not session.scalar(select(others)):
        raise Conflict(
            "This is the last lead of the project.",
            next_step="Make another person lead first.",
            code="last_lead",
        )


def is_active() -> ColumnElement[bool]:
    """Of a `Membership` beside its `Person`: not left, and with an open account."""
    return and_(
        Membership.left_at.is_(None),
        Person.id == Membership.person_id,
        Person.disabled_at.is_(None),
    )


def takes_part(person: AnId, project: AnId, *roles: Role) -> ColumnElement[bool]:
    """Whether somebody is a member of a project, in one of these roles; none named: in any."""
    there = exists().where(
        _part.person_id == person,
        _part.project_id == project,
        _part.role.in_(roles or EVERY_ROLE),
        _part.left_at.is_(None),
    )
    return there.correlate_except(_part)


def may_reset(lead: AnId, project: AnId, person: AnId) -> ColumnElement[bool]:
    """Whether a lead of a project may replace the password of somebody in it (admins always may).

    Not of those whose account opens more than the lead has: they are admin, lead, or work
    elsewhere too.
    """
    admin = exists().where(_account.id == person, _account.is_admin).correlate_except(_account)
    beyond = exists().where(
        _any_part.person_id == person,
        _any_part.left_at.is_(None),
        or_(_any_part.role == Role.LEAD, not_(takes_part(lead, _any_part.project_id, Role.LEAD))),
    )
    own_or_within = or_(person == lead, not_(or_(admin, beyond.correlate_except(_any_part))))
    return and_(takes_part(lead, project, Role.LEAD), takes_part(person, project), own_or_within)


def out_of_reach(session: Session, member: Member) -> set[int]:
    """People of the project whose password a lead here may not replace."""
    if member.is_admin:
        return set()
    mine, here = literal(member.person_id), literal(member.project_id)
    query = select(Membership.person_id).where(
        Membership.project_id == member.project_id,
        Membership.left_at.is_(None),
        not_(may_reset(mine, here, Membership.person_id)),
    )
    return set(session.scalars(query))
