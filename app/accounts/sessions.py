"""Signing in: a session is a row found by the SHA-256 of a random token."""

from __future__ import annotations

import hashlib
import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import cast

from sqlalchemy import Engine, bindparam, delete, exists, func, select, update
from sqlalchemy.orm import Session

from app.accounts.keys import single_keys
from app.accounts.passwords import verify_password
from app.accounts.people import Preferences, Who, email_key, hold_person, secret
from app.db.prepared import look_up
from app.db.tables.accounts import LoginSession, Membership, Person, SigninTry
from app.db.words import Role
from app.errors import Failure, TooMany

IDLE = timedelta(hours=8)
ABSOLUTE = timedelta(days=7)
SEEN_EVERY = timedelta(minutes=5)
WINDOW = timedelta(minutes=15)
PER_ACCOUNT, PER_ADDRESS = 5, 20
FORGOTTEN = timedelta(days=1)


class WrongPassword(Failure):
    """Says never which part was wrong."""

    code = "signin_failed"
    title = "You are not signed in"

    def __init__(self) -> None:
        super().__init__(
            "That e-mail and password do not match.",
            next_step="Try again, or ask a lead for a link to set a new password.",
        )


@dataclass(frozen=True, slots=True)
class LiveSession:
    """A live session: who, its form token, and whether it is time to say it was seen."""

    session_id: int
    csrf: str
    who: Who
    stale: bool


@dataclass(frozen=True, slots=True)
class SigninTried:
    """Someone says to be someone; what is needed to check it outside a transaction."""

    account: str
    address: str
    person_id: int | None
    password_hash: str | None


def digest(raw: str) -> bytes:
    return hashlib.sha256(raw.encode()).digest()


def _address_key(address: str) -> str:
    """An address, or the /64 it is in: one household has that many of them."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address[:64]
    if parsed.version == 6:
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)


def begin_signin(session: Session, email: str, *, address: str, now: datetime) -> SigninTried:
    """Look up who is meant; refuse when account or address has failed too often."""
    account = email_key(email)[:320]
    key = _address_key(address)
    _check_tries(session, account, key, now=now)
    query = select(Person.id, Person.password_hash).where(
        Person.email_key == account, Person.disabled_at.is_(None)
    )
    row = session.execute(query).one_or_none()
    return SigninTried(account, key, *(row or (None, None)))


def proved(tried: SigninTried, password: str) -> bool:
    """Check the password; slow on purpose, so never within a transaction."""
    return verify_password(password, tried.password_hash)


def finish_signin(
    session: Session, tried: SigninTried, right: bool, *, now: datetime
) -> str | None:
    """Open a session and return its token, or note the failure and return nothing."""
    _check_tries(session, tried.account, tried.address, now=now)
    if not right or tried.person_id is None or not still_holds(session, tried):
        note_failure(session, tried, now=now)
        return None
    session.execute(delete(SigninTry).where(SigninTry.account_key == tried.account))
    return open_login(session, tried.person_id, now=now)[1]


def still_holds(session: Session, tried: SigninTried) -> bool:
    """Whether what was proved outside a transaction is the password still, of an open account."""
    person = hold_person(session, tried.person_id or 0)
    return person.disabled_at is None and person.password_hash == tried.password_hash


def note_failure(session: Session, tried: SigninTried, *, now: datetime) -> None:
    session.execute(delete(SigninTry).where(SigninTry.at < now - FORGOTTEN))
    session.add(SigninTry(account_key=tried.account, address=tried.address, at=now))


def open_login(session: Session, person_id: int, *, now: datetime) -> tuple[LoginSession, str]:
    """A new session with a token of its own; forget those that ran out."""
    session.execute(delete(LoginSession).where(LoginSession.expires_at < now))
    raw = secret()
    opened = LoginSession(
        token_hash=digest(raw),
        csrf=secret(),
        person_id=person_id,
        created_at=now,
        seen_at=now,
        expires_at=now + ABSOLUTE,
    )
    session.add(opened)
    session.flush()
    return opened, raw


# Asked by every request, so built once.
_BY_TOKEN = (
    select(
        LoginSession.id,
        LoginSession.csrf,
        LoginSession.seen_at,
        LoginSession.expires_at,
        Person.id.label("person_id"),
        Person.pseudonym,
        Person.name,
        Person.email,
        Person.is_admin,
        Person.preferences,
        exists()
        .where(
            Membership.person_id == Person.id,
            Membership.role == Role.LEAD,
            Membership.left_at.is_(None),
        )
        .label("leads"),
    )
    .join(Person, Person.id == LoginSession.person_id)
    .where(LoginSession.token_hash == bindparam("token_hash"), Person.disabled_at.is_(None))
)


def session_person(at: Session | Engine, raw: str, *, now: datetime) -> LiveSession | None:
    """Who holds this token, if it lives; one statement, alone or in a transaction."""
    row = look_up(at, _BY_TOKEN, {"token_hash": digest(raw)}).one_or_none()
    if row is None or row.expires_at <= now or row.seen_at + IDLE <= now:
        return None
    likes = cast(Preferences, row.preferences or {})
    who = Who(
        row.person_id,
        row.pseudonym,
        row.name,
        row.email,
        row.is_admin,
        theme=likes.get("theme", "system"),
        leads=row.leads or row.is_admin,
        single_keys=single_keys(likes),
    )
    return LiveSession(row.id, row.csrf, who, now - row.seen_at >= SEEN_EVERY)


def seen(session: Session, session_id: int, *, now: datetime) -> None:
    session.execute(update(LoginSession).where(LoginSession.id == session_id).values(seen_at=now))


def sign_out(session: Session, session_id: int) -> None:
    session.execute(delete(LoginSession).where(LoginSession.id == session_id))


def sessions_of(session: Session, person_id: int, *, now: datetime) -> list[LoginSession]:
    query = (
        select(LoginSession)
        .where(
            LoginSession.person_id == person_id,
            LoginSession.expires_at > now,
            LoginSession.seen_at > now - IDLE,
        )
        .order_by(LoginSession.seen_at.desc(), LoginSession.id)
    )
    return list(session.execute(query).scalars())


def _check_tries(session: Session, account: str, address: str, *, now: datetime) -> None:
    for column, key, most in (
        (SigninTry.account_key, account, PER_ACCOUNT),
        (SigninTry.address, address, PER_ADDRESS),
    ):
        query = select(func.count(), func.min(SigninTry.at)).where(
            column == key, SigninTry.at > now - WINDOW
        )
        count, oldest = session.execute(query).one()
        if count >= most:
            wait = ceil((oldest + WINDOW - now).total_seconds())
            raise TooMany(
                "Too many tries to sign in.",
                retry_after=max(1, wait),
                next_step="Wait 15 minutes, then try again.",
                code="signin_throttled",
            )
