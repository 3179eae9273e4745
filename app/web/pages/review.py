"""The reviewer's pages: the queue, the desk, what was done, and the images shown there."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import FileResponse, RedirectResponse, Response

from app.accounts.keys import keys_of
from app.actions import answering as acts
from app.actions.answering import Wanted
from app.actions.turn import Caller
from app.datasets.guidelines import guideline_words
from app.datasets.labels import labels_of
from app.datatypes.shown import picture_of
from app.db.tables.datasets import Blob, Example, Project
from app.db.words import Reason, Verdict
from app.errors import Gone, Invalid, NotFound
from app.ranking.runs import run_at_desk
from app.review.answering.answers import Submission
from app.review.answering.grid import tiles_left
from app.review.batches.batch import is_grid
from app.review.books.may import has_expert, role_of, was_handed
from app.review.books.progress import batch_numbers
from app.review.serving.hand_out import DONE
from app.review.serving.in_hand import in_hand
from app.review.serving.owed import Waiting, count_owed
from app.web.forms import FormInput
from app.web.pages.desk import Drawn, Seat, desk_page
from app.web.pages.lost_picture import lost_picture, wants_picture
from app.web.pages.projects import first_page
from app.web.pages.queue import done_page, queue_page
from app.web.payloads import PathId
from app.web.render import render
from app.web.uploads import Blobs
from app.web.who import Acting, Looking, at, at_batch

router = APIRouter()

ONE = Wanted(examples=1)  # a page without script shows one at a time


class AnswerForm(FormInput):
    """The desk without script: one button, and what lay beside it."""

    answer: str
    lease: str = ""
    key: str = ""
    label: int | None = None
    reason: Reason | None = None
    note: str = ""
    given: int | None = None  # the label the page showed as given
    first: bool = False  # decide first: nothing was said yet, and the evidence was hidden


@router.get("/")
def home(request: Request, caller: Looking) -> Response:
    def first(slug: str) -> str:
        return first_page(request, slug, "/p/{slug}", "/p/{slug}/examples")

    page = queue_page(caller.session, caller.who, now=caller.now, first_page=first)
    return render(request, "review/home.html", page)


def _drawn(caller: Caller, project: Project) -> Drawn:
    """What every desk of a project is drawn with, whoever sits there."""
    session = caller.session
    return Drawn(
        project,
        labels_of(session, project.id),
        run_at_desk(session, project.run_id),
        caller.who.pseudonym,
        keys_of(session, caller.who.id),
        guideline_words(session, project.id, revision=project.guideline_revision),
        experts=has_expert(session, project.id, but=caller.who.id),
    )


@router.get("/review/reads/{slug}")
def reads_desk(request: Request, slug: str, caller: Looking) -> Response:
    """The desk of reads that are owed in a project, whatever batch they come from."""
    here, session, now = at(caller, slug), caller.session, caller.now
    project = here.project
    parts = [(project.id, role_of(here.member))]
    waiting = count_owed(session, caller.who.id, parts, now=now).get(project.id, Waiting())
    cards = in_hand(session, here.member, None, now=now)
    page = desk_page(Seat.of_reads(project, waiting.total), _drawn(caller, project), cards, None)
    return render(request, "review/desk.html", page)


@router.get("/review/expert/{slug}")
@router.post("/review/expert/{slug}")
def older_address(slug: str, caller: Looking) -> Response:
    """Where the reads that were sent to experts stood before they stood with all others."""
    return RedirectResponse(f"/review/reads/{at(caller, slug).project.slug}", 307)


@router.get("/review/{batch_id}")
def desk(request: Request, batch_id: PathId, caller: Looking, marked: bool = False) -> Response:
    """The desk with what its reader holds; script, or the form's first button, asks for more.

    A grid batch opens on its grid, unless the reader comes for what was marked there.
    """
    (batch, member), session = at_batch(caller, batch_id), caller.session
    if is_grid(batch) and not marked and tiles_left(session, batch):
        return RedirectResponse(f"/review/{batch_id}/grid", 303)
    project = session.get_one(Project, batch.project_id)
    cards = in_hand(session, member, batch, now=caller.now)
    numbers = batch_numbers(session, batch, member.person_id)
    page = desk_page(Seat.of_batch(batch, project), _drawn(caller, project), cards, numbers)
    return render(request, "review/desk.html", page)


@router.post("/review/reads/{slug}")
def answer_read(slug: str, form: Annotated[AnswerForm, Form()], caller: Acting) -> Response:
    """Without script: what the pressed button says, then the next read."""
    at(caller, slug)
    if form.answer == "undo":
        acts.undo_read(caller, slug, key=form.key)
    else:
        _do(caller, form)
    handed = acts.claim_owed(caller, slug, ONE).handed
    finished = not handed.cards and handed.state == DONE
    return RedirectResponse("/" if finished else f"/review/reads/{slug}", 303)


@router.post("/review/{batch_id}")
def answer(batch_id: PathId, form: Annotated[AnswerForm, Form()], caller: Acting) -> Response:
    """Without script: what the pressed button says, then the next example, one at a time."""
    if form.answer == "start" or not was_handed(
        caller.session, caller.who.id, form.lease, batch_id
    ):
        at_batch(caller, batch_id)
    if form.answer == "undo":
        acts.undo_in_batch(caller, batch_id, key=form.key)
    else:
        _do(caller, form)
    return RedirectResponse(_next_page(caller, batch_id), 303)


def _next_page(caller: Caller, batch_id: int) -> str:
    """Where the next example is; who was taken off meanwhile was heard, and goes home."""
    try:
        handed = acts.claim(caller, batch_id, ONE).handed
    except NotFound:
        return "/"
    finished = not handed.cards and handed.state == DONE
    return f"/review/{batch_id}{'/done' if finished else ''}"


def _do(caller: Caller, form: AnswerForm) -> None:
    """Do what the pressed button says; `start` only asks for an example.

    Where one decides first, the first press is written down and shows the evidence; it decides as
    well where the evidence agrees. Who goes back in the browser and presses another button sends
    the page's key again: each button has its own.
    """
    if form.answer == "skip":
        acts.skip(caller, form.lease, key=f"{form.key}-skip")
    elif form.answer == "refer":
        acts.refer(caller, form.lease, key=f"{form.key}-refer", note=form.note)
    elif form.answer != "start":
        said = _submission(form)
        if not form.first:
            acts.answer(caller, said)
        elif acts.show(caller, form.lease, verdict=said.verdict, label=said.label_id)["agrees"]:
            acts.answer(caller, replace(said, verdict=Verdict.CONFIRM, label_id=None))


def _submission(form: AnswerForm) -> Submission:
    """What the pressed button means."""
    word, _, chosen = form.answer.partition(":")
    label = int(chosen) if chosen.isdecimal() and len(chosen) < 19 else form.label
    plain = Submission(form.key, Verdict.CONFIRM, lease=form.lease, note=form.note or None)
    if word == "confirm" or (word == "label" and label is not None and label == form.given):
        return plain
    if word == "remove":
        return replace(plain, verdict=Verdict.REMOVE, reason=form.reason)
    if word == "label" and label is not None:
        return replace(plain, verdict=Verdict.RELABEL, label_id=label)
    raise Invalid("This is not an answer.", next_step="Go back and press one of the buttons.")


@router.get("/review/{batch_id}/done")
def done(request: Request, batch_id: PathId, caller: Looking) -> Response:
    batch, member = at_batch(caller, batch_id)
    data = request.app.state.settings.data
    page = done_page(caller.session, batch, member, caller.who, data=data)
    return render(request, "review/done.html", page)


@router.get("/media/{example_id}")
def media(request: Request, example_id: PathId, caller: Looking, blobs: Blobs) -> Response:
    """The image of an example, for the people of its project, if it still is what was imported."""
    picture = _picture(caller, example_id)
    try:
        path = blobs.sound_path(picture.sha256)
    except Gone as lost:
        if not wants_picture(request):
            raise
        return lost_picture(request, lost)
    return FileResponse(path, media_type=picture.media_type)


def _picture(caller: Caller, example_id: int) -> Blob:
    example = caller.session.get(Example, example_id)
    if example is None:
        raise NotFound()
    caller.in_project(example.project_id)
    name = picture_of(example.content)
    blob = caller.session.get(Blob, name) if name else None
    if blob is None or not blob.media_type.startswith("image/"):
        raise NotFound("There is no picture here.")
    return blob
