"""The grid: a page of tiles with one given label, for its reader."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import Field

from app.datasets.labels import labels_of
from app.db.tables.datasets import Label, Project
from app.db.tables.review import Batch
from app.db.words import DataType
from app.review.answering.grid import (
    GridPage,
    answer_page,
    claim_page,
    confused_with,
    grid_of,
    last_page_key,
    take_back,
    tile,
    told,
    too_many_errors,
)
from app.review.books.may import Place, lock_for
from app.review.serving.desk import is_grid
from app.review.serving.in_hand import in_hand
from app.web.forms import FormInput
from app.web.payloads import PathId
from app.web.render import render
from app.web.sessions import Reading, Writing
from app.web.who import Asking, Now, at_batch

router = APIRouter()

IMAGES = ("123456", "QWERTY", "ASDFGH", "ZXCVBN")  # tiles stand like these keys
CARDS = ("123", "QWE", "ASD", "ZXC")  # texts need more room
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


@dataclass(frozen=True, slots=True)
class TilesPage:
    batch: Batch
    url: str
    person: str
    data_type: str
    label: str
    about: str
    confused: tuple[Confused, ...]
    tiles: tuple[dict[str, Any], ...]
    keys: tuple[str, ...]
    key: str
    progress: dict[str, Any]
    share: float
    pages_left: str
    refused: bool
    single_keys: bool
    start: dict[str, Any]


def places(data_type: DataType) -> tuple[str, ...]:
    return tuple("".join(IMAGES if data_type is DataType.IMAGE else CARDS))


def _pages_left(numbers: dict[str, Any], page: int) -> str:
    left = -(-(numbers["size"] - numbers["done"]) // page)
    words = f"{left:,} {'page' if left == 1 else 'pages'} left"
    if numbers["seconds_left"] is None:
        return words
    return f"{words}, about {max(1, round(numbers['seconds_left'] / 60))} min"


@router.get("/review/{batch_id}/grid")
def grid(
    request: Request, batch_id: PathId, asking: Asking, session: Reading, now: Now
) -> Response:
    """The tiles their reader holds; script, or the form's first button, asks for more."""
    batch, member = at_batch(session, asking, batch_id)
    if not is_grid(batch):
        return RedirectResponse(f"/review/{batch_id}", 303)
    project = session.get_one(Project, batch.project_id)
    keys = places(project.data_type)
    held = [
        tile(card)
        for card in in_hand(session, member, batch, on_grid=True, run_id=project.run_id, now=now)
    ]
    labels = {label.id: label for label in labels_of(session, project.id)}
    label: Label | None = labels.get(batch.rule.get("label") or 0)
    others = confused_with(session, project.id, batch.rule.get("label"))
    numbers = told(session, batch, member.person_id)
    page = TilesPage(
        batch=batch,
        url=f"/review/{batch.id}/grid",
        person=member.pseudonym,
        data_type=project.data_type.value,
        label=label.name if label else "a retired label",
        about=label.description if label else "",
        confused=tuple(
            Confused(labels[one].name, labels[one].description) for one in others if one in labels
        ),
        tiles=tuple(held[: len(keys)]),
        keys=keys,
        key=secrets.token_hex(16),
        progress=numbers,
        share=numbers["done"] / numbers["size"] if numbers["size"] else 0.0,
        pages_left=_pages_left(numbers, len(keys)),
        single_keys=asking.who.single_keys,
        refused=too_many_errors(session, batch),
        start={"examples": held, "progress": numbers, "page": len(keys)},
    )
    return render(request, "review/grid.html", page)


@router.post("/review/{batch_id}/grid")
def answer_grid(
    request: Request,
    batch_id: PathId,
    form: Annotated[GridForm, Form()],
    asking: Asking,
    session: Writing,
    now: Now,
) -> Response:
    """Without script: what the pressed button says, then the next page."""
    batch, member = at_batch(session, asking, batch_id)
    rng = request.app.state.rng
    grid_of(session, member, batch_id)
    if form.step == "confirm":
        member, held = lock_for(session, asking.who, Place.BATCH, batch_id)
        confirmed = tuple(token for token in form.lease if token not in form.marked)
        page = GridPage(form.key, batch_id, confirmed, tuple(form.marked))
        answer_page(session, held, member, page, now=now, rng=rng)
        held.save()
    elif form.step == "undo":
        last = last_page_key(session, batch_id, member.person_id)
        if last is not None:
            take_back(
                session,
                member,
                key=form.key,
                page_key=last,
                batch_id=batch_id,
                now=now,
                rng=rng,
            )
    project = session.get_one(Project, batch.project_id)
    want = len(places(project.data_type))
    claimed = claim_page(session, member, batch_id, want=want, now=now, rng=rng)
    finished = not claimed.cards and claimed.state == "done"
    marked = told(session, batch, member.person_id)["marked"]
    after = f"/review/{batch_id}?marked=true" if marked else f"/review/{batch_id}/done"
    return RedirectResponse(after if finished else f"/review/{batch_id}/grid", 303)
