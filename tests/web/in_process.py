"""Requests go to the app as a server would send them: one visit to its event loop for each.

Starlette's own test client goes there and back eight times for a request, to hand an answer on
piece by piece; most of what a small request cost was the waking of threads.
"""

from __future__ import annotations

import atexit
from functools import cache
from urllib.parse import unquote

import anyio
import httpx
from anyio.from_thread import BlockingPortal, start_blocking_portal
from starlette.types import ASGIApp, Message, Scope

_PORTS = {"http": 80, "https": 443}


class InProcess(httpx.BaseTransport):
    """To this app, from this address. What breaks in it is a 500, as it is for a browser."""

    def __init__(self, app: ASGIApp, *, address: str) -> None:
        self.app, self.client = app, (address, 50_000)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        status, headers, content = _event_loop().call(
            _answered, self.app, self._scope(request), request.read()
        )
        said = httpx.ByteStream(content)  # as it is: no length is added to the headers
        return httpx.Response(status, headers=headers, stream=said, request=request)

    def _scope(self, request: httpx.Request) -> Scope:
        url = request.url
        return {
            "type": "http",
            "http_version": "1.1",
            "method": request.method,
            "path": unquote(url.path),
            "raw_path": url.raw_path.split(b"?", 1)[0],
            "root_path": "",
            "scheme": url.scheme,
            "query_string": url.query,
            "headers": [(key.lower(), value) for key, value in request.headers.raw],
            "client": self.client,
            "server": (url.host, url.port or _PORTS[url.scheme]),
            "extensions": {},
            "state": {},
        }


Answer = tuple[int, list[tuple[bytes, bytes]], bytes]


async def _answered(app: ASGIApp, scope: Scope, body: bytes) -> Answer:
    """What the app says, once it has done all it does for the request."""
    said: list[Message] = []
    asked, told = False, anyio.Event()

    async def receive() -> Message:
        nonlocal asked
        if asked:
            await told.wait()
            return {"type": "http.disconnect"}
        asked = True
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        said.append(message)
        if message["type"] == "http.response.body" and not message.get("more_body"):
            told.set()

    try:
        await app(scope, receive, send)
    except Exception:
        if not said:
            return 500, [], b""
    first, *parts = said
    content = b"" if scope["method"] == "HEAD" else b"".join(one.get("body", b"") for one in parts)
    return first["status"], list(first["headers"]), content


@cache
def _event_loop() -> BlockingPortal:
    """One event loop for every request, as in the real process; a new one each costs more."""
    running = start_blocking_portal()
    made = running.__enter__()
    atexit.register(running.__exit__, None, None, None)
    return made
