"""The gate: who asks is found before any route; without an answer nothing opens."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from time import monotonic
from urllib.parse import quote

from anyio import to_thread
from starlette.requests import HTTPConnection, Request
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from app.errors import Failure, SignInNeeded, TooMany
from app.web.acts import is_act
from app.web.asked import SAFE, wants_json
from app.web.asker import Asker
from app.web.bodies import is_large, is_upload, may_send
from app.web.failures import answer
from app.web.look import look, note_seen, refusal, shown
from app.web.public import asks_nobody
from app.web.site import Site, site_of


class Gate:
    """Default deny: a route is private unless `public.PUBLIC` names it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or asks_nobody(scope["path"]):
            await self.app(scope, receive, send)
            return
        site, state = site_of(scope), scope["state"]
        state["asker"] = None
        if is_act(scope):  # an act looks by itself, in the thread it is done in
            await self.app(scope, receive, send)
        else:
            await self._let_in(scope, receive, send)
        asker: Asker | None = state["asker"]
        if asker is not None and asker.stale:
            await to_thread.run_sync(note_seen, site, asker, state["now"])

    async def _let_in(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Go on, once it is known who asks and that they may; nothing of the body is read yet."""
        site, state = site_of(scope), scope["state"]
        what = shown(HTTPConnection(scope))
        asker, state["now"] = await to_thread.run_sync(look, site, what)
        state["asker"] = asker
        failure = refusal(scope, asker, site.settings.public_url)
        if failure is None and is_large(scope):
            failure = await to_thread.run_sync(may_send, site, asker, scope)
        if failure is not None:
            await _refuse(scope, failure)(scope, receive, send)
            return
        try:
            with _turns(site, asker, scope):
                await self.app(scope, receive, send)
        except TooMany as too_many:
            await _refuse(scope, too_many)(scope, receive, send)


def _turns(site: Site, asker: Asker | None, scope: Scope) -> AbstractContextManager[None]:
    """Count what the person does; a file has a turn of its own for as long as it is sent."""
    if asker is None or scope["method"] in SAFE:
        return nullcontext()
    site.pace.take(asker.who.id, at=monotonic())
    return site.uploads.taken(asker.who.id) if is_upload(scope["path"]) else nullcontext()


def _refuse(scope: Scope, failure: Failure) -> ASGIApp:
    request = Request(scope)
    if isinstance(failure, SignInNeeded) and not wants_json(request):
        target = "/signin"
        if request.method == "GET" and request.url.path != "/":
            query = f"?{request.url.query}" if request.url.query else ""
            target += "?next=" + quote(request.url.path + query, safe="/")
        return RedirectResponse(target, 303)
    return answer(request, failure)
