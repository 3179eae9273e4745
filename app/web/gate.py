"""The gate: who asks is found before any route; without an answer nothing opens."""

from __future__ import annotations

from urllib.parse import quote

from anyio import to_thread
from starlette.requests import HTTPConnection, Request
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from app.errors import Failure, SignInNeeded
from app.web.acts import is_act
from app.web.asked import wants_json
from app.web.asker import Asker
from app.web.failures import answer
from app.web.look import look, note_seen, refusal, shown
from app.web.public import asks_nobody
from app.web.site import site_of


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
        if not is_act(scope):  # an act looks by itself, in the thread it is done in
            what = shown(HTTPConnection(scope))
            state["asker"], state["now"] = await to_thread.run_sync(look, site, what)
            failure = refusal(scope, state["asker"], site.settings.public_url)
            if failure is not None:
                await _refuse(scope, failure)(scope, receive, send)
                return
        await self.app(scope, receive, send)
        asker: Asker | None = state["asker"]
        if asker is not None and asker.stale:
            await to_thread.run_sync(note_seen, site, asker, state["now"])


def _refuse(scope: Scope, failure: Failure) -> ASGIApp:
    request = Request(scope)
    if isinstance(failure, SignInNeeded) and not wants_json(request):
        target = "/signin"
        if request.method == "GET" and request.url.path != "/":
            query = f"?{request.url.query}" if request.url.query else ""
            target += "?next=" + quote(request.url.path + query, safe="/")
        return RedirectResponse(target, 303)
    return answer(request, failure)
