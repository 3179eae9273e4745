"""The reviewer's pages: the queue, the desk, what was done, and the images shown there."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import FileResponse, RedirectResponse, Response
from sqlalchemy.orm import Session

from app.accounts.membership import Member, member_of
from app.datasets.blobs import BlobStore
from app.datasets.labels import labels_of
from app.db.tables.datasets import Blob, Example, Project
from app.db.tables.review import Batch
from app.db.words import Reason, Verdict
from app.errors import Invalid, NotFound
from app.review.answers import Submission
from app.review.claims import claim
from app.review.decisions import submit
from app.review.leases import refer, skip
from app.review.may import readable_batch
from app.review.progress import progress
from app.review.undo import undo
from app.web.forms import FormInput
from app.web.pages.desk import desk_page
from app.web.pages.queue import done_page, queue_page
from app.web.payloads import PathId
from app.web.render import render
from app.web.sessions import Reading, Writing
from app.web.who import Asking, Now

router = APIRouter()


class AnswerForm(FormInput):
    """The desk without script: one button, and what lay beside it."""

    answer: str
    lease: str = ""
    key: str = ""
    label: int | None = None
    reason: Reason | None = None
    note: str = ""


def _at_batch(session: Session, asking: Asking, batch_id: int) -> tuple[Batch, Member]:
    batch = session.get(Batch, batch_id)
    if batch is None:
        raise NotFound()
    member = member_of(session, asking.who, batch.project_id)
    return readable_batch(session, member, batch_id), member


@router.get("/")
def home(request: Request, asking: Asking, session: Reading, now: Now) -> Response:
    return render(request, "review/home.html", queue_page(session, asking.who, now=now))


@router.get("/review/{batch_id}")
def desk(
    request: Request, batch_id: PathId, asking: Asking, session: Writing, now: Now
) -> Response:
    batch, member = _at_batch(session, asking, batch_id)
    rng = request.app.state.rng
    claimed = claim(session, member, batch_id, want=1, now=now, rng=rng)
    project = session.get_one(Project, batch.project_id)
    labels = labels_of(session, project.id)
    numbers = progress(session, batch, member.person_id)
    page = desk_page(batch, project, labels, claimed, numbers, member=member)
    return render(request, "review/desk.html", page)


@router.post("/review/{batch_id}")
def answer(
    request: Request,
    batch_id: PathId,
    form: Annotated[AnswerForm, Form()],
    asking: Asking,
    session: Writing,
    now: Now,
) -> Response:
    _, member = _at_batch(session, asking, batch_id)
    rng = request.app.state.rng
    if form.answer == "skip":
        skip(session, member, form.lease, now=now)
    elif form.answer == "refer":
        refer(session, member, form.lease, note=form.note, now=now)
    elif form.answer == "undo":
        undo(session, member, key=form.key, batch_id=batch_id, now=now, rng=rng)
    else:
        held = submit(session, member, _submission(form), now=now, rng=rng)[1]
        held.save()
    return RedirectResponse(f"/review/{batch_id}", 303)


def _submission(form: AnswerForm) -> Submission:
    """What the pressed button means."""
    word, _, chosen = form.answer.partition(":")
    label = int(chosen) if chosen.isdecimal() and len(chosen) < 19 else form.label
    common = {"key": form.key, "lease": form.lease, "note": form.note or None}
    if word == "confirm":
        return Submission(verdict=Verdict.CONFIRM, **common)
    if word == "remove":
        return Submission(verdict=Verdict.REMOVE, reason=form.reason, **common)
    if word == "label" and label is not None:
        return Submission(verdict=Verdict.RELABEL, label_id=label, **common)
    raise Invalid("This is not an answer.", next_step="Go back and press one of the buttons.")


@router.get("/review/{batch_id}/done")
def done(
    request: Request, batch_id: PathId, asking: Asking, session: Reading, now: Now
) -> Response:
    batch, member = _at_batch(session, asking, batch_id)
    page = done_page(session, batch, member, asking.who, now=now)
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
