"""Who asks, for routes: `caller: Acting` may write, `caller: Looking` reads."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.orm import Session

from app.accounts.membership import Member, member_of, require
from app.actions.errand import Errand
from app.actions.turn import Caller, project_at
from app.db.tables.review import Batch
from app.db.words import Role
from app.errors import Forbidden, NotFound, SignInNeeded
from app.insights.health import Viewer
from app.review.books.may import readable_batch
from app.web.asker import Asker, Here
from app.web.failures import Moved
from app.web.sessions import Reading, Writing
from app.web.site import site_of


async def asker(request: Request) -> Asker:
    who_asks: Asker | None = request.state.asker
    if who_asks is None:
        raise SignInNeeded()
    return who_asks


async def maybe_asker(request: Request) -> Asker | None:
    """For public pages, which a person may also see signed in."""
    who_asks: Asker | None = request.state.asker
    return who_asks


async def signed_in(request: Request) -> Asker:
    """An asker with a session: what an account is may not be changed by a token."""
    who_asks = await asker(request)
    if who_asks.session_id is None:
        raise Forbidden(
            "A token cannot do this.", next_step="Sign in with a browser.", code="session_needed"
        )
    return who_asks


async def now(request: Request) -> datetime:
    """The database's time, as read when the request came in."""
    at: datetime = request.state.now
    return at


async def acting(request: Request, session: Writing) -> Caller:
    """Who asks for an act, with a transaction that may write."""
    return _caller(request, session)


async def looking(request: Request, session: Reading) -> Caller:
    """Who looks, with a transaction that cannot write."""
    return _caller(request, session)


def _caller(request: Request, session: Session) -> Caller:
    state = request.state
    if state.asker is None:
        raise SignInNeeded()
    state.session = session
    return Caller(session, state.asker.who, state.now, site_of(request).rng)


async def errand(request: Request) -> Errand:
    """Who asks for an act of several transactions."""
    site, who_asks = site_of(request), await asker(request)
    return Errand(site.engine, who_asks.who, request.state.now, site.rng)


Asking = Annotated[Asker, Depends(asker)]
Acting = Annotated[Caller, Depends(acting)]
Looking = Annotated[Caller, Depends(looking)]
Sending = Annotated[Errand, Depends(errand)]
SignedIn = Annotated[Asker, Depends(signed_in)]
Perhaps = Annotated[Asker | None, Depends(maybe_asker)]
Now = Annotated[datetime, Depends(now)]


def at_batch(caller: Caller, batch_id: int) -> tuple[Batch, Member]:
    """A batch that the asker is asked to read, and the asker's part in its project."""
    batch = caller.session.get(Batch, batch_id)
    if batch is None:
        raise NotFound()
    member = caller.in_project(batch.project_id)
    return readable_batch(caller.session, member, batch_id), member


def at(caller: Caller, slug: str, *roles: Role) -> Here:
    """The project of an address, if the caller has one of these roles (or any) in it."""
    project = project_at(caller.session, caller.who, slug)
    member = caller.in_project(project.id)
    return Here(project, require(member, *roles) if roles else member)


def at_project(session: Session, asking: Asker, slug: str, *roles: Role) -> Here:
    """The project of an address, if the asker has one of these roles (or any) in it."""
    project = project_at(session, asking.who, slug)
    member = member_of(session, asking.who, project.id)
    return Here(project, require(member, *roles) if roles else member)


def at_page(request: Request, asking: Session | Caller, slug: str, *roles: Role) -> Here:
    """`at` for a page that is looked at: an old slug, or the name, leads on to the slug."""
    caller = asking if isinstance(asking, Caller) else _caller(request, asking)
    here = at(caller, slug, *roles)
    if here.project.slug != slug:
        rest = request.url.path.split("/")[3:]  # behind /p and the name, which may be quoted there
        raise Moved("/".join(["/p", here.project.slug, *rest]))
    return here


def viewer_of(caller: Caller) -> Viewer:
    """Who looks at an estimate, which is not told to whom it would tell of cards in hand."""
    return Viewer(caller.who.id, caller.now)
