"""What is refused before anybody looks at it: foreign hosts, odd paths, bodies too large."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from app.errors import Failure, TooLarge
from app.web.asked import SAFE
from app.web.bodies import PATIENCE, counted, is_upload, most_bytes
from app.web.failures import Malformed, WrongMedia, answer

MOST_PORT = 2**16 - 1
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})

_control = re.compile("[\x00-\x1f\x7f-\x9f\ufffd]")
_raw_control = re.compile(rb"%[01][0-9a-f]|%7f", re.IGNORECASE)
_name_and_port = re.compile(
    r"(?:\[(?P<inner>[0-9a-f:.]+)\]|(?P<name>[a-z0-9._-]+))(?::(?P<port>[0-9]{1,5}))?",
    re.IGNORECASE | re.ASCII,
)
_raw_nul = re.compile(rb"%00|\x00")


def allowed_hosts(public_url: str, listed: str) -> frozenset[str]:
    named = {name.strip().lower() for name in listed.split(",") if name.strip()}
    own = urlsplit(public_url).hostname
    return LOOPBACK | named | ({own.lower()} if own else set())


def _host_of(value: str) -> str | None:
    """The name in a Host header without its port; None where it is no name and port."""
    found = _name_and_port.fullmatch(value)
    if found is None or not 0 < int(found["port"] or 1) <= MOST_PORT:
        return None
    return str(found["inner"] or found["name"]).lower()


def _without_host(scope: Scope) -> Scope:
    """For whoever draws the refusal: no address is made from a host that is none of ours."""
    return {**scope, "headers": [pair for pair in scope["headers"] if pair[0] != b"host"]}


def _header(scope: Scope, name: bytes) -> str:
    values = [value for key, value in scope["headers"] if key == name]
    return values[0].decode("latin-1") if len(values) == 1 else ""


class Limits:
    """Refuses, or lets through with a look at every piece of the body."""

    def __init__(self, app: ASGIApp, *, hosts: Iterable[str], patience: float = PATIENCE) -> None:
        self.app = app
        self.hosts = frozenset(hosts)
        self.patience = patience

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        most = most_bytes(scope)
        failure = self._refusal(scope, most)
        if failure is not None:
            await answer(Request(_without_host(scope)), failure)(scope, receive, send)
            return
        await self.app(scope, counted(receive, most, patience=self.patience), send)

    def _refusal(self, scope: Scope, most: int) -> Failure | None:
        host = _host_of(_header(scope, b"host"))
        if host is None:
            return Malformed(
                "The Host header is not one name, with a port from 1 to 65535 or none.",
                next_step="Use the address an admin gave you, as it stands.",
                code="odd_host",
            )
        if host not in self.hosts:
            return Malformed(
                "This server does not answer to that host name.",
                next_step="Use the address an admin gave you, or add it to the allowed hosts.",
                code="wrong_host",
            )
        raw = scope.get("raw_path") or b""
        if _control.search(scope["path"]) or _raw_control.search(raw):
            return Malformed("The address holds a control character.", code="odd_path")
        if _raw_nul.search(scope["query_string"]):
            return Malformed("The address holds a control character.", code="odd_path")
        length = _header(scope, b"content-length")
        if length and (not length.isdecimal() or len(length) > 15):
            return Malformed("The length of the body is not a number.")
        if length and int(length) > most:
            return TooLarge(
                f"The body may have at most {most} bytes.", next_step="Send it in smaller parts."
            )
        return _wrong_media(scope, length)


def _wrong_media(scope: Scope, length: str) -> Failure | None:
    """JSON routes take JSON, so that no foreign form can speak to them."""
    if scope["method"] in SAFE or not scope["path"].startswith("/api/"):
        return None
    chunked = any(key == b"transfer-encoding" for key, _ in scope["headers"])
    if not (chunked or (length and int(length))) or is_upload(scope["path"]):
        return None
    media = _header(scope, b"content-type").partition(";")[0].strip().lower()
    if media == "application/json":
        return None
    return WrongMedia("The body must be JSON.", next_step="Send Content-Type: application/json.")
