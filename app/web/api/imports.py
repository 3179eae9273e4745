"""Imports and scoring runs, for programs."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, File, Form, Request, UploadFile
from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from app.actions.scoring import rank_anew
from app.datasets.asking import ask_check, ask_commit, ask_file, import_of, imports_of, job_of
from app.datasets.cancel import cancel_import
from app.datasets.stage import answer, can_import, remap
from app.db.engine import reading, writing
from app.db.tables.datasets import DataImport
from app.db.tables.ranking import ScoringRun
from app.db.words import ImportState, Role, RunState
from app.errors import Invalid
from app.jobs import queue
from app.ranking.runs import ScoringRequest, runs_of
from app.web.api.jobs import JobShown, job_shown
from app.web.limits import takes_upload
from app.web.payloads import PathId, Payload
from app.web.sessions import Reading, Writing
from app.web.uploads import extras, keep, needed
from app.web.who import Acting, Asking, Now, at_project

router = APIRouter(prefix="/api/v1")

MAPPED = frozenset(
    {"text", "image", "label", "id", "source", "split", "group", "columns", "metadata", "choices"}
)


class ImportShown(BaseModel):
    id: int
    state: ImportState
    file_name: str
    sha256: str
    rows_read: int
    rows_good: int
    rows_left_out: int
    ready: bool
    message: str
    counts: dict[str, int]
    stops: list[dict[str, Any]]
    questions: list[dict[str, Any]]
    problems: list[dict[str, Any]]
    warnings: list[dict[str, Any]]
    columns: list[str]
    roles: dict[str, Any]
    job: int | None


class AnswersPayload(Payload):
    choices: dict[str, str] = Field(default_factory=dict, max_length=50)


class RolesPayload(Payload):
    text: str | None = None
    image: str | None = None
    label: str | None = None
    id: str | None = None
    source: str | None = None
    split: str | None = None
    group: str | None = None
    columns: list[str] = Field(default_factory=list, max_length=512)
    metadata: list[str] = Field(default_factory=list, max_length=512)


class ScoringPayload(Payload):
    method: str = "vpv"
    eps: float = 0.2
    seed: int = 0


class RunShown(BaseModel):
    id: int
    number: int
    state: RunState
    method: str
    settings: dict[str, Any]
    seed: int
    versions: dict[str, Any]
    artefacts: dict[str, Any]
    counts: dict[str, Any]
    message: str
    started_at: datetime
    finished_at: datetime | None
    current: bool


def _shown(session: Session, found: DataImport) -> ImportShown:
    report, job = found.report or {}, job_of(session, found)
    return ImportShown(
        id=found.id,
        state=found.state,
        file_name=found.file_name,
        sha256=found.sha256,
        rows_read=found.rows_read,
        rows_good=found.rows_good,
        rows_left_out=found.rows_left_out,
        ready=can_import(found),
        message=found.message,
        counts=report.get("counts", {}),
        stops=report.get("stops", []),
        questions=report.get("questions", []),
        problems=report.get("problems", []),
        warnings=report.get("warnings", []),
        columns=list(report.get("columns") or []),
        roles=report.get("roles") or {},
        job=job.id if job is not None else None,
    )


def _mapping(text: str) -> dict[str, Any]:
    """The mapping field of an upload: JSON with known names."""
    try:
        mapping = orjson.loads(text or "{}")
    except orjson.JSONDecodeError as error:
        raise Invalid(
            "The mapping is not JSON.",
            next_step='Send an object such as {"text": "question", "label": "intent"}.',
            code="mapping",
        ) from error
    if not isinstance(mapping, dict) or not set(mapping) <= MAPPED:
        raise Invalid(
            "The mapping names parts that do not exist.",
            next_step=f"Use only {', '.join(sorted(MAPPED))}.",
            code="mapping",
        )
    for name, value in mapping.items():
        _check_part(name, value)
    return mapping


def _check_part(name: str, value: Any) -> None:
    fits = isinstance(value, str)
    if name in ("columns", "metadata"):
        fits = isinstance(value, list) and all(isinstance(item, str) for item in value)
    elif name == "choices":
        fits = isinstance(value, dict) and all(isinstance(item, str) for item in value.values())
    if not fits:
        raise Invalid(
            f"The mapping's {name} has the wrong form.",
            next_step="Columns and metadata are lists of names, choices an object, the rest text.",
            code="mapping",
        )


@router.post(takes_upload("/api/v1/projects/{slug}/imports").removeprefix("/api/v1"))
def upload(
    request: Request,
    slug: str,
    asking: Asking,
    now: Now,
    file: Annotated[UploadFile | None, File()] = None,
    media: Annotated[UploadFile | None, File()] = None,
    labels: Annotated[UploadFile | None, File()] = None,
    pred_probs: Annotated[UploadFile | None, File()] = None,
    embeddings: Annotated[UploadFile | None, File()] = None,
    mapping: Annotated[str, Form()] = "{}",
) -> ImportShown:
    """Send a file to be checked; the same bytes and mapping are the same import."""
    engine, settings = request.app.state.engine, request.app.state.settings
    with reading(engine) as session:
        project_id = at_project(session, asking, slug, Role.LEAD).project.id
    named = _mapping(mapping)
    kept = needed(keep(settings, file))
    named |= extras(
        settings, media=media, labels=labels, pred_probs=pred_probs, embeddings=embeddings
    )
    with writing(engine) as session:
        found = ask_file(
            session,
            project_id,
            file_name=kept.name,
            sha256=kept.sha256,
            size=kept.size,
            mapping=named,
            by=asking.who.id,
            now=now,
        )
        return _shown(session, found)


@router.get("/projects/{slug}/imports")
def list_imports(slug: str, asking: Asking, session: Reading) -> list[ImportShown]:
    here = at_project(session, asking, slug, Role.LEAD)
    return [_shown(session, found) for found in imports_of(session, here.project.id)]


@router.get("/projects/{slug}/imports/{import_id}")
def show_import(slug: str, import_id: PathId, asking: Asking, session: Reading) -> ImportShown:
    here = at_project(session, asking, slug, Role.LEAD)
    return _shown(session, import_of(session, here.project.id, import_id))


@router.post("/projects/{slug}/imports/{import_id}/answers")
def answer_questions(
    slug: str,
    import_id: PathId,
    payload: AnswersPayload,
    asking: Asking,
    session: Writing,
    now: Now,
) -> ImportShown:
    here = at_project(session, asking, slug, Role.LEAD)
    found = import_of(session, here.project.id, import_id)
    found = answer(session, found.id, payload.choices)
    ask_check(session, found, by=asking.who.id, now=now)
    return _shown(session, found)


@router.post("/projects/{slug}/imports/{import_id}/roles")
def set_roles(
    slug: str, import_id: PathId, payload: RolesPayload, asking: Asking, session: Writing, now: Now
) -> ImportShown:
    here = at_project(session, asking, slug, Role.LEAD)
    found = import_of(session, here.project.id, import_id)
    roles = payload.model_dump(exclude_none=True)
    found = remap(session, found.id, found.mapping | roles)
    ask_check(session, found, by=asking.who.id, now=now)
    return _shown(session, found)


@router.post("/projects/{slug}/imports/{import_id}/commit")
def commit(slug: str, import_id: PathId, asking: Asking, session: Writing, now: Now) -> ImportShown:
    """Import the good rows."""
    here = at_project(session, asking, slug, Role.LEAD)
    found = import_of(session, here.project.id, import_id)
    ask_commit(session, found, by=asking.who.id, now=now)
    return _shown(session, found)


@router.post("/projects/{slug}/imports/{import_id}/cancel")
def cancel(request: Request, slug: str, import_id: PathId, asking: Asking, now: Now) -> ImportShown:
    engine = request.app.state.engine
    with writing(engine) as session:
        here = at_project(session, asking, slug, Role.LEAD)
        found = import_of(session, here.project.id, import_id)
        job = job_of(session, found)
        running = job is not None and job.state in queue.UNFINISHED
        if job is not None and running:
            queue.cancel(session, job.id, now=now)
    if not running:
        cancel_import(engine, import_id, now=now)
    with reading(engine) as session:
        return _shown(session, import_of(session, here.project.id, import_id))


def _run(run: ScoringRun, current: int | None) -> RunShown:
    return RunShown(
        id=run.id,
        number=run.number,
        state=run.state,
        method=run.method,
        settings=dict(run.settings),
        seed=run.seed,
        versions=run.versions,
        artefacts=run.artefacts,
        counts=dict(run.counts),
        message=run.message,
        started_at=run.started_at,
        finished_at=run.finished_at,
        current=run.id == current,
    )


@router.get("/projects/{slug}/scoring")
def list_runs(slug: str, asking: Asking, session: Reading) -> list[RunShown]:
    here = at_project(session, asking, slug, Role.LEAD)
    return [_run(run, here.project.run_id) for run in runs_of(session, here.project.id)]


@router.post("/projects/{slug}/scoring")
def score(caller: Acting, slug: str, payload: ScoringPayload) -> JobShown:
    request = ScoringRequest(payload.method, payload.eps, payload.seed)
    return job_shown(caller.session, rank_anew(caller, slug, request), caller.now)
