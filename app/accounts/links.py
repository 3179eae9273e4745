"""One-time links: first set-up, invitation, password reset, and sign-in of the demo.

There is no mail server: a link is shown once to the person who made it. A link is used once,
except the demo's sign-in link, which opens as often as wanted until it runs out and only from
the machine itself: it is printed on a console, and whoever reads that console owns the data.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.accounts.people import anybody, secret
from app.accounts.sessions import digest
from app.db.tables.accounts import AccessLink
from app.db.words import LinkKind, Role
from app.errors import NotFound

LIFE = {
    LinkKind.SETUP: timedelta(minutes=15),
    LinkKind.INVITE: timedelta(days=7),
    LinkKind.RESET: timedelta(days=1),
    LinkKind.SIGNIN: timedelta(hours=12),
}


@dataclass(frozen=True, slots=True)
class Grant:
    """What a link gives: an account back, or a role in a project."""

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


def link_of(session: Session, kind: LinkKind, raw: str, *, now: datetime) -> AccessLink:
    """The live link of this kind, or nothing at all."""
    query = select(AccessLink).where(
        AccessLink.token_hash == digest(raw),
        AccessLink.kind == kind,
        AccessLink.used_at.is_(None),
        AccessLink.expires_at > now,
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


def open_invites(session: Session, project_id: int, *, now: datetime) -> list[AccessLink]:
    query = (
        select(AccessLink)
        .where(
            AccessLink.kind == LinkKind.INVITE,
            AccessLink.project_id == project_id,
            AccessLink.used_at.is_(None),
            AccessLink.expires_at > now,
        )
        .order_by(AccessLink.id)
    )
    return list(session.execute(query).scalars())


def withdraw(session: Session, project_id: int, link_id: int, *, now: datetime) -> None:
    """End an invitation that nobody has used yet."""
    link = session.get(AccessLink, link_id)
    if link is None or link.project_id != project_id or link.used_at is not None:
        raise NotFound()
    link.used_at = now
