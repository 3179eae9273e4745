"""One-time links: first set-up, invitation, password reset, and sign-in of the demo.

There is no mail server: a link is shown once to the person who made it. A link is used once,
except the demo's sign-in link, which opens as often as wanted until it runs out and only from
the machine itself: it is printed on a console, and whoever reads that console owns the data.

A link gives no more than its maker could give at the moment it is used: `_holds` is asked
whenever a link is looked at, used or listed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, exists, not_, or_, select, update
from sqlalchemy.orm import Session, aliased

from app.accounts.membership import may_reset, roles_to_give, takes_part
from app.accounts.people import anybody, email_key, secret
from app.accounts.sessions import digest
from app.db.tables.accounts import AccessLink, Person
from app.db.words import LinkKind, Role
from app.errors import Forbidden, NotFound

LIFE = {
    LinkKind.SETUP: timedelta(minutes=15),
    LinkKind.INVITE: timedelta(days=7),
    LinkKind.RESET: timedelta(days=1),
    LinkKind.SIGNIN: timedelta(hours=12),
}
_maker, _account = aliased(Person), aliased(Person)


@dataclass(frozen=True, slots=True)
class Grant:
    """What a link gives: an account back, or a role in a project.

    Who gives it is `created_by` (nobody: the console), and as lead of which project
    `project_id` says; outside any only an admin gives something.
    """

    person_id: int | None = None
    project_id: int | None = None
    role: Role | None = None
    email: str | None = None
    created_by: int | None = None


def make_link(
    session: Session, kind: LinkKind, grant: Grant | None = None, *, now: datetime
) -> str:
    """Make a link and return its raw token; only the SHA-256 is kept."""
    given = grant or Grant()
    raw = secret()
    session.add(
        AccessLink(
            kind=kind,
            token_hash=digest(raw),
            person_id=given.person_id,
            project_id=given.project_id,
            role=given.role,
            email=given.email,
            created_by=given.created_by,
            created_at=now,
            expires_at=now + LIFE[kind],
        )
    )
    session.flush()
    return raw


def first_run_token(session: Session, *, now: datetime) -> str | None:
    """The console's token for `/setup`, while nobody has an account; older ones end."""
    if anybody(session):
        return None
    session.execute(
        update(AccessLink)
        .where(AccessLink.kind == LinkKind.SETUP, AccessLink.used_at.is_(None))
        .values(used_at=now)
    )
    return make_link(session, LinkKind.SETUP, now=now)


class EndedLink(NamedTuple):
    """What an ended link was, and of which project."""

    kind: LinkKind
    project_id: int | None


def _unused(now: datetime) -> ColumnElement[bool]:
    return and_(AccessLink.used_at.is_(None), AccessLink.expires_at > now)


def _holds() -> ColumnElement[bool]:
    """Whether the account that a link opens is open, and its maker may still give what it gives.

    An admin may give everything, a lead what leads may give in their project. The console's links
    have no maker to ask.
    """
    opens = AccessLink.person_id
    closed = exists().where(_account.id == opens, _account.disabled_at.is_not(None))
    as_lead = and_(
        takes_part(AccessLink.created_by, AccessLink.project_id, Role.LEAD),
        or_(AccessLink.role.is_(None), AccessLink.role.in_(roles_to_give(Role.LEAD))),
        or_(opens.is_(None), may_reset(AccessLink.created_by, AccessLink.project_id, opens)),
    )
    maker_may = exists().where(
        _maker.id == AccessLink.created_by,
        _maker.disabled_at.is_(None),
        or_(_maker.is_admin, as_lead),
    )
    return and_(
        not_(closed.correlate_except(_account)),
        or_(AccessLink.created_by.is_(None), maker_may.correlate_except(_maker)),
    )


def link_of(session: Session, kind: LinkKind, raw: str, *, now: datetime) -> AccessLink:
    """The live link of this kind, or nothing at all."""
    query = select(AccessLink).where(
        AccessLink.token_hash == digest(raw), AccessLink.kind == kind, _unused(now), _holds()
    )
    link = session.execute(query).scalar_one_or_none()
    if link is None:
        raise NotFound(
            "This link has been used or has run out.",
            next_step="Ask the person who sent it for a new one.",
            code="link_gone",
        )
    return link


def use_link(session: Session, kind: LinkKind, raw: str, *, now: datetime) -> AccessLink:
    """Take the link; of two who try at once, one gets it."""
    link = link_of(session, kind, raw, now=now)
    if kind is LinkKind.SIGNIN:
        return link
    taken = session.execute(
        update(AccessLink)
        .where(AccessLink.id == link.id, AccessLink.used_at.is_(None))
        .values(used_at=now)
        .returning(AccessLink.id)
        .execution_options(synchronize_session=False)
    ).first()
    if taken is None:
        raise NotFound("This link has just been used.", code="link_gone")
    return link


def check_invited(link: AccessLink, email: str) -> None:
    """An invitation that names an address is for an account with that address.

    Whoever has the link may read the address: its own form shows it. It tells nothing else, such
    as whether there is an account with either address.
    """
    if link.email is not None and email_key(link.email) != email_key(email):
        raise Forbidden(
            f"This invitation is for {link.email}.",
            next_step="Use an account with that address, or ask for an invitation to yours.",
            code="invited_another",
        )


def open_invites(session: Session, project_id: int, *, now: datetime) -> list[AccessLink]:
    query = (
        select(AccessLink)
        .where(
            AccessLink.kind == LinkKind.INVITE,
            AccessLink.project_id == project_id,
            _unused(now),
            _holds(),
        )
        .order_by(AccessLink.id)
    )
    return list(session.execute(query).scalars())


def withdraw(session: Session, project_id: int, link_id: int, *, now: datetime) -> None:
    """End an invitation that nobody has used yet."""
    link = session.get(AccessLink, link_id)
    open_here = (LinkKind.INVITE, project_id, None)
    if link is None or (link.kind, link.project_id, link.used_at) != open_here:
        raise NotFound()
    link.used_at = now


def end_lost_links(session: Session, person_id: int, *, now: datetime) -> list[EndedLink]:
    """End links by or for somebody that hold no longer, once what they may do has changed.

    They would not be found anyway; ended, they do not come back with the right.
    """
    theirs = or_(AccessLink.created_by == person_id, AccessLink.person_id == person_id)
    return _end(session, and_(theirs, not_(_holds())), now=now)


def end_links_to(session: Session, person_id: int, *, now: datetime) -> list[EndedLink]:
    """End every link that opens somebody's account."""
    return _end(session, AccessLink.person_id == person_id, now=now)


def _end(session: Session, which: ColumnElement[bool], *, now: datetime) -> list[EndedLink]:
    ended = session.execute(
        update(AccessLink)
        .where(_unused(now), which)
        .values(used_at=now)
        .returning(AccessLink.kind, AccessLink.project_id)
        .execution_options(synchronize_session=False)
    )
    return [EndedLink(*row) for row in ended]
