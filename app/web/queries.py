"""Query strings of the API hold each known key once, and no other."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from app.errors import Invalid


def _names(dependant: Dependant) -> list[str]:
    names = [field.alias for field in dependant.query_params]
    for inner in dependant.dependencies:
        names += _names(inner)
    return names


async def guard_query(request: Request) -> None:
    if not request.url.path.startswith("/api/"):
        return
    if request.scope["query_string"]:
        route: APIRoute = request.scope["route"]
        check_query(request, known=_names(route.dependant))


def check_query(request: Request, *, known: Sequence[str]) -> None:
    keys = [key for key, _ in request.query_params.multi_items()]
    unknown = [key for key in keys if key not in known]
    if unknown:
        raise Invalid(
            "The address holds a filter that does not exist here.",
            next_step="Take out what is misspelled; the API description lists what is known.",
            code="unknown_filter",
        )
    if len(set(keys)) < len(keys):
        raise Invalid(
            "The address holds the same filter twice.",
            next_step="Name each filter once.",
            code="repeated_filter",
        )
