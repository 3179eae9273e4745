"""A person is erased: the account is closed for ever, and nothing says any more whose it was.

The row and its pseudonym stay: answers in the log are by that pseudonym, and count as before.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from app.accounts.people import disable, email_key, former_name, hold_person, is_erased
from app.db.tables.accounts import AccessLink, Activity, Membership, Person, SigninTry, Token
from app.errors import Conflict, Invalid


def person_to_erase(session: Session, person_id: int, typed: str) -> Person:
    """The account, held; whoever asks has typed its e-mail so that it is the right one."""
    person = hold_person(session, person_id)
    if is_erased(person):
        raise Conflict(
            "This person is erased already.",
            next_step="Nothing is left to do.",
            code="person_erased",
        )
    if email_key(typed) != person.email_key:
        raise Invalid(
            "This is not the e-mail of the account.",
            next_step=f"Type {person.email} to erase it.",
            code="email_differs",
        )
    return person


def erase_account(session: Session, person: Person, *, now: datetime) -> None:
    """Name, address, password, sessions, tokens, links and memberships go."""
    disable(session, person, now=now)
    session.execute(delete(Token).where(Token.person_id == person.id))
    session.execute(delete(SigninTry).where(SigninTry.account_key == person.email_key))
    _end_links(session, person, now=now)
    session.execute(
        update(Membership)
        .where(Membership.person_id == person.id, Membership.left_at.is_(None))
        .values(left_at=now)
        .execution_options(synchronize_session=False)
    )
    former = former_name(person.id)
    known_as = (person.name, person.email, person.email_key)
    rename_in_activity(session, dict.fromkeys(known_as, former))
    person.name, person.email, person.password_hash = former, "", None
    person.email_key, person.is_admin, person.preferences = f"erased {person.id}", False, {}
    session.flush()


def _end_links(session: Session, person: Person, *, now: datetime) -> None:
    """Those that open the account or were sent to it go; those they made open nothing more."""
    sent = select(AccessLink.id, AccessLink.email).where(AccessLink.email.is_not(None))
    to_them = [
        link_id
        for link_id, email in session.execute(sent)
        if email_key(email or "") == person.email_key
    ]
    opens = or_(AccessLink.person_id == person.id, AccessLink.id.in_(to_them))
    session.execute(delete(AccessLink).where(opens).execution_options(synchronize_session=False))
    session.execute(
        update(AccessLink)
        .where(AccessLink.created_by == person.id, AccessLink.used_at.is_(None))
        .values(used_at=now)
        .execution_options(synchronize_session=False)
    )


def rename_in_activity(session: Session, names: Mapping[str, str]) -> None:
    """What was written down of acts says these names no more, but what stands for them."""
    for row in session.scalars(select(Activity).order_by(Activity.id)):
        told = {
            name: names.get(value, value) if isinstance(value, str) else value
            for name, value in row.detail.items()
        }
        if told != row.detail:
            row.detail = told
    session.flush()
