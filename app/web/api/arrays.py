"""Arrays of a user's own models, pushed while people work; for programs."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import orjson
from fastapi import APIRouter, Form
from pydantic import BaseModel, Field

from app.actions import arrays
from app.actions.arrays import Asked
from app.actions.storage import Storage, gone_if_refused
from app.actions.turn import Caller
from app.datasets.pushed_arrays import array_of, arrays_of
from app.datasets.report import array_report_of
from app.db.tables.datasets import Prediction
from app.db.words import ArrayState, Role
from app.errors import Invalid
from app.web.api.findings import FindingShown, QuestionShown
from app.web.api.jobs import JobShown, job_shown
from app.web.bodies import takes_upload
from app.web.payloads import PathId, Payload, check_text
from app.web.repeated_keys import refuse_repeated_keys
from app.web.uploads import ArrayFile, Blobs
from app.web.who import Acting, Looking, Sending, at

router = APIRouter(prefix="/api/v1")

MOST_CHOICES = 50


class ArrayShown(BaseModel):
    """An array and what its check said; `ready` is part of the next ranking."""

    id: int
    kind: str
    name: str
    state: ArrayState
    rows: int
    created_at: datetime
    message: str
    counts: dict[str, int]
    stops: list[FindingShown]
    questions: list[QuestionShown]
    warnings: list[FindingShown]
    report: dict[str, int | list[str]]


class ArrayPushed(BaseModel):
    """The job checks the array and then has the project scored: `result.scoring` is that job."""

    array: ArrayShown
    job: JobShown


class ChoicesPayload(Payload):
    choices: dict[str, str] = Field(default_factory=dict, max_length=MOST_CHOICES)


def _shown(array: Prediction) -> ArrayShown:
    report = array_report_of(array.report)
    shape = {name: array.report[name] for name in ("columns", "names") if name in array.report}
    told = ("counts", "stops", "questions", "warnings")
    return ArrayShown.model_validate(
        {name: value for name, value in report.items() if name in told}
        | {
            "id": array.id,
            "kind": array.kind,
            "name": array.name,
            "state": array.state,
            "rows": array.rows,
            "created_at": array.created_at,
            "message": report.get("message", ""),
            "report": shape,
        }
    )


def _pushed(caller: Caller, asked: Asked) -> ArrayPushed:
    job = job_shown(caller.session, asked.job, caller.now)
    return ArrayPushed(array=_shown(asked.array), job=job)


def _choices(text: str) -> dict[str, str]:
    """The choices field of an upload: JSON of code and choice."""
    refuse_repeated_keys(text)
    try:
        choices = orjson.loads(text or "{}")
        fits = isinstance(choices, dict) and len(choices) <= MOST_CHOICES
        if fits and all(isinstance(value, str) for value in choices.values()):
            return {check_text(code): check_text(value) for code, value in choices.items()}
    except ValueError:
        pass
    raise Invalid(
        "The choices are not an object of codes and choices.",
        next_step='Send JSON such as {"E502": "softmax"}.',
        code="choices",
    )


@router.post(
    takes_upload("/api/v1/projects/{slug}/arrays").removeprefix("/api/v1"), status_code=202
)
def push(
    slug: str,
    errand: Sending,
    sent: ArrayFile,
    blobs: Blobs,
    choices: Annotated[str, Form()] = "{}",
) -> ArrayPushed:
    """Send an array to be checked and scored with; the old ranking is served until then."""
    with errand.looking() as caller:
        at(caller, slug, Role.LEAD)
    chosen = _choices(choices)
    stored = sent.keep(blobs, chosen)
    refused = gone_if_refused(Storage(errand.engine, blobs), stored.file)
    with refused, errand.acting() as caller:
        return _pushed(caller, arrays.push_array(caller, slug, stored))


@router.get("/projects/{slug}/arrays")
def list_arrays(slug: str, caller: Looking) -> list[ArrayShown]:
    project_id = at(caller, slug, Role.LEAD).project.id
    return [_shown(array) for array in arrays_of(caller.session, project_id)]


@router.get("/projects/{slug}/arrays/{array_id}")
def show_array(slug: str, array_id: PathId, caller: Looking) -> ArrayShown:
    project_id = at(caller, slug, Role.LEAD).project.id
    return _shown(array_of(caller.session, project_id, array_id))


@router.post("/projects/{slug}/arrays/{array_id}/answers", status_code=202)
def answer_questions(
    slug: str, array_id: PathId, payload: ChoicesPayload, caller: Acting
) -> ArrayPushed:
    """Answer what the check asked; the file is then checked again."""
    return _pushed(caller, arrays.answer_questions(caller, slug, array_id, payload.choices))


@router.delete("/projects/{slug}/arrays/{array_id}")
def take_array_out(slug: str, array_id: PathId, caller: Acting) -> list[ArrayShown]:
    """Leave an array out of the next ranking; what is left is answered."""
    return [_shown(array) for array in arrays.take_out(caller, slug, array_id)]
