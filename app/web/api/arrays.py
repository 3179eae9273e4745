"""Arrays of a user's own models, pushed while people work; for programs."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

import orjson
from fastapi import APIRouter, File, Form, Request, UploadFile
from pydantic import BaseModel, Field

from app.datasets.pushed_arrays import (
    Sent,
    answer_array,
    array_of,
    arrays_of,
    push_array,
    take_out,
)
from app.db.engine import reading, writing
from app.db.tables.datasets import Prediction
from app.db.words import ArrayState, Role
from app.errors import Invalid
from app.web.api.jobs import JobShown, job_shown
from app.web.limits import takes_upload
from app.web.payloads import PathId, Payload, check_text
from app.web.sessions import Reading, Writing
from app.web.uploads import ARRAY_FILES, keep, needed
from app.web.who import Asking, Now, at_project

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
    stops: list[dict[str, Any]]
    questions: list[dict[str, Any]]
    warnings: list[dict[str, Any]]
    report: dict[str, Any]


class ArrayPushed(BaseModel):
    """The job checks the array and then has the project scored: `result.scoring` is that job."""

    array: ArrayShown
    job: JobShown


class ChoicesPayload(Payload):
    choices: dict[str, str] = Field(default_factory=dict, max_length=MOST_CHOICES)


def _shown(found: Prediction) -> ArrayShown:
    report = found.report or {}
    return ArrayShown(
        id=found.id,
        kind=found.kind,
        name=found.name,
        state=found.state,
        rows=found.rows,
        created_at=found.created_at,
        message=report.get("message", ""),
        counts=report.get("counts", {}),
        stops=report.get("stops", []),
        questions=report.get("questions", []),
        warnings=report.get("warnings", []),
        report={name: report[name] for name in ("columns", "names") if name in report},
    )


def _choices(text: str) -> dict[str, str]:
    """The choices field of an upload: JSON of code and choice."""
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
    request: Request,
    slug: str,
    asking: Asking,
    now: Now,
    file: Annotated[UploadFile | None, File()] = None,
    kind: Annotated[Literal["", "pred_probs", "embeddings", "losses"], Form()] = "",
    name: Annotated[str, Form()] = "",
    choices: Annotated[str, Form()] = "{}",
) -> ArrayPushed:
    """Send an array to be checked and scored with; the old ranking is served until then."""
    engine, settings = request.app.state.engine, request.app.state.settings
    with reading(engine) as session:
        project_id = at_project(session, asking, slug, Role.LEAD).project.id
    chosen = _choices(choices)
    kept = needed(keep(settings, file), kinds=ARRAY_FILES)
    sent = Sent(kept.sha256, name or kept.name, kind, chosen)
    with writing(engine) as session:
        found, job = push_array(session, project_id, sent, by=asking.who.id, now=now)
        return ArrayPushed(array=_shown(found), job=job_shown(session, job, now))


@router.get("/projects/{slug}/arrays")
def list_arrays(slug: str, asking: Asking, session: Reading) -> list[ArrayShown]:
    here = at_project(session, asking, slug, Role.LEAD)
    return [_shown(found) for found in arrays_of(session, here.project.id)]


@router.get("/projects/{slug}/arrays/{array_id}")
def show_array(slug: str, array_id: PathId, asking: Asking, session: Reading) -> ArrayShown:
    here = at_project(session, asking, slug, Role.LEAD)
    return _shown(array_of(session, here.project.id, array_id))


@router.post("/projects/{slug}/arrays/{array_id}/answers", status_code=202)
def answer_questions(
    slug: str,
    array_id: PathId,
    payload: ChoicesPayload,
    asking: Asking,
    session: Writing,
    now: Now,
) -> ArrayPushed:
    """Answer what the check asked; the file is then checked again."""
    here = at_project(session, asking, slug, Role.LEAD)
    found = array_of(session, here.project.id, array_id, hold=True)
    job = answer_array(session, found, payload.choices, by=asking.who.id, now=now)
    return ArrayPushed(array=_shown(found), job=job_shown(session, job, now))


@router.delete("/projects/{slug}/arrays/{array_id}")
def take_array_out(
    slug: str, array_id: PathId, asking: Asking, session: Writing, now: Now
) -> list[ArrayShown]:
    """Leave an array out of the next ranking; what is left is answered."""
    here = at_project(session, asking, slug, Role.LEAD)
    take_out(array_of(session, here.project.id, array_id, hold=True), now=now)
    session.flush()
    return [_shown(found) for found in arrays_of(session, here.project.id)]
