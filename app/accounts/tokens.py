"""API tokens: shown once, kept as SHA-256, bound to one project or to all of a person's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine, bindparam, select, update
from sqlalchemy.orm import Session

from app.accounts.people import Who, check_name, secret
from app.accounts.sessions import SEEN_EVERY, digest
from app.db.prepared import look_up
from app.db.tables.accounts import Person, Token
from app.errors import Invalid, NotFound

PREFIX = "rlb_"
LONGEST_DAYS = 365


@dataclass(frozen=True, slots=True)
class NewToken:
    """What a token is called, how many days it lives, and the one project it opens, if one."""

    name: str
    days: int
    project_id: int | None = None


def make_token(
    session: Session, person_id: int, wanted: NewToken, *, now: datetime
) -> tuple[Token, str]:
    """Make a token that ends after so many days; the raw text is never to be had again."""
    if not 1 <= wanted.days <= LONGEST_DAYS:
        raise Invalid(
            f"A token lives for 1 to {LONGEST_DAYS} days.",
            next_step="Choose a number of days in that range.",
            code="token_days",
        )
    raw = PREFIX + secret()
    token = Token(
        person_id=person_id,
        project_id=wanted.project_id,
        name=check_name(wanted.name),
        token_hash=digest(raw),
        created_at=now,
        expires_at=now + timedelta(days=wanted.days),
    )
    session.add(token)
    session.flush()
    return token, raw


_BY_TOKEN = (
    select(
        Token.id,
        Token.project_id,
        Token.expires_at,
        Token.used_at,
        Person.id.label("person_id"),
        Person.pseudonym,
        Person.name,
        Person.email,
        Person.is_admin,
    )
    .join(Person, Person.id == Token.person_id)
    .where(
        Token.token_hash == bindparam("token_hash"),
        Token.revoked_at.is_(None),
        Person.disabled_at.is_(None),
    )
)


def person_of_token(
    at: Session | Engine, raw: str, *, now: datetime
) -> tuple[int, Who, bool] | None:
    """The token's id, its holder, and whether its last use should be noted; one statement."""
    if not raw.startswith(PREFIX):
        return None
    row = look_up(at, _BY_TOKEN, {"token_hash": digest(raw)}).one_or_none()
    if row is None or row.expires_at <= now:
        return None
    who = Who(
        row.person_id,
        row.pseudonym,
        row.name,
        row.email,
        row.is_admin,
        only_project=row.project_id,
    )
    return row.id, who, row.used_at is None or now - row.used_at >= SEEN_EVERY


def used(session: Session, token_id: int, *, now: datetime) -> None:
    session.execute(update(Token).where(Token.id == token_id).values(used_at=now))


def tokens_of(session: Session, person_id: int) -> list[Token]:
    """Tokens that were not revoked, the newest first."""
    query = (
        select(Token)
        .where(Token.person_id == person_id, Token.revoked_at.is_(None))
        .order_by(Token.id.desc())
    )
    return list(session.execute(query).scalars())


def revoke_living(session: Session, person_id: int, *, now: datetime) -> list[Token]:
    """Revoke every token that has not run out."""
    living = [token for token in tokens_of(session, person_id) if token.expires_at > now]
    for token in living:
        token.revoked_at = now
    return living


def revoke_token(session: Session, person_id: int, token_id: int, *, now: datetime) -> Token:
    token = session.get(Token, token_id)
    if token is None or token.person_id != person_id or token.revoked_at is not None:
        raise NotFound()
    token.revoked_at = now
    return token
