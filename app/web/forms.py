"""HTML input: named fields, and nothing beside them."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from contextlib import contextmanager

from fastapi import Request
from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from app.errors import Failure
from app.web.site import site_of


class FormInput(BaseModel):
    """The root of every form. Texts are judged by the domain, which says what to do instead."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    csrf: str = ""


@contextmanager
def nothing_kept_if_refused(session: Session) -> Iterator[None]:
    """A form that is refused comes back filled in: whatever it had written is taken back first."""
    try:
        yield
    except Failure:
        session.rollback()
        raise


def address_of(request: Request) -> str:
    return request.client.host if request.client else ""


def from_this_machine(request: Request) -> bool:
    try:
        return ipaddress.ip_address(address_of(request)).is_loopback
    except ValueError:
        return False


def full_url(request: Request, path: str) -> str:
    """An address to hand to somebody; the host was checked when the request came in."""
    public = site_of(request).settings.public_url.rstrip("/")
    return (public or f"{request.url.scheme}://{request.headers['host']}") + path
