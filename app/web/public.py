"""The whole list of routes that answer without knowing who asks. Everything else is private."""

from __future__ import annotations

import re

PUBLIC = (
    "/signin",
    "/setup",
    "/invite/{token}",
    "/reset/{token}",
    "/healthz",
    "/readyz",
    "/static/*",
    "/csp-report",
)
NOBODY_ASKED = ("/static/", "/healthz", "/readyz", "/csp-report")  # no look at cookies


def _pattern(path: str) -> str:
    return re.escape(path).replace(r"\{token\}", "[^/]+").replace(r"\*", ".*")


_public = re.compile("|".join(_pattern(path) for path in PUBLIC))


def is_public(path: str) -> bool:
    return _public.fullmatch(path) is not None


def asks_nobody(path: str) -> bool:
    return path.startswith(NOBODY_ASKED) and is_public(path)
