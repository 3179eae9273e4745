"""Coming in, and what people change about their own account.

Where a password is checked or set, an action takes the engine and opens its own transactions:
hashing is slow on purpose, and no transaction may wait for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.accounts import keys, people
from app.accounts.activity import Act, ActivityKind, record
from app.accounts.keys import DeskKeys
from app.accounts.links import check_invited, end_links_to, link_of, use_link
from app.accounts.membership import join
from app.accounts.people import (
    Newcomer,
    Who,
    create_person,
    end_sessions,
    hold_person,
    keep_password,
    new_hash,
    person_by_id,
)
from app.accounts.sessions import (
    WrongPassword,
    begin_signin,
    finish_signin,
    note_failure,
    open_login,
    proved,
    still_holds,
)
from app.accounts.tokens import NewToken, make_token, revoke_living, revoke_token
from app.actions.turn import Caller
from app.db.engine import reading, writing
from app.db.log import lock_project
from app.db.tables.accounts import AccessLink, Token
from app.db.words import LinkKind


@dataclass(frozen=True, slots=True)
class Attempt:
    """Somebody who says to be somebody."""

    email: str
    password: str
    address: str


@dataclass(frozen=True, slots=True)
class NewPassword:
    """A password to be, and whether API tokens end with the one before."""

    password: str
    end_tokens: bool


def sign_in(engine: Engine, attempt: Attempt, *, now: datetime) -> str:
    """Open a session by password; its token."""
    with reading(engine) as session:
        tried = begin_signin(session, attempt.email, address=attempt.address, now=now)
    right = proved(tried, attempt.password)
    with writing(engine) as session:
        opened = finish_signin(session, tried, right, now=now)
    if opened is None:
        raise WrongPassword()
    return opened


def set_up(session: Session, newcomer: Newcomer, raw: str, *, now: datetime) -> str:
    """The first account, an admin's, by the console's link; the token of its session."""
    person = create_person(session, replace(newcomer, admin=True), now=now)
    use_link(session, LinkKind.SETUP, raw, now=now)
    return open_login(session, person.id, now=now)[1]


def accept_invitation(
    engine: Engine, guest: Who | Newcomer, raw: str, *, now: datetime
) -> str | None:
    """Take part by an invitation; for a newcomer, also an account and the token of a session."""
    with reading(engine) as session:
        link = link_of(session, LinkKind.INVITE, raw, now=now)
        check_invited(link, guest.email)  # before an account is looked for: it tells of none
    with writing(engine) as session:
        person = guest if isinstance(guest, Who) else create_person(session, guest, now=now)
        _take_part(session, link, raw, person_id=person.id, now=now)
        return None if isinstance(guest, Who) else open_login(session, person.id, now=now)[1]


def _take_part(
    session: Session, link: AccessLink, raw: str, *, person_id: int, now: datetime
) -> None:
    """Lock first, as every act does: whoever withdraws the link holds the project already."""
    if link.project_id is None or link.role is None:
        use_link(session, LinkKind.INVITE, raw, now=now)
        return
    lock = lock_project(session, link.project_id)
    use_link(session, LinkKind.INVITE, raw, now=now)
    join(session, lock.project_id, person_id, link.role, now=now)
    lock.save()


def set_password_by_link(engine: Engine, raw: str, new: NewPassword, *, now: datetime) -> None:
    """A new password by a link that somebody was given; what the old one opened ends."""
    with reading(engine) as session:
        link = link_of(session, LinkKind.RESET, raw, now=now)
        person = person_by_id(session, link.person_id or 0)
    hashed = new_hash(new.password, (person.name, person.email))
    with writing(engine) as session:
        hold_person(session, person.id)  # before the link: of two links of theirs one is used
        use_link(session, LinkKind.RESET, raw, now=now)
        _keep_password(session, person.id, hashed, end_tokens=new.end_tokens, now=now)


def change_password(engine: Engine, attempt: Attempt, new: NewPassword, *, now: datetime) -> str:
    """Replace one's password, who knows the old one: what it opened ends. A new session's token."""
    with reading(engine) as session:
        tried = begin_signin(session, attempt.email, address=attempt.address, now=now)
        person = person_by_id(session, tried.person_id or 0)
    if not proved(tried, attempt.password):
        with writing(engine) as session:
            note_failure(session, tried, now=now)
        raise WrongPassword()
    hashed = new_hash(new.password, (person.name, person.email))
    with writing(engine) as session:
        if not still_holds(session, tried):
            raise WrongPassword()
        _keep_password(session, person.id, hashed, end_tokens=new.end_tokens, now=now)
        return open_login(session, person.id, now=now)[1]


def _keep_password(
    session: Session, person_id: int, hashed: str, *, end_tokens: bool, now: datetime
) -> None:
    """All that the old password opened ends with it; API tokens too, if they shall."""
    sessions = keep_password(session, person_by_id(session, person_id), hashed)
    links = end_links_to(session, person_id, now=now)
    tokens = revoke_living(session, person_id, now=now) if end_tokens else []
    for token in tokens:
        act = Act(ActivityKind.TOKEN_REVOKED, person_id, token.project_id, {"id": token.id})
        record(session, act, now=now)
    ended = {"sessions": sessions, "links": len(links), "tokens": len(tokens)}
    record(session, Act(ActivityKind.PASSWORD_CHANGED, person_id, None, ended), now=now)


def end_other_sessions(caller: Caller, session_id: int | None) -> None:
    end_sessions(caller.session, caller.who.id, but=session_id)


def rename(caller: Caller, name: str) -> None:
    people.rename_person(caller.session, caller.who.id, name)


def choose_theme(caller: Caller, theme: str) -> None:
    people.choose_theme(caller.session, caller.who.id, theme)


def bind_keys(
    caller: Caller, wanted: Mapping[str, str] | None = None, *, single: bool | None = None
) -> DeskKeys:
    """Other keys for the desk, or single ones on or off; what is not named stays."""
    if wanted is not None:
        keys.bind_keys(caller.session, caller.who.id, wanted)
    if single is not None:
        keys.switch_single_keys(caller.session, caller.who.id, single)
    return keys.keys_of(caller.session, caller.who.id)


def default_keys(caller: Caller) -> None:
    keys.default_keys(caller.session, caller.who.id)


def make_own_token(caller: Caller, wanted: NewToken) -> tuple[Token, str]:
    """A token for one's own programs, bound to a project one takes part in or to none."""
    if wanted.project_id is not None:
        caller.in_project(wanted.project_id)
    token, raw = make_token(caller.session, caller.who.id, wanted, now=caller.now)
    _note_token(caller, ActivityKind.TOKEN_MADE, token)
    return token, raw


def revoke_own_token(caller: Caller, token_id: int) -> None:
    token = revoke_token(caller.session, caller.who.id, token_id, now=caller.now)
    _note_token(caller, ActivityKind.TOKEN_REVOKED, token)


def _note_token(caller: Caller, kind: ActivityKind, token: Token) -> None:
    act = Act(kind, caller.who.id, token.project_id, {"id": token.id})
    record(caller.session, act, now=caller.now)
