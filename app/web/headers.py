"""The outermost layer: a reference for each request, the safety headers, and the last net."""

from __future__ import annotations

import secrets
from time import perf_counter

import structlog
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.web.asker import Asker
from app.web.failures import Broken, answer, met
from app.web.head import as_get
from app.web.public import asks_nobody

log = structlog.get_logger("relabel")

POLICY = "; ".join(
    (
        "default-src 'self'",
        "img-src 'self' data: blob:",
        "script-src 'self'",
        "style-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "form-action 'self'",
        "require-trusted-types-for 'script'",
        "report-uri /csp-report",
    )
)
SAFETY = (
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
)
HSTS = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")
CACHING = b"cache-control"
NO_STORE, NO_CACHE = b"no-store", b"no-cache"
FOREVER = b"public, max-age=31536000, immutable"


class Frame:
    """Adds to every answer what every answer needs, whoever made it."""

    def __init__(self, app: ASGIApp, *, https: bool) -> None:
        self.app = app
        safety = (*SAFETY, HSTS) if https else SAFETY
        self.headers = {how: (*safety, (CACHING, how)) for how in (NO_STORE, NO_CACHE, FOREVER)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        state = scope.setdefault("state", {})
        state["reference"] = secrets.token_hex(4).upper()
        method, started, status = scope["method"], perf_counter(), 0
        if method == "HEAD":
            scope, receive, send = as_get(scope, receive, send)

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                self._add_headers(scope, message)
            await send(message)

        try:
            await self.app(scope, receive, sending)
        except Exception as error:
            failure = met(error)  # also what broke before a route began
            if failure is None:
                log.exception("crashed", reference=state["reference"], route=_route(scope))
                failure = Broken(
                    "The request failed, and what it did was undone.",
                    next_step="Try again. If it fails again, tell an admin the reference.",
                )
            if status:
                raise
            await answer(Request(scope), failure)(scope, receive, sending)
        _log_request(scope, method, status, perf_counter() - started)

    def _add_headers(self, scope: Scope, message: Message) -> None:
        how = NO_STORE
        if scope["path"].startswith("/static/"):
            fresh = b"v=" in scope["query_string"] and message["status"] == 200
            how = FOREVER if fresh else NO_CACHE
        own = [pair for pair in message["headers"] if pair[0] != CACHING]
        message["headers"] = [*own, *self.headers[how]]


def _route(scope: Scope) -> str:
    """The route's own path: unlike the address it holds no secret of a link."""
    path = getattr(scope.get("route"), "path", None)
    return str(path) if path else scope["path"][:200]


def _log_request(scope: Scope, method: str, status: int, seconds: float) -> None:
    if asks_nobody(scope["path"]):
        return
    state = scope["state"]
    asker: Asker | None = state.get("asker")
    log.info(
        "request",
        method=method,
        route=_route(scope),
        status=status,
        ms=round(seconds * 1000, 1),
        reference=state["reference"],
        person=asker.who.id if asker else None,
    )
