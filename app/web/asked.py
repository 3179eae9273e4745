"""What a request says of itself, before anybody knows who sent it."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import Scope

SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


def is_form(scope: Scope) -> bool:
    media = Headers(scope=scope).get("content-type", "")
    return media.partition(";")[0].strip().lower() in FORMS


def wants_json(request: Request) -> bool:
    if request.url.path.startswith("/api/"):
        return True
    accepted = request.headers.get("accept", "")
    return "application/json" in accepted and "text/html" not in accepted
