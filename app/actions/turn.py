"""Who asks for an act, and the turn it opens: rights and the project's lock in one step."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam, literal, select
from sqlalchemy.orm import Session

from app.accounts.membership import Member, is_there, member_of, projects_of, require
from app.accounts.people import Who
from app.accounts.turn import By, Turn
from app.datasets.projects import project_named
from app.db.dialects import locked
from app.db.engine import database_now
from app.db.log import (
    LOCK_COLUMNS,
    ProjectLock,
    lock_in_hand,
    lock_project,
    remember_lock,
)
from app.db.prepared import run
from app.db.tables.accounts import Membership
from app.db.tables.datasets import Example, Project
from app.db.tables.review import Batch, Lease
from app.db.words import Role
from app.errors import NotFound
from app.review.books.may import check_in_use


@dataclass(frozen=True, slots=True)
class Caller:
    """A person or program at an edge: in which transaction it asks, when, with which chance."""

    session: Session
    who: Who
    now: datetime
    rng: random.Random

    def in_project(self, project_id: int) -> Member:
        """The caller's part in a project; who has none may not know that it exists."""
        return member_of(self.session, self.who, project_id)


@contextmanager
def at_console(
    session: Session, named: str, *, now: datetime | None = None
) -> Iterator[tuple[ProjectLock, By]]:
    """An act of whoever holds the machine, in a project that is in use: nobody asks who they are.

    The lock is saved at the end, as that of a turn is.
    """
    lock = lock_project(session, project_named(session, named).id)
    check_in_use(lock)  # as it is now that the lock is ours
    yield lock, By.console(now or database_now(session))
    lock.save()


@contextmanager
def turn_at_lease(caller: Caller, token: str) -> Iterator[Turn]:
    """A turn in the project of a lease, whoever holds it."""
    with _saved(_at(caller, _BY_LEASE, token)) as turn:
        yield turn


@contextmanager
def turn_at_batch(caller: Caller, batch_id: int) -> Iterator[Turn]:
    with _saved(_at(caller, _BY_BATCH, batch_id)) as turn:
        yield turn


@contextmanager
def turn_at_example(caller: Caller, example_id: int) -> Iterator[Turn]:
    with _saved(_at(caller, _BY_EXAMPLE, example_id)) as turn:
        yield turn


@contextmanager
def turn_in(caller: Caller, project_id: int, *roles: Role) -> Iterator[Turn]:
    """A turn in a project, for who has one of these roles in it; none named: any role."""
    opened = _at(caller, _BY_PROJECT, project_id)
    if roles:
        require(opened.member, *roles)
    with _saved(opened) as turn:
        yield turn


def project_at(session: Session, who: Who, named: str) -> Project:
    """The project of an address, by its slug or its name; missing and hidden look the same."""
    try:
        return project_named(session, named, among=lambda: _known_to(session, who))
    except NotFound:
        raise NotFound() from None


def _known_to(session: Session, who: Who) -> set[int]:
    return {project.id for project, _ in projects_of(session, who)}


@contextmanager
def turn_by_slug(caller: Caller, slug: str, *roles: Role) -> Iterator[Turn]:
    """`turn_in`, by the name in an address."""
    project = project_at(caller.session, caller.who, slug)
    with turn_in(caller, project.id, *roles) as turn:
        yield turn


@contextmanager
def work_in(caller: Caller, project_id: int, *roles: Role) -> Iterator[Turn]:
    """`turn_in`, for what is not done in a project that was put away."""
    with turn_in(caller, project_id, *roles) as turn:
        check_in_use(turn.lock)
        yield turn


@contextmanager
def work_by_slug(caller: Caller, slug: str, *roles: Role) -> Iterator[Turn]:
    """`work_in`, by the name in an address."""
    with turn_by_slug(caller, slug, *roles) as turn:
        check_in_use(turn.lock)
        yield turn


@contextmanager
def _saved(turn: Turn) -> Iterator[Turn]:
    """What was written down under the lock is stored when the act is done, and only then."""
    yield turn
    turn.lock.save()


@dataclass(frozen=True, slots=True)
class _Locking:
    """The statements that lock a project: for who takes part in it, and for an admin.

    The membership is locked with the project: who waited for the lock while they were removed
    finds, once it is theirs, that they take part no more.
    """

    by_member: Any
    by_admin: Any


def _lock_statement(project: ColumnElement[int]) -> _Locking:
    mine = (
        (Membership.project_id == Project.id)
        & (Membership.person_id == bindparam("me"))
        & Membership.left_at.is_(None)
    )
    here = (Project.id == project) & is_there()
    by_member = select(*LOCK_COLUMNS, Membership.role).join(Membership, mine).where(here)
    lead = literal(Role.LEAD.value).label("role")
    by_admin = select(*LOCK_COLUMNS, lead).where(here)
    return _Locking(locked(by_member, of=(Project, Membership)), locked(by_admin, of=Project))


_named: Any = bindparam("named")
_BY_PROJECT = _lock_statement(_named)
_BY_LEASE = _lock_statement(select(Lease.project_id).where(Lease.token == _named).scalar_subquery())
_BY_BATCH = _lock_statement(select(Batch.project_id).where(Batch.id == _named).scalar_subquery())
_BY_EXAMPLE = _lock_statement(
    select(Example.project_id).where(Example.id == _named).scalar_subquery()
)


def _at(caller: Caller, locking: _Locking, named: str | int) -> Turn:
    """Who the caller is in the project of a lease, batch or example, locking that project."""
    session, who = caller.session, caller.who
    statement = locking.by_admin if who.is_admin else locking.by_member
    row = run(session, statement, {"me": who.id, "named": named}).one_or_none()
    if row is None or who.only_project not in (None, row.id):
        raise NotFound()
    role = Role(row.role)
    member = Member(who.id, who.pseudonym, who.name, who.is_admin, row.id, role)
    heads: Any = row[:-1]
    lock = lock_in_hand(session, row.id) or remember_lock(ProjectLock(session, *heads))
    return Turn(lock, member, caller.now, caller.rng)
