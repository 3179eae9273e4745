"""JSON that names a key twice says two things, and none of them is taken."""

from __future__ import annotations

import json
from collections.abc import Sequence

from fastapi import Request

from app.errors import Invalid
from app.web.asked import SAFE
from app.web.bodies import is_upload

_LONGEST_KEY = 100


class _Repeated(Exception):
    """The key that stands twice in one object."""


def _names(pairs: Sequence[tuple[str, object]]) -> None:
    names = [name for name, _ in pairs]
    if len(set(names)) < len(names):
        raise _Repeated(next(name for name in names if names.count(name) > 1))


def refuse_repeated_keys(body: str | bytes) -> None:
    """Every reader of JSON keeps one of two values in silence; the asker may have meant the other.

    Whether it is JSON at all, its reader says; in whatever form of Unicode that reads it.
    """
    try:
        json.loads(body, object_pairs_hook=_names)
    except _Repeated as repeated:
        key = str(repeated)[:_LONGEST_KEY]
        raise Invalid(
            f"The body has the key {json.dumps(key)} twice.",
            next_step="Keep one of the two.",
            code="repeated_key",
            extra={"key": key},
        ) from None
    except (ValueError, RecursionError):
        return


async def guard_keys(request: Request) -> None:
    """For every route of the API that takes JSON; acts of the hot path ask for themselves."""
    path = request.url.path
    if request.method in SAFE or not path.startswith("/api/") or is_upload(path):
        return
    refuse_repeated_keys(await request.body())
