"""Your own arrays on the scoring page: the list, a file to push, what its check said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, File, Form, Request, UploadFile
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session

from app.datasets.pushed_arrays import (
    Sent,
    answer_array,
    array_of,
    arrays_of,
    check_job,
    push_array,
    take_out,
)
from app.db.engine import reading, writing
from app.db.tables.datasets import Prediction
from app.db.tables.jobs import Job
from app.db.words import ArrayState, Role
from app.web.forms import FormInput
from app.web.limits import takes_upload
from app.web.sessions import Writing
from app.web.uploads import ARRAY_FILES, keep, needed
from app.web.who import Asking, Now, at_project

router = APIRouter()

KIND_WORDS = {
    "": "As the file names it",
    "pred_probs": "Probabilities",
    "embeddings": "Embeddings",
    "losses": "Losses by epoch",
}
STATE_WORDS = {
    ArrayState.CHECKING: ("being checked", ""),
    ArrayState.READY: ("ready", "confirm"),
    ArrayState.STOPPED: ("not used", "warn"),
}


class AnswerForm(FormInput):
    code: str
    choice: str


@dataclass(frozen=True, slots=True)
class ArraysCard:
    listed: list[Prediction]
    checking: Job | None
    kinds: dict[str, str]
    states: dict[ArrayState, tuple[str, str]]


def arrays_card(session: Session, project_id: int) -> ArraysCard:
    listed = arrays_of(session, project_id)
    waiting = next((one for one in listed if one.state is ArrayState.CHECKING), None)
    job = None if waiting is None else check_job(session, waiting)
    return ArraysCard(listed, job, KIND_WORDS, STATE_WORDS)


def _back(slug: str) -> RedirectResponse:
    return RedirectResponse(f"/p/{slug}/scoring#arrays", 303)


@router.post(takes_upload("/p/{slug}/scoring/arrays"))
def push(
    request: Request,
    slug: str,
    asker: Asking,
    now: Now,
    file: Annotated[UploadFile | None, File()] = None,
    kind: Annotated[Literal["", "pred_probs", "embeddings", "losses"], Form()] = "",
    name: Annotated[str, Form()] = "",
    csrf: Annotated[str, Form()] = "",
) -> Response:
    engine, settings = request.app.state.engine, request.app.state.settings
    with reading(engine) as session:
        here = at_project(session, asker, slug, Role.LEAD)
    kept = needed(keep(settings, file), kinds=ARRAY_FILES)
    sent = Sent(kept.sha256, name.strip() or kept.name, kind)
    with writing(engine) as session:
        push_array(session, here.project.id, sent, by=asker.who.id, now=now)
    return _back(here.project.slug)


@router.post("/p/{slug}/scoring/arrays/{array_id}/answer")
def answer_question(
    slug: str,
    array_id: int,
    asker: Asking,
    form: Annotated[AnswerForm, Form()],
    session: Writing,
    now: Now,
) -> Response:
    here = at_project(session, asker, slug, Role.LEAD)
    found = array_of(session, here.project.id, array_id, hold=True)
    answer_array(session, found, {form.code: form.choice}, by=asker.who.id, now=now)
    return _back(here.project.slug)


@router.post("/p/{slug}/scoring/arrays/{array_id}/remove")
def remove(slug: str, array_id: int, asker: Asking, session: Writing, now: Now) -> Response:
    """Leave it out of the next ranking."""
    here = at_project(session, asker, slug, Role.LEAD)
    take_out(array_of(session, here.project.id, array_id, hold=True), now=now)
    return _back(here.project.slug)
