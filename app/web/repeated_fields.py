"""A form that names a field twice says two things; one that takes many says them one by one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args, get_origin

from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic import BaseModel

from app.errors import Invalid
from app.web.asked import SAFE, is_form
from app.web.bodies import is_upload
from app.web.csrf import FIELD

_LONGEST_NAME = 100


async def guard_fields(request: Request) -> None:
    """For every route that takes a form: the reader would keep one of two values in silence.

    A form with a file has no names beside those that are known: the others refuse them themselves.
    """
    if request.method in SAFE or not is_form(request.scope):
        return
    route: APIRoute = request.scope["route"]
    if route.body_field is None:
        return
    form = await request.form()  # it was read before any guard is asked
    names = [name for name, _ in form.multi_items()]
    known = {FIELD: False, **dict(_fields(route.dependant))}
    once = {name for name in names if not known.get(name, False)}
    twice = next((name for name in names if name in once and names.count(name) > 1), None)
    if twice is not None:
        raise _refusal(f"The form has the field {twice[:_LONGEST_NAME]!r} twice.", "repeated_field")
    unknown = next((name for name in names if name not in known), None)
    if unknown is not None and is_upload(request.url.path):
        raise _refusal(f"The form has no field {unknown[:_LONGEST_NAME]!r} here.", "unknown_field")


def _refusal(said: str, code: str) -> Invalid:
    return Invalid(said, next_step="Take it out and send the form again.", code=code)


def _fields(dependant: Dependant) -> Iterator[tuple[str, bool]]:
    """The names of a route's fields, each with whether it takes many values."""
    for param in dependant.body_params:
        kind = param.field_info.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            for name, field in kind.model_fields.items():
                yield field.alias or name, _takes_many(field.annotation)
        else:
            yield param.alias, _takes_many(kind)
    for inner in dependant.dependencies:
        yield from _fields(inner)


def _takes_many(kind: Any) -> bool:
    return get_origin(kind) is list or any(_takes_many(part) for part in get_args(kind))
