"""The grid, for its page and for programs: claim two pages, answer one, take one back."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any, TypedDict

from fastapi import APIRouter, Response
from pydantic import Field

from app.actions.answering import Wanted
from app.actions.grid import answer_tiles, claim_tiles, take_back_page
from app.review.answering.grid import AHEAD, GridNumbers, GridPage
from app.review.serving.cards import Card
from app.review.serving.hand_out import HandedOut
from app.web.api.spoken import spoken
from app.web.payloads import Id, PathId, Payload
from app.web.who import Acting

router = APIRouter(prefix="/api/v1")

LeaseToken = Annotated[str, Field(min_length=32, max_length=32, pattern=r"^[0-9a-f]+$")]
Key: Any = Field(min_length=8, max_length=58, pattern=r"^[A-Za-z0-9_-]+$")
Leases = Annotated[list[LeaseToken], Field(max_length=AHEAD)]
Held: Any = Field(default_factory=list, max_length=4 * AHEAD)


class GridReply(TypedDict, total=False):
    """Tiles that are handed out, and what became of the page before."""

    examples: list[Card]
    state: str
    with_others: int
    next_free_in: int | None
    progress: GridNumbers | None
    outcome: str
    confirmed: int
    marked: int
    late: int
    copies: int
    lost: list[str]


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


def _handed_out(handed: HandedOut) -> GridReply:
    return {
        "examples": handed.cards,
        "state": handed.state,
        "with_others": handed.with_others,
        "next_free_in": handed.next_free_in,
    }


@router.post("/batches/{batch_id}/grid/claim")
def claim_grid(batch_id: PathId, payload: GridClaimPayload, caller: Acting) -> Response:
    """Up to two pages of tiles; own ones first, whose reply was lost."""
    done = claim_tiles(caller, batch_id, Wanted(payload.want, payload.held))
    return spoken({**_handed_out(done.handed), "progress": done.numbers})


@router.post("/grid")
def answer_grid(payload: GridPayload, caller: Acting) -> Response:
    """Confirm a page but for its marked tiles, and hand out what is missing."""
    confirmed, marked = tuple(payload.confirmed), tuple(payload.marked)
    page = GridPage(payload.key, payload.batch, confirmed, marked, payload.browser_seconds)
    done = answer_tiles(caller, page, Wanted(payload.want, payload.held))
    became = asdict(done.page)
    return spoken({"outcome": "stored", **became, "progress": None, **_handed_out(done.handed)})


@router.post("/grid/undo")
def undo_grid(payload: TakeBackPayload, caller: Acting) -> Response:
    """Undo a page's answers; the tiles come back."""
    cards = take_back_page(caller, payload.batch, page_key=payload.page, key=payload.key)
    return spoken({"examples": cards, "progress": None})
