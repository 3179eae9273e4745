"""How large a body may be, who may send a large one, and how long its next piece may take."""

from __future__ import annotations

import re

from anyio import move_on_after
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import Message, Receive, Scope

from app.db.engine import reading
from app.db.words import Role
from app.errors import Failure, SignInNeeded
from app.web.asked import SAFE, is_form
from app.web.asker import Asker
from app.web.failures import TooSlow
from app.web.site import Site
from app.web.who import at_project

BODY = 2**16
"""Bytes: as many as the server reads ahead, before anybody has asked for them."""

LISTS = FORM = 2**20
UPLOAD = 2 * 2**30
PATIENCE = 20.0
"""Seconds in which something of a body has to come."""

_OF_PROJECT = re.compile(r"/(?:p|api/v1/projects)/([^/]+)/.+")
_uploads: list[re.Pattern[str]] = []
_lists: list[re.Pattern[str]] = []


def takes_upload(path: str) -> str:
    """Name a route that takes a file of up to 2 GiB: `@router.post(takes_upload("/p/…"))`."""
    _uploads.append(_pattern(path))
    return path


def takes_lists(path: str) -> str:
    """Name a route whose JSON holds thousands of ids."""
    _lists.append(_pattern(path))
    return path


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(
        "".join(
            "[^/]+" if part.startswith("{") else re.escape(part)
            for part in re.split(r"(\{[^}]+\})", path)
        )
    )


def is_upload(path: str) -> bool:
    return any(pattern.fullmatch(path) for pattern in _uploads)


def most_bytes(scope: Scope) -> int:
    """How large the body may be. Beyond `BODY` it is a lead's: `may_send` asks for the right."""
    path = scope["path"]
    if is_upload(path):
        return UPLOAD
    if any(pattern.fullmatch(path) for pattern in _lists):
        return LISTS
    return FORM if is_form(scope) and _OF_PROJECT.fullmatch(path) else BODY


def is_large(scope: Scope) -> bool:
    """Whether more may come than what was read ahead: a file, a long body, one without an end."""
    if scope["method"] in SAFE:
        return False
    headers = Headers(scope=scope)
    length = headers.get("content-length", "")
    long = length.isdecimal() and int(length) > BODY
    return is_upload(scope["path"]) or long or "transfer-encoding" in headers


def may_send(site: Site, asker: Asker | None, scope: Scope) -> Failure | None:
    """Ask for the right before the body is read. Every address of a project that takes a large
    one is its leads'; the others take no more than was read ahead, and ask for themselves."""
    found = _OF_PROJECT.fullmatch(scope["path"])
    if found is None or most_bytes(scope) == BODY:
        return None
    if asker is None:
        return SignInNeeded()
    try:
        with reading(site.engine) as session:
            at_project(session, asker, found[1], Role.LEAD)
    except Failure as failure:
        return failure
    return None


def counted(receive: Receive, most: int, *, patience: float = PATIENCE) -> Receive:
    """Hand the body on piece by piece, as long as it is not too large and goes on coming."""
    count, more = 0, True

    async def counting() -> Message:
        nonlocal count, more
        if not more:
            return await receive()
        message: Message | None = None
        with move_on_after(patience):
            message = await receive()
        if message is None:
            raise TooSlow(
                f"Nothing more of the request came for {patience:g} seconds. Nothing was stored.",
                next_step="Check the connection, then send it again.",
            )
        if message["type"] == "http.request":
            count += len(message.get("body", b""))
            more = message.get("more_body", False)
            if count > most:
                raise HTTPException(413)
        return message

    return counting
