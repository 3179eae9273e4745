"""Where to go after signing in: only to a page of our own that exists."""

from __future__ import annotations

import re
from urllib.parse import unquote

from fastapi import FastAPI
from starlette.routing import Match
from starlette.types import Scope

from app.web.public import is_public

_own = re.compile(r"/(?![/\\])[\x21-\x7e]*")


def onward(app: FastAPI, wanted: str) -> str:
    """The wanted address if it is a page of this site, else the first page."""
    if not _own.fullmatch(wanted):
        return "/"
    path = unquote(wanted.partition("?")[0].partition("#")[0])
    if path.startswith("/api/") or (is_public(path) and not path.startswith("/invite/")):
        return "/"
    scope: Scope = {"type": "http", "method": "GET", "path": path, "root_path": "", "headers": []}
    for route in app.routes:
        if route.matches(scope)[0] is Match.FULL:
            return wanted
    return "/"
