"""One request, one transaction: opened late, committed before the answer leaves.

At most four requests at a time (`WRITERS`) hold or await the right to write. Threads are shared
by all requests; if every one of them waited for the one writer of SQLite or for one project's
lock, the writer itself could get none, and whoever only reads would wait as well.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated

from anyio import CancelScope, CapacityLimiter, to_thread
from anyio.lowlevel import RunVar
from fastapi import Depends, Request
from sqlalchemy.orm import Session

from app.failpoints import reach
from app.web.site import site_of

WRITERS = 4

_writers: RunVar[CapacityLimiter] = RunVar("_writers")
_enders: RunVar[CapacityLimiter] = RunVar("_enders")


def writers() -> CapacityLimiter:
    """The turns of those who write, in this event loop."""
    return _limiter(_writers, WRITERS)


def _limiter(turns: RunVar[CapacityLimiter], size: int) -> CapacityLimiter:
    try:
        return turns.get()
    except LookupError:
        limiter = CapacityLimiter(size)
        turns.set(limiter)
        return limiter


async def open_session(request: Request) -> AsyncIterator[Session]:
    """A session that may write; use it with `scope="function"`, or simply as `Writing`."""
    async with writers():
        session = Session(site_of(request).engine, expire_on_commit=False)
        step = step_of(request.scope["path"])
        try:
            yield session
            reach(f"{step}.before_commit")
            await _end(session, commit=True)
            reach(f"{step}.after_commit")
        finally:
            with CancelScope(shield=True):
                await _end(session, commit=False)


def step_of(path: str) -> str:
    """What the places around a commit are called, for tests that end the process there."""
    return "claim" if path.endswith("/claim") else "submit"


async def read_session(request: Request) -> AsyncIterator[Session]:
    """One consistent look that cannot write nor take the writer's turn."""
    session = Session(site_of(request).quiet, expire_on_commit=False, autoflush=False)
    try:
        yield session
    finally:
        with CancelScope(shield=True):
            await _end(session, commit=False)


async def _end(session: Session, *, commit: bool) -> None:
    """In a thread of its own kind: the end of a transaction never queues behind new ones."""
    if not session.in_transaction():
        return
    step = session.commit if commit else session.close
    await to_thread.run_sync(step, limiter=_limiter(_enders, 2 * WRITERS))


Writing = Annotated[Session, Depends(open_session, scope="function")]
Reading = Annotated[Session, Depends(read_session, scope="function")]
