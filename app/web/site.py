"""What the app was wired with, for whoever answers a request: `site_of(request).engine`."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Protocol

from fastapi import FastAPI
from jinja2 import Environment
from sqlalchemy import Engine
from sqlalchemy.orm import Session
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.types import Scope

from app.db.engine import quiet
from app.errors import Failure
from app.settings import Settings
from app.web.fair_use import Pace, UploadTurns

Clock = Callable[[Session | Engine], datetime]  # an engine, where no transaction is needed


class DrawsFailures(Protocol):
    """Draws the page of a failure; its status says whether another try may help."""

    def __call__(self, request: Request, failure: Failure, *, status: int) -> Response: ...


@dataclass(frozen=True, eq=False)
class Site:
    settings: Settings
    engine: Engine
    clock: Clock
    templates: Environment
    failure_page: DrawsFailures
    shapes: frozenset[str]  # of the addresses of pages
    rng: random.Random = field(default_factory=random.SystemRandom)
    pace: Pace = field(default_factory=Pace)
    uploads: UploadTurns = field(default_factory=UploadTurns)

    @cached_property
    def quiet(self) -> Engine:
        """The engine for who only looks."""
        return quiet(self.engine)

    @cached_property
    def https(self) -> bool:
        return self.settings.public_url.startswith("https://")


def keep_site(app: FastAPI, site: Site) -> None:
    app.state = site  # type: ignore[assignment]  # as good as any object, and its names are typed


def site_of(asked: HTTPConnection | Scope) -> Site:
    site: Site = asked["app"].state
    return site
