"""The two cookies: the session's, and the one that guards forms before there is a session."""

from __future__ import annotations

import secrets
from http.cookies import CookieError

from starlette.requests import HTTPConnection, Request, cookie_parser
from starlette.responses import Response

from app.accounts.sessions import ABSOLUTE
from app.web.site import site_of


def _name(word: str, https: bool) -> str:
    return f"__Host-{word}" if https else word


def read_cookies(headers: list[tuple[bytes, bytes]]) -> dict[str, str]:
    """Every cookie of a request; a broken header is no cookie."""
    cookies: dict[str, str] = {}
    for key, value in headers:
        if key == b"cookie":
            try:
                cookies |= cookie_parser(value.decode("latin-1"))
            except CookieError:
                continue
    return cookies


def session_cookie(connection: HTTPConnection, cookies: dict[str, str]) -> str | None:
    return cookies.get(_name("relabel", site_of(connection).https))


def keep_session(request: Request, response: Response, raw: str) -> None:
    _set(request, response, "relabel", raw, max_age=int(ABSOLUTE.total_seconds()))


def drop_session(request: Request, response: Response) -> None:
    _set(request, response, "relabel", "", max_age=0)


def form_token(request: Request) -> tuple[str, bool]:
    """The token of forms before sign-in, and whether it is new and must be kept."""
    token = kept_form_token(request)
    return (token, False) if token else (secrets.token_urlsafe(24), True)


def kept_form_token(request: Request) -> str:
    token = read_cookies(request.scope["headers"]).get(
        _name("relabel-form", site_of(request).https), ""
    )
    return token if len(token) == 32 and token.isascii() else ""


def keep_form_token(request: Request, response: Response, raw: str) -> None:
    _set(request, response, "relabel-form", raw)


def _set(
    request: Request, response: Response, word: str, value: str, *, max_age: int | None = None
) -> None:
    https = site_of(request).https
    response.set_cookie(
        _name(word, https),
        value,
        path="/",
        secure=https,
        httponly=True,
        samesite="lax",
        max_age=max_age,
    )
