"""The grid, for its page and for programs: claim two pages, answer one, take one back."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import Field

from app.db.words import BatchState
from app.review.answering.grid import (
    AHEAD,
    GridPage,
    answer_page,
    claim_page,
    grid_of,
    more_tiles,
    take_back,
    told,
)
from app.review.books.may import Place, lock_for, readable_batch
from app.review.serving.hand_out import Claimed
from app.web.payloads import Id, PathId, Payload
from app.web.sessions import Writing
from app.web.who import Asking, Now

router = APIRouter(prefix="/api/v1")

LeaseToken = Annotated[str, Field(min_length=32, max_length=32, pattern=r"^[0-9a-f]+$")]
Key: Any = Field(min_length=8, max_length=58, pattern=r"^[A-Za-z0-9_-]+$")
Leases = Annotated[list[LeaseToken], Field(max_length=AHEAD)]
Held: Any = Field(default_factory=list, max_length=4 * AHEAD)


class GridClaimPayload(Payload):
    want: int = Field(default=AHEAD, ge=1, le=AHEAD)
    held: list[str] = Held


class GridPayload(Payload):
    """One page: what is confirmed, and what goes to the desk."""

    key: str = Key
    batch: Id
    confirmed: Leases = Field(default_factory=list)
    marked: Leases = Field(default_factory=list)
    browser_seconds: float | None = Field(default=None, ge=0, le=1e7)
    want: int = Field(default=0, ge=0, le=AHEAD)
    held: list[str] = Held


class TakeBackPayload(Payload):
    """Take back the page that was answered under the key `page`."""

    key: str = Key
    batch: Id
    page: str = Key


@router.post("/batches/{batch_id}/grid/claim")
def claim_tiles(
    batch_id: PathId,
    payload: GridClaimPayload,
    request: Request,
    asking: Asking,
    session: Writing,
    now: Now,
) -> dict[str, Any]:
    """Up to two pages of tiles; own ones first, whose reply was lost."""
    member, _ = lock_for(session, asking.who, Place.BATCH, batch_id)
    claimed = claim_page(
        session,
        member,
        batch_id,
        want=payload.want,
        held=payload.held,
        now=now,
        rng=request.app.state.rng,
    )
    batch = readable_batch(session, member, batch_id)
    return claimed.told() | {"progress": told(session, batch, member.person_id)}


@router.post("/grid")
def answer_tiles(
    payload: GridPayload, request: Request, asking: Asking, session: Writing, now: Now
) -> dict[str, Any]:
    """Confirm a page but for its marked tiles, and hand out what is missing."""
    member, held = lock_for(session, asking.who, Place.BATCH, payload.batch)
    batch = grid_of(session, member, payload.batch)
    page = GridPage(
        key=payload.key,
        batch_id=payload.batch,
        confirmed=tuple(payload.confirmed),
        marked=tuple(payload.marked),
        browser_seconds=payload.browser_seconds,
    )
    rng = request.app.state.rng
    done = answer_page(session, held, member, page, now=now, rng=rng)
    more = Claimed(state=batch.state.value)
    if payload.want and batch.state is BatchState.OPEN:
        more = more_tiles(
            session, held, member, batch, want=payload.want, held=payload.held, now=now, rng=rng
        )
    held.save()
    return {
        "outcome": "stored",
        "confirmed": done.confirmed,
        "marked": done.marked,
        "late": done.late,
        "lost": done.lost,
        "progress": None,
        **more.told(),
    }


@router.post("/grid/undo")
def take_back_page(
    payload: TakeBackPayload, request: Request, asking: Asking, session: Writing, now: Now
) -> dict[str, Any]:
    """Undo a page's answers; the tiles come back."""
    member, _ = lock_for(session, asking.who, Place.BATCH, payload.batch)
    cards = take_back(
        session,
        member,
        key=payload.key,
        page_key=payload.page,
        batch_id=payload.batch,
        now=now,
        rng=request.app.state.rng,
    )
    return {"examples": cards, "progress": None}
