"""Who asks: found once for each request, before any route; without an answer nothing opens."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import quote

from anyio import to_thread
from fastapi import Depends, Request
from sqlalchemy.orm import Session
from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from app.accounts.membership import Member, member_of, require
from app.accounts.people import Who
from app.accounts.sessions import seen, session_person
from app.accounts.tokens import person_of_token, used
from app.actions.errand import Errand
from app.actions.turn import Caller
from app.datasets.projects import project_by_slug
from app.db.engine import reading, writing
from app.db.tables.datasets import Project
from app.db.tables.review import Batch
from app.db.words import Role
from app.errors import Failure, Forbidden, NotFound, SignInNeeded
from app.review.books.may import readable_batch
from app.web.cookies import read_cookies, session_cookie
from app.web.csrf import HEADER, forged, from_own_page, is_form, same
from app.web.failures import Moved, answer, wants_json
from app.web.limits import SAFE
from app.web.public import asks_nobody, is_public
from app.web.sessions import Reading, Writing


@dataclass(frozen=True, slots=True)
class Asker:
    """A person with a live session (`csrf`, `session_id`) or a program with a token."""

    who: Who
    csrf: str = ""
    session_id: int | None = None
    token_id: int | None = None
    stale: bool = False


@dataclass(frozen=True, slots=True)
class Here:
    """A project and the asker's part in it."""

    project: Project
    member: Member


class Gate:
    """Default deny: a route is private unless `public.PUBLIC` names it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or asks_nobody(scope["path"]):
            await self.app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        bearer = _bearer(connection)
        raw = session_cookie(connection, read_cookies(scope["headers"]))
        app_state = connection.app.state
        asker, now = await to_thread.run_sync(_look, app_state, raw, bearer)
        state = scope["state"]
        state["asker"], state["now"] = asker, now
        failure = _refusal(scope, asker, app_state.settings.public_url)
        if failure is not None:
            await _refuse(scope, failure)(scope, receive, send)
            return
        await self.app(scope, receive, send)
        if asker is not None and asker.stale:
            await to_thread.run_sync(_touch, app_state, asker, now)


def _bearer(connection: HTTPConnection) -> str | None:
    kind, _, raw = connection.headers.get("authorization", "").partition(" ")
    return raw.strip() if kind.lower() == "bearer" else None


def _look(state: Any, raw: str | None, bearer: str | None) -> tuple[Asker | None, datetime]:
    """One statement says who it is; the database's time is read here, once a request."""
    with reading(state.engine) as session:
        now: datetime = state.clock(session)
        if bearer is not None:
            token = person_of_token(session, bearer, now=now)
            if token is None:
                return None, now
            return Asker(token[1], token_id=token[0], stale=token[2]), now
        found = session_person(session, raw, now=now) if raw else None
        if found is None:
            return None, now
        return Asker(found.who, found.csrf, found.session_id, stale=found.stale), now


def _touch(state: Any, asker: Asker, now: datetime) -> None:
    """Say that it was seen; after the answer has left, so that nobody waits for it."""
    with writing(state.engine) as session:
        if asker.session_id is not None:
            seen(session, asker.session_id, now=now)
        elif asker.token_id is not None:
            used(session, asker.token_id, now=now)


def _refusal(scope: Scope, asker: Asker | None, public_url: str) -> Failure | None:
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


def _refuse(scope: Scope, failure: Failure) -> ASGIApp:
    request = Request(scope)
    if isinstance(failure, SignInNeeded) and not wants_json(request):
        target = "/signin"
        if request.method == "GET" and request.url.path != "/":
            query = f"?{request.url.query}" if request.url.query else ""
            target += "?next=" + quote(request.url.path + query, safe="/")
        return RedirectResponse(target, 303)
    return answer(request, failure)


async def asker(request: Request) -> Asker:
    found: Asker | None = request.state.asker
    if found is None:
        raise SignInNeeded()
    return found


async def maybe_asker(request: Request) -> Asker | None:
    """For public pages, which a person may also see signed in."""
    found: Asker | None = request.state.asker
    return found


async def signed_in(request: Request) -> Asker:
    """An asker with a session: what an account is may not be changed by a token."""
    found = await asker(request)
    if found.session_id is None:
        raise Forbidden(
            "A token cannot do this.", next_step="Sign in with a browser.", code="session_needed"
        )
    return found


async def now(request: Request) -> datetime:
    """The database's time, as read when the request came in."""
    found: datetime = request.state.now
    return found


async def acting(request: Request, session: Writing) -> Caller:
    """Who asks for an act, with a transaction that may write."""
    return _caller(request, session)


async def looking(request: Request, session: Reading) -> Caller:
    """Who looks, with a transaction that cannot write."""
    return _caller(request, session)


def _caller(request: Request, session: Session) -> Caller:
    state, rng = request.state, request.app.state.rng
    if state.asker is None:
        raise SignInNeeded()
    return Caller(session, state.asker.who, state.now, rng)


async def errand(request: Request) -> Errand:
    """Who asks for an act of several transactions."""
    state = request.app.state
    found = await asker(request)
    return Errand(state.engine, found.who, request.state.now, state.rng)


Asking = Annotated[Asker, Depends(asker)]
Acting = Annotated[Caller, Depends(acting)]
Looking = Annotated[Caller, Depends(looking)]
Sending = Annotated[Errand, Depends(errand)]
SignedIn = Annotated[Asker, Depends(signed_in)]
Perhaps = Annotated[Asker | None, Depends(maybe_asker)]
Now = Annotated[datetime, Depends(now)]


def at_batch(session: Session, asker: Asker, batch_id: int) -> tuple[Batch, Member]:
    """A batch that the asker is asked to read, and the asker's part in its project."""
    batch = session.get(Batch, batch_id)
    if batch is None:
        raise NotFound()
    member = member_of(session, asker.who, batch.project_id)
    return readable_batch(session, member, batch_id), member


def at(caller: Caller, slug: str, *roles: Role) -> Here:
    """The project of an address, if the caller has one of these roles (or any) in it."""
    try:
        project = project_by_slug(caller.session, slug)
    except NotFound:
        raise NotFound() from None  # the same words whether it is missing or hidden
    member = caller.in_project(project.id)
    return Here(project, require(member, *roles) if roles else member)


def at_project(session: Session, asking: Asker, slug: str, *roles: Role) -> Here:
    """The project of an address, if the asker has one of these roles (or any) in it."""
    try:
        project = project_by_slug(session, slug)
    except NotFound:
        raise NotFound() from None  # the same words whether it is missing or hidden
    member = member_of(session, asking.who, project.id)
    return Here(project, require(member, *roles) if roles else member)


def at_page(request: Request, session: Session, slug: str, *roles: Role) -> Here:
    """`at_project` for a page that is looked at: an old slug leads on to the new one."""
    here = at_project(session, request.state.asker, slug, *roles)
    if here.project.slug != slug:
        raise Moved(request.url.path.replace(f"/p/{slug}", f"/p/{here.project.slug}", 1))
    return here


def admin_only(asking: Asker) -> Asker:
    if not asking.who.is_admin or asking.who.only_project is not None:
        raise NotFound()
    return asking
