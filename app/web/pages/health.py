"""For machines: does it live, can it work, and what did a browser refuse to run."""

from __future__ import annotations

import shutil
import threading
from datetime import UTC, datetime
from time import monotonic
from typing import TypedDict
from weakref import WeakKeyDictionary

import structlog
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from app.db.failures import RAISED
from app.db.tables.accounts import Activity
from app.db.tables.jobs import Worker
from app.web.site import Site, site_of

router = APIRouter()
log = structlog.get_logger("relabel")

FRESH_SECONDS = 1.0  # outsiders may ask as often as they like, the database is asked this often
LOWEST_FREE = 200 * 2**20


class Readiness(TypedDict):
    """`worker_seconds` ago a worker spoke last; null if none ever did, or nobody could be asked."""

    ready: bool
    database: str
    worker_seconds: int | None
    disk_free: int | None


_turn = threading.Lock()
_latest: WeakKeyDictionary[Site, tuple[float, Readiness]] = WeakKeyDictionary()


@router.get("/healthz")
def healthz() -> dict[str, bool]:
    return {"alive": True}


@router.get("/readyz")
def readyz(request: Request) -> Response:
    site = site_of(request)
    with _turn:
        latest = _latest.get(site)
        if latest is None or monotonic() - latest[0] > FRESH_SECONDS:
            latest = _latest[site] = (monotonic(), _readiness(site))
    return JSONResponse(latest[1], 200 if latest[1]["ready"] else 503)


def _readiness(site: Site) -> Readiness:
    """Write a row and take it back; ask when a worker was last seen, and what room is left."""
    readiness: Readiness = {
        "ready": False,
        "database": "away",
        "worker_seconds": None,
        "disk_free": None,
    }
    try:
        with Session(site.engine) as session:
            now = datetime.now(UTC)
            session.execute(insert(Activity).values(at=now, kind="ready", detail={}))
            seen = session.execute(select(func.max(Worker.seen_at))).scalar_one()
            session.rollback()
        readiness["database"] = "writable"
        if seen is not None:
            readiness["worker_seconds"] = max(0, round((now - seen).total_seconds()))
    except RAISED as error:
        log.error("not_ready", kind=type(error).__name__)
    folder = site.settings.data
    free = shutil.disk_usage(folder).free if folder.is_dir() else None
    readiness["disk_free"] = free
    readiness["ready"] = readiness["database"] == "writable" and (
        free is None or free > LOWEST_FREE
    )
    return readiness


@router.post("/csp-report")
async def csp_report(request: Request) -> Response:
    """Something on a page was not allowed to run; whoever sends it, it is only written down."""
    body = await request.body()
    log.warning("csp_report", report=body[:2000].decode("utf-8", "replace"))
    return Response(status_code=204)
