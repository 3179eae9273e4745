"""Your own arrays on the scoring page: the list, a file to push, what its check said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session

from app.actions import arrays
from app.actions.jobs import steps_of
from app.actions.storage import Storage, gone_if_refused
from app.datasets.array_kinds import ARRAY_KINDS
from app.datasets.pushed_arrays import arrays_of, check_job
from app.db.tables.datasets import Prediction
from app.db.tables.jobs import Job
from app.db.words import ArrayState, Role
from app.web.bodies import takes_upload
from app.web.forms import FormInput
from app.web.uploads import ArrayFile, Blobs
from app.web.who import Acting, Sending, at

router = APIRouter()

KIND_WORDS = {"": "As the file names it"} | {name: kind.words for name, kind in ARRAY_KINDS.items()}
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
    steps: dict[int, str]
    kinds: dict[str, str]
    states: dict[ArrayState, tuple[str, str]]


def arrays_card(session: Session, project_id: int) -> ArraysCard:
    listed = arrays_of(session, project_id)
    waiting = next((one for one in listed if one.state is ArrayState.CHECKING), None)
    job = None if waiting is None else check_job(session, waiting)
    return ArraysCard(listed, job, steps_of(session, [job]), KIND_WORDS, STATE_WORDS)


def _back(slug: str) -> RedirectResponse:
    return RedirectResponse(f"/p/{slug}/scoring#arrays", 303)


@router.post(takes_upload("/p/{slug}/scoring/arrays"))
def push(slug: str, errand: Sending, sent: ArrayFile, blobs: Blobs) -> Response:
    with errand.looking() as caller:
        at(caller, slug, Role.LEAD)
    stored = sent.keep(blobs, {})
    refused = gone_if_refused(Storage(errand.engine, blobs), stored.file)
    with refused, errand.acting() as caller:
        arrays.push_array(caller, slug, stored)
    return _back(slug)


@router.post("/p/{slug}/scoring/arrays/{array_id}/answer")
def answer_question(
    slug: str, array_id: int, caller: Acting, form: Annotated[AnswerForm, Form()]
) -> Response:
    arrays.answer_questions(caller, slug, array_id, {form.code: form.choice})
    return _back(slug)


@router.post("/p/{slug}/scoring/arrays/{array_id}/remove")
def remove(slug: str, array_id: int, caller: Acting) -> Response:
    """Leave it out of the next ranking."""
    arrays.take_out(caller, slug, array_id)
    return _back(slug)
