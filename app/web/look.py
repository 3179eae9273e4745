"""Looks up who asks: a session's cookie or a token, and whether what they ask may be done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine
from sqlalchemy.orm import Session
from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.types import Scope

from app.accounts.sessions import seen, session_person
from app.accounts.tokens import person_of_token, used
from app.db.dialects import is_sqlite
from app.db.engine import writing
from app.db.failures import RAISED
from app.errors import Failure, SignInNeeded
from app.web.asked import SAFE, is_form
from app.web.asker import Asker
from app.web.cookies import read_cookies, session_cookie
from app.web.csrf import HEADER, forged, from_own_page, same
from app.web.failures import met
from app.web.public import is_public
from app.web.site import Site


@dataclass(frozen=True, slots=True)
class Shown:
    """What a request shows of who asks: a session's cookie or a program's token."""

    cookie: str | None
    bearer: str | None


def shown(connection: HTTPConnection) -> Shown:
    kind, _, raw = connection.headers.get("authorization", "").partition(" ")
    cookies = read_cookies(connection.scope["headers"])
    cookie = session_cookie(connection, cookies)
    return Shown(cookie, raw.strip() if kind.lower() == "bearer" else None)


def look(site: Site, what: Shown) -> tuple[Asker | None, datetime]:
    """One statement says who it is; the database's time is read here, once a request."""
    if is_sqlite(site.quiet):  # its time is this machine's: nothing has to be read together
        now = site.clock(site.quiet)
        return _asker(site.quiet, what, now=now), now
    with Session(site.quiet, expire_on_commit=False, autoflush=False) as session:
        now = site.clock(session)
        return _asker(session, what, now=now), now


def _asker(at: Session | Engine, what: Shown, *, now: datetime) -> Asker | None:
    if what.bearer is not None:
        token = person_of_token(at, what.bearer, now=now)
        return Asker(token[1], token_id=token[0], stale=token[2]) if token else None
    signed_in = session_person(at, what.cookie, now=now) if what.cookie else None
    if signed_in is None:
        return None
    return Asker(signed_in.who, signed_in.csrf, signed_in.session_id, stale=signed_in.stale)


def note_seen(site: Site, asker: Asker, now: datetime) -> None:
    """Say that it was seen; after the answer has left: nobody waits for it, nobody misses it."""
    try:
        with writing(site.engine) as session:
            if asker.session_id is not None:
                seen(session, asker.session_id, now=now)
            elif asker.token_id is not None:
                used(session, asker.token_id, now=now)
    except RAISED as error:
        if met(error) is None:
            raise


def refusal(scope: Scope, asker: Asker | None, public_url: str) -> Failure | None:
    """Why this may not go on; `proven` in the state says that no other site sent it."""
    public = is_public(scope["path"])
    if asker is None and not public:
        return SignInNeeded()
    if scope["method"] in SAFE:
        return None
    if asker is not None and asker.token_id is not None and not public:
        scope["state"]["proven"] = True  # no browser adds this header by itself
        return None
    if not from_own_page(scope, public_url):
        return forged()
    token = Headers(scope=scope).get(HEADER)
    if asker is not None and not public and same(token, asker.csrf):
        scope["state"]["proven"] = True
        return None
    return None if is_form(scope) and token is None else forged()
