"""The grid: a page of tiles with one given label, for its reader."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Annotated, Literal, TypedDict

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import Field

from app.accounts.membership import Member
from app.actions.answering import NOTHING, Wanted
from app.actions.grid import answer_tiles, claim_tiles, take_back_last
from app.actions.turn import Caller
from app.datasets.current_labels import label_now
from app.datasets.display_names import shown_names
from app.datasets.labels import labels_of
from app.datatypes.registry import TYPES
from app.db.tables.datasets import Label, Project
from app.db.tables.review import Batch
from app.db.words import DataType
from app.review.answering.grid import (
    GridNumbers,
    GridPage,
    confused_with,
    grid_numbers,
    tile,
    too_many_errors,
)
from app.review.batches.batch import is_grid
from app.review.serving.cards import Card
from app.review.serving.hand_out import DONE
from app.review.serving.in_hand import in_hand
from app.web.forms import FormInput
from app.web.payloads import PathId
from app.web.render import render
from app.web.who import Acting, Looking, at_batch

router = APIRouter()

LEASES = 48


class GridForm(FormInput):
    """The page without script: one button, and the tiles that lay beside it."""

    step: Literal["start", "confirm", "undo"]
    key: str = Field(default="", max_length=58)
    lease: list[str] = Field(default_factory=list, max_length=LEASES)
    marked: list[str] = Field(default_factory=list, max_length=LEASES)


@dataclass(frozen=True, slots=True)
class Confused:
    """A label that is often right instead."""

    name: str
    description: str


class Start(TypedDict):
    """What the grid's scripts begin with."""

    examples: list[Card]
    progress: GridNumbers
    page: int


@dataclass(frozen=True, slots=True)
class TilesPage:
    batch: Batch
    url: str
    person: str
    data_type: str
    label: str
    about: str
    confused: tuple[Confused, ...]
    tiles: tuple[Card, ...]
    keys: tuple[str, ...]
    key: str
    progress: GridNumbers
    share: float
    pages_left: str
    refused: bool
    single_keys: bool
    start: Start


def places(data_type: DataType) -> tuple[str, ...]:
    """The keys of a page's tiles: they stand like these."""
    return tuple("".join(TYPES[data_type].tiles))


def _pages_left(numbers: GridNumbers, page: int) -> str:
    left = -(-(numbers["size"] - numbers["done"]) // page)
    words = f"{left:,} {'page' if left == 1 else 'pages'} left"
    if numbers["seconds_left"] is None:
        return words
    return f"{words}, about {max(1, round(numbers['seconds_left'] / 60))} min"


def _tiles_page(caller: Caller, batch: Batch, member: Member) -> TilesPage:
    session, label_id = caller.session, label_now(caller.session, batch.rule.get("label"))
    project = session.get_one(Project, batch.project_id)
    keys = places(project.data_type)
    cards = in_hand(session, member, batch, on_grid=True, now=caller.now)
    tiles = [tile(card) for card in cards]
    labels = {label.id: label for label in labels_of(session, project.id)}
    label: Label | None = labels.get(label_id or 0)
    names = shown_names(labels.values())
    others = [labels[one] for one in confused_with(session, project.id, label_id) if one in labels]
    numbers = grid_numbers(session, batch, member.person_id)
    return TilesPage(
        batch=batch,
        url=f"/review/{batch.id}/grid",
        person=member.pseudonym,
        data_type=project.data_type.value,
        label=names[label.id] if label else "a retired label",
        about=label.description if label else "",
        confused=tuple(Confused(names[other.id], other.description) for other in others),
        tiles=tuple(tiles[: len(keys)]),
        keys=keys,
        key=secrets.token_hex(16),
        progress=numbers,
        share=numbers["done"] / numbers["size"] if numbers["size"] else 0.0,
        pages_left=_pages_left(numbers, len(keys)),
        single_keys=caller.who.single_keys,
        refused=too_many_errors(session, batch),
        start={"examples": tiles, "progress": numbers, "page": len(keys)},
    )


@router.get("/review/{batch_id}/grid")
def grid(request: Request, batch_id: PathId, caller: Looking) -> Response:
    """The tiles their reader holds; script, or the form's first button, asks for more."""
    batch, member = at_batch(caller, batch_id)
    if not is_grid(batch):
        return RedirectResponse(f"/review/{batch_id}", 303)
    return render(request, "review/grid.html", _tiles_page(caller, batch, member))


@router.post("/review/{batch_id}/grid")
def answer_grid(batch_id: PathId, form: Annotated[GridForm, Form()], caller: Acting) -> Response:
    """Without script: what the pressed button says, then the next page."""
    batch, _ = at_batch(caller, batch_id)
    if form.step == "confirm":
        answer_tiles(caller, _page(form, batch_id), NOTHING)
    elif form.step == "undo":
        take_back_last(caller, batch_id, key=form.key)
    project = caller.session.get_one(Project, batch.project_id)
    done = claim_tiles(caller, batch_id, Wanted(len(places(project.data_type))))
    if done.handed.cards or done.handed.state != DONE:
        return RedirectResponse(f"/review/{batch_id}/grid", 303)
    marked = done.numbers is not None and done.numbers["marked"]
    return RedirectResponse(f"/review/{batch_id}{'?marked=true' if marked else '/done'}", 303)


def _page(form: GridForm, batch_id: int) -> GridPage:
    confirmed = tuple(token for token in form.lease if token not in form.marked)
    return GridPage(form.key, batch_id, confirmed, tuple(form.marked))
