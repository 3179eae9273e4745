"""Nobody else's page may act for a person: own origin, and a token that only our pages know."""

from __future__ import annotations

import hmac
from urllib.parse import urlsplit

from fastapi import Request
from starlette.datastructures import FormData, Headers
from starlette.types import Scope

from app.errors import Forbidden, Invalid
from app.web.asked import SAFE, is_form
from app.web.asker import Asker
from app.web.bodies import is_upload
from app.web.cookies import kept_form_token
from app.web.payloads import check_text
from app.web.public import asks_nobody, is_public

FIELD = "csrf"
HEADER = "x-csrf-token"


def forged() -> Forbidden:
    return Forbidden(
        "This page has been open for too long, or the request came from another site.",
        next_step="Reload the page and try again.",
        code="csrf",
    )


def same(token: str | None, expected: str) -> bool:
    if not token or not expected:
        return False
    return hmac.compare_digest(token.encode("utf-8", "replace"), expected.encode())


def from_own_page(scope: Scope, public_url: str) -> bool:
    """What the browser says about where the request comes from; silence is no browser."""
    headers = Headers(scope=scope)
    site = headers.get("sec-fetch-site")
    if site not in (None, "same-origin", "none"):
        return False
    origin = headers.get("origin")
    if origin is None:
        return True
    own = {("http", headers.get("host", "")), ("https", headers.get("host", ""))}
    if public_url:
        parts = urlsplit(public_url)
        own.add((parts.scheme, parts.netloc))
    try:
        asked = urlsplit(origin)
    except ValueError:
        return False
    return (asked.scheme, asked.netloc) in own


async def guard_form(request: Request) -> None:
    """For every route: an unsafe request carries the token, and its text can be stored."""
    if request.method in SAFE or asks_nobody(request.url.path):
        return
    state = request.state
    proven = getattr(state, "proven", False)
    form: FormData | None = None
    if is_form(request.scope) and not (proven and is_upload(request.url.path)):
        form = await request.form()
    if not proven:
        asker: Asker | None = getattr(state, "asker", None)
        expected = kept_form_token(request)
        if asker is not None and not is_public(request.url.path):
            expected = asker.csrf
        token = form.get(FIELD) if form is not None else None
        if not isinstance(token, str) or not same(token, expected):
            raise forged()
    _check_form(form)


def _check_form(form: FormData | None) -> None:
    for name, value in form.multi_items() if form is not None else ():
        try:
            check_text(name)
            if isinstance(value, str):
                check_text(value)
        except ValueError as error:
            raise Invalid(
                "A field holds a character that cannot be stored.",
                next_step="Take it out and send the form again.",
            ) from error
