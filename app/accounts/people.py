"""People: one account each, known to the log by a pseudonym alone."""

from __future__ import annotations

import random
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict, cast

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app.accounts.passwords import check_password_strength, hash_password
from app.db.dialects import locked
from app.db.tables.accounts import LoginSession, Person
from app.errors import Conflict, Invalid, NotFound

THEMES = ("system", "light", "dark")
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none is mistaken for another


@dataclass(frozen=True, slots=True)
class Who:
    """Who asks, as far as one look at the database tells.

    `leads` some project; `only_project` is the scope of the token that speaks.
    """

    id: int
    pseudonym: str
    name: str
    email: str
    is_admin: bool
    theme: str = "system"
    leads: bool = False
    only_project: int | None = None
    single_keys: bool = True


def who_of(person: Person) -> Who:
    """A person as they ask for something themselves, not through a session or token."""
    return Who(person.id, person.pseudonym, person.name, person.email, person.is_admin)


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Who gets an account; without a password it is reached by a link only."""

    name: str
    email: str
    password: str | None = None
    admin: bool = False


class Preferences(TypedDict, total=False):
    """What a person chose; what is not there is as it comes."""

    theme: str
    single_keys: bool
    keys: dict[str, str]  # actions of the desk whose key differs


def preferences_of(person: Person) -> Preferences:
    return cast(Preferences, person.preferences or {})


def email_key(email: str) -> str:
    """What makes two e-mail addresses the same: NFKC, case folded, no space around."""
    return unicodedata.normalize("NFKC", email).strip().casefold()


def check_email(email: str) -> str:
    """Return the address without space around it, or say what is wrong with it."""
    plain = email.strip()
    name, at, host = plain.rpartition("@")
    if not (name and at and host) or len(plain) > 320 or any(c.isspace() for c in plain):
        raise Invalid(
            "This is not an e-mail address.",
            next_step="Write it like name@example.org.",
            code="email_invalid",
        )
    return plain


def check_name(name: str) -> str:
    plain = " ".join(name.split())
    if not plain or len(plain) > 200 or not plain.isprintable():
        raise Invalid(
            "A name has 1 to 200 visible characters.",
            next_step="Shorten the name or write one.",
            code="name_invalid",
        )
    return plain


def _pseudonym(session: Session) -> str:
    chance = random.SystemRandom()
    while True:
        name = "r-" + "".join(chance.choice(LETTERS) for _ in range(6))
        taken = session.execute(select(Person.id).where(Person.pseudonym == name)).first()
        if taken is None:
            return name


def create_person(session: Session, newcomer: Newcomer, *, now: datetime) -> Person:
    """Make an account.

    The slow hash comes before the first statement, so that no transaction waits for it.
    """
    email, name, password = (
        check_email(newcomer.email),
        check_name(newcomer.name),
        newcomer.password,
    )
    hashed = None if password is None else new_hash(password, (name, email))
    if person_by_email(session, email) is not None:
        raise Conflict(
            "An account with this e-mail exists already.",
            next_step="Sign in with it, or use another address.",
            code="email_taken",
        )
    person = Person(
        pseudonym=_pseudonym(session),
        name=name,
        email=email,
        email_key=email_key(email),
        password_hash=hashed,
        is_admin=newcomer.admin,
        preferences={},
        created_at=now,
    )
    session.add(person)
    session.flush()
    return person


def person_by_email(session: Session, email: str) -> Person | None:
    query = select(Person).where(Person.email_key == email_key(email))
    return session.execute(query).scalar_one_or_none()


def person_by_id(session: Session, person_id: int) -> Person:
    person = session.get(Person, person_id)
    if person is None:
        raise NotFound()
    return person


def hold_person(session: Session, person_id: int) -> Person:
    """The account as it stands now; nobody else changes its password until the transaction ends."""
    query = locked(select(Person).where(Person.id == person_id))
    person = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if person is None:
        raise NotFound()
    return person


def anybody(session: Session) -> bool:
    """Tell whether the first run is over."""
    return session.execute(select(Person.id).limit(1)).first() is not None


def first_admin(session: Session) -> Person | None:
    """The admin who was there first, of those whose account is open."""
    query = select(Person).where(Person.is_admin, Person.disabled_at.is_(None))
    return session.scalars(query.order_by(Person.id).limit(1)).one_or_none()


def open_accounts(session: Session) -> int:
    """How many people could review."""
    query = select(func.count()).select_from(Person).where(Person.disabled_at.is_(None))
    return session.execute(query).scalar_one()


def everybody(session: Session) -> list[Person]:
    return list(session.execute(select(Person).order_by(Person.name, Person.id)).scalars())


def rename_person(session: Session, person_id: int, name: str) -> None:
    person_by_id(session, person_id).name = check_name(name)


def choose_theme(session: Session, person_id: int, theme: str) -> None:
    if theme not in THEMES:
        raise Invalid("There is no such appearance.", next_step="Choose one of the three.")
    person = person_by_id(session, person_id)
    person.preferences = {**person.preferences, "theme": theme}


def new_hash(password: str, known: tuple[str, ...]) -> str:
    """Judge a new password and hash it: slow, so outside a transaction."""
    check_password_strength(password, known)
    return hash_password(password)


def keep_password(session: Session, person: Person, hashed: str) -> int:
    """Replace the password and end every session that the old one opened; how many."""
    person.password_hash = hashed
    return end_sessions(session, person.id)


def end_sessions(session: Session, person_id: int, *, but: int | None = None) -> int:
    """Sign somebody out everywhere, but for one session; how many ended."""
    query = delete(LoginSession).where(LoginSession.person_id == person_id)
    if but is not None:
        query = query.where(LoginSession.id != but)
    return len(session.execute(query.returning(LoginSession.id)).all())


def disable(session: Session, person: Person, *, now: datetime) -> None:
    """Close an account: its sessions and tokens answer no longer; its answers stay."""
    if person.is_admin:
        _keep_one_admin(session)
    person.disabled_at = now
    end_sessions(session, person.id)
    session.flush()


def enable(person: Person) -> None:
    _refuse_erased(person)
    person.disabled_at = None


def _refuse_erased(person: Person) -> None:
    if is_erased(person):
        raise Conflict(
            "This person was erased: nobody knows whose account it was.",
            next_step="Make a new account.",
            code="person_erased",
        )


def is_erased(person: Person) -> bool:
    """Whether the account is one that nobody has any more: its answers are all that is left."""
    return not person.email


def former_name(person_id: int) -> str:
    """What screens call somebody who was erased."""
    return f"Former member {person_id}"


def make_admin(session: Session, person: Person, admin: bool) -> None:
    _refuse_erased(person)
    if person.is_admin and not admin:
        _keep_one_admin(session)
    person.is_admin = admin
    session.flush()


def _keep_one_admin(session: Session) -> None:
    """Two admins who take it from each other at once must not both succeed: so under a lock."""
    query = select(Person.id).where(Person.is_admin, Person.disabled_at.is_(None))
    if len(session.execute(locked(query.order_by(Person.id))).all()) < 2:
        raise Conflict(
            "This is the last admin.",
            next_step="Make another person admin first.",
            code="last_admin",
        )


def secret() -> str:
    """256 random bits, as text for an address or a header."""
    return secrets.token_urlsafe(32)
