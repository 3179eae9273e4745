"""What the palette lists: pages, batches, labels, people and actions within the asker's reach."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from pydantic import AfterValidator, BaseModel

from app.web.palette import palette
from app.web.payloads import check_text
from app.web.who import Looking, at

router = APIRouter()

Kind = Literal["review", "page", "action", "batch", "label", "person", "project"]


class OfferShown(BaseModel):
    """One line: `rank` 0 is the exact name, 1 its beginning, 2 its words, 3 other words for it.

    `keys` are pressed one after the other; with `post`, a form is sent to the address.
    """

    kind: Kind
    name: str
    url: str
    about: str
    keys: str
    post: bool
    rank: int


class PaletteShown(BaseModel):
    entries: list[OfferShown]


@router.get("/api/v1/palette")
def read_palette(
    request: Request,
    caller: Looking,
    project: Annotated[str, Query(max_length=80), AfterValidator(check_text)] = "",
    q: Annotated[str, Query(max_length=200), AfterValidator(check_text)] = "",
) -> PaletteShown:
    """Whatever begins with these words and may be reached; `project` is the one at hand."""
    here = at(caller, project) if project else None
    offers = palette(caller, here, q, known=request.app.state.shapes)
    return PaletteShown(
        entries=[OfferShown.model_validate(one, from_attributes=True) for one in offers]
    )
