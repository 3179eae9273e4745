"""The reviewer's pages: the queue, the desk, what was done, and the images shown there."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import FileResponse, RedirectResponse, Response
from sqlalchemy.orm import Session

from app.accounts.keys import keys_of
from app.accounts.membership import member_of
from app.datasets.blobs import BlobStore
from app.datasets.labels import labels_of
from app.db.tables.datasets import Blob, Example, Project
from app.db.words import Reason, Role, Verdict
from app.errors import Invalid, NotFound
from app.ranking.runs import label_counts
from app.review.answering.answers import Submission
from app.review.answering.decisions import submit
from app.review.answering.grid import tiles_left
from app.review.answering.undo import undo
from app.review.books.leases import refer, skip
from app.review.books.may import Place, lock_for
from app.review.books.progress import progress, told
from app.review.serving.desk import is_grid
from app.review.serving.hand_out import claim, claim_expert
from app.review.serving.in_hand import in_hand
from app.web.forms import FormInput
from app.web.pages.desk import Seat, desk_page
from app.web.pages.projects import first_page
from app.web.pages.queue import done_page, queue_page
from app.web.payloads import PathId
from app.web.render import render
from app.web.sessions import Reading, Writing
from app.web.who import Asking, Now, at_batch, at_project

router = APIRouter()


class AnswerForm(FormInput):
    """The desk without script: one button, and what lay beside it."""

    answer: str
    lease: str = ""
    key: str = ""
    label: int | None = None
    reason: Reason | None = None
    note: str = ""


@router.get("/")
def home(request: Request, asking: Asking, session: Reading, now: Now) -> Response:
    def first(slug: str) -> str:
        return first_page(request, slug, "/p/{slug}", "/p/{slug}/examples")

    page = queue_page(session, asking.who, now=now, first_page=first)
    return render(request, "review/home.html", page)


@router.get("/review/expert/{slug}")
def expert_desk(
    request: Request, slug: str, asking: Asking, session: Reading, now: Now
) -> Response:
    """The desk of what was sent to the experts."""
    here = at_project(session, asking, slug, Role.EXPERT, Role.LEAD)
    held = in_hand(session, here.member, None, run_id=here.project.run_id, now=now)
    labels = labels_of(session, here.project.id)
    seat = Seat.of_experts(here.project)
    person, keys = here.member.pseudonym, keys_of(session, asking.who.id)
    counts = label_counts(session, here.project.run_id)
    page = desk_page(
        seat, here.project, labels, held, None, person=person, keys=keys, counts=counts
    )
    return render(request, "review/desk.html", page)


@router.get("/review/{batch_id}")
def desk(
    request: Request,
    batch_id: PathId,
    asking: Asking,
    session: Reading,
    now: Now,
    marked: bool = False,
) -> Response:
    """The desk with what its reader holds; script, or the form's first button, asks for more.

    A grid batch opens on its grid, unless the reader comes for what was marked there.
    """
    batch, member = at_batch(session, asking, batch_id)
    if is_grid(batch) and not marked and tiles_left(session, batch):
        return RedirectResponse(f"/review/{batch_id}/grid", 303)
    project = session.get_one(Project, batch.project_id)
    held = in_hand(session, member, batch, run_id=project.run_id, now=now)
    labels = labels_of(session, project.id)
    found = progress(session, batch, member.person_id)
    seat, numbers = Seat.of_batch(batch), told(found, batch.mode)
    person, keys = member.pseudonym, keys_of(session, asking.who.id)
    counts = label_counts(session, project.run_id)
    page = desk_page(seat, project, labels, held, numbers, person=person, keys=keys, counts=counts)
    return render(request, "review/desk.html", page)


@router.post("/review/expert/{slug}")
def expert_answer(
    request: Request,
    slug: str,
    form: Annotated[AnswerForm, Form()],
    asking: Asking,
    session: Writing,
    now: Now,
) -> Response:
    here = at_project(session, asking, slug, Role.EXPERT, Role.LEAD)
    if form.answer != "start":
        _record(request, session, asking, form, now=now, batch_id=None)
    claim_expert(session, here.member, want=1, now=now, rng=request.app.state.rng)
    return RedirectResponse(f"/review/expert/{slug}", 303)


@router.post("/review/{batch_id}")
def answer(
    request: Request,
    batch_id: PathId,
    form: Annotated[AnswerForm, Form()],
    asking: Asking,
    session: Writing,
    now: Now,
) -> Response:
    """Without script: what the pressed button says, then the next example, one at a time."""
    _, member = at_batch(session, asking, batch_id)
    if form.answer != "start":
        _record(request, session, asking, form, now=now, batch_id=batch_id)
    rng = request.app.state.rng
    claimed = claim(session, member, batch_id, want=1, now=now, rng=rng)
    finished = not claimed.cards and claimed.state == "done"
    return RedirectResponse(f"/review/{batch_id}{'/done' if finished else ''}", 303)


def _record(
    request: Request,
    session: Session,
    asking: Asking,
    form: AnswerForm,
    *,
    now: datetime,
    batch_id: int | None,
) -> None:
    """Do what the pressed button says."""
    rng = request.app.state.rng
    if form.answer == "undo":
        if batch_id is None:
            raise Invalid("Undo on this page needs script.", next_step="Turn script on.")
        member, _ = lock_for(session, asking.who, Place.BATCH, batch_id)
        undo(session, member, key=form.key, batch_id=batch_id, now=now, rng=rng)
        return
    member, held = lock_for(session, asking.who, Place.LEASE, form.lease)
    if form.answer == "skip":
        skip(session, member, form.lease, now=now)
    elif form.answer == "refer":
        refer(session, member, form.lease, note=form.note, now=now)
    else:
        submit(session, held, member, _submission(form), now=now, rng=rng)
        held.save()


def _submission(form: AnswerForm) -> Submission:
    """What the pressed button means."""
    word, _, chosen = form.answer.partition(":")
    label = int(chosen) if chosen.isdecimal() and len(chosen) < 19 else form.label
    plain = Submission(form.key, Verdict.CONFIRM, lease=form.lease, note=form.note or None)
    if word == "confirm":
        return plain
    if word == "remove":
        return replace(plain, verdict=Verdict.REMOVE, reason=form.reason)
    if word == "label" and label is not None:
        return replace(plain, verdict=Verdict.RELABEL, label_id=label)
    raise Invalid("This is not an answer.", next_step="Go back and press one of the buttons.")


@router.get("/review/{batch_id}/done")
def done(request: Request, batch_id: PathId, asking: Asking, session: Reading) -> Response:
    batch, member = at_batch(session, asking, batch_id)
    page = done_page(session, batch, member, asking.who)
    return render(request, "review/done.html", page)


@router.get("/media/{example_id}")
def media(request: Request, example_id: PathId, asking: Asking, session: Reading) -> Response:
    """The image of an example, for the people of its project."""
    example = session.get(Example, example_id)
    if example is None:
        raise NotFound()
    member_of(session, asking.who, example.project_id)
    name = str(example.content.get("image") or "")
    blob = session.get(Blob, name) if name else None
    store = BlobStore(request.app.state.settings.blob_directory)
    if blob is None or not blob.media_type.startswith("image/") or not store.exists(name):
        raise NotFound("The image is not stored any more.")
    return FileResponse(store.path(name), media_type=blob.media_type)
