"""The web app, wired: settings and a database in, an ASGI app out."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from anyio import to_thread
from fastapi import FastAPI
from sqlalchemy import Engine

from app.db.engine import close, database_now, open_engine
from app.settings import Settings
from app.web.failure_page import draw_failure
from app.web.failures import handle_failures
from app.web.gate import Gate
from app.web.headers import Frame
from app.web.limits import Limits, allowed_hosts
from app.web.logs import configure_logs
from app.web.render import compile_templates, make_templates
from app.web.routes import add_routes, page_shapes
from app.web.site import Clock, Site, keep_site, site_of


def create_app(
    settings: Settings, *, engine: Engine | None = None, clock: Clock | None = None
) -> FastAPI:
    """Wire the site; tests hand in their own database and clock."""
    configure_logs(settings.log_level)
    app = FastAPI(
        title="Relabel",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        lifespan=_until_told_to_go,
    )
    site = Site(
        settings,
        engine or open_engine(settings.database_url),
        clock or database_now,
        make_templates(),
        failure_page=draw_failure,
        shapes=page_shapes(),
    )
    keep_site(app, site)
    handle_failures(app)
    add_routes(app)
    # The last one added stands outermost.
    app.add_middleware(Gate)
    app.add_middleware(Limits, hosts=allowed_hosts(settings.public_url, settings.allowed_hosts))
    app.add_middleware(Frame, https=site.https)
    return app


@asynccontextmanager
async def _until_told_to_go(app: FastAPI) -> AsyncIterator[None]:
    """Under a server; when it is told to go, nothing is left beside the database's file."""
    yield
    await to_thread.run_sync(close, site_of({"app": app}).engine)


def from_environment() -> FastAPI:
    """For uvicorn: `uvicorn --factory app.main:from_environment`."""
    app = create_app(Settings())
    threading.Thread(target=compile_templates, name="compile-templates", daemon=True).start()
    return app
