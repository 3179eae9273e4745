"""Imports and scoring runs, for programs."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Form
from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from app.actions import importing
from app.actions.own_labels import likely_in
from app.actions.scoring import rank_anew
from app.actions.withdrawing import withdraw_import
from app.datasets.asking import import_of, imports_of, job_of
from app.datasets.formats.registry import FORMATS
from app.datasets.mapping import ImportMapping, mapping_of
from app.datasets.reading_parts import said_of_reading
from app.datasets.report import RolesShown, report_of
from app.datasets.roles import ROLES
from app.datasets.sources import Match
from app.datasets.stage import can_import
from app.db.tables.datasets import DataImport
from app.db.tables.ranking import ScoringRun
from app.db.words import ImportState, Role, RunState
from app.errors import Invalid
from app.ranking.runs import ScoringRequest, runs_of
from app.web.api.findings import FindingShown, QuestionShown, ReadingFound
from app.web.api.jobs import JobShown, job_shown
from app.web.bodies import takes_upload
from app.web.import_reading import ReadingPayload
from app.web.import_roles import RolesPayload
from app.web.payloads import Id, PathId, Payload, check_all
from app.web.repeated_keys import refuse_repeated_keys
from app.web.sessions import Reading
from app.web.uploads import Blobs, Files, Media
from app.web.who import Acting, Asking, Looking, Sending, at, at_project

router = APIRouter(prefix="/api/v1")

_ASKED = frozenset(part for one in FORMATS.values() for part in one.asks)
_MAPPED = frozenset(ROLES) | _ASKED | {"choices"}
_MANY = frozenset(name for name, role in ROLES.items() if role.many)


class ImportShown(BaseModel):
    id: int
    state: ImportState
    file_name: str
    sha256: str
    rows_read: int
    rows_good: int
    rows_left_out: int
    ready: bool
    read_as: str  # a name of this reading, for `shown`
    message: str
    counts: dict[str, int]
    stops: list[FindingShown]
    questions: list[QuestionShown]
    problems: list[FindingShown]
    warnings: list[FindingShown]
    columns: list[str]
    roles: RolesShown
    reading: ReadingFound | None
    job: int | None
    likely_givers: list[LikelyGiverShown]


class LikelyGiverShown(BaseModel):
    """A source of the file that is probably a member: by `email`, or by `name` alone."""

    source: str
    person: int
    name: str
    by: Match


class CommitPayload(Payload):
    """`own_labels`: the id of the member each of these sources is; they judge none of its labels.

    Left out, those that have a member's e-mail as their name.
    """

    own_labels: dict[str, Id] | None = Field(default=None, max_length=1_000)
    shown: str = Field(default="", max_length=64)  # the reading you looked at: another is refused


NOTHING_SAID = CommitPayload()


class AnswersPayload(Payload):
    choices: dict[str, str] = Field(default_factory=dict, max_length=50)


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


def _shown(session: Session, data_import: DataImport) -> ImportShown:
    report, job = report_of(data_import.report), job_of(session, data_import)
    told = ("counts", "stops", "questions", "problems", "warnings")
    return ImportShown.model_validate(
        {name: value for name, value in report.items() if name in told}
        | {
            "id": data_import.id,
            "state": data_import.state,
            "file_name": data_import.file_name,
            "sha256": data_import.sha256,
            "rows_read": data_import.rows_read,
            "rows_good": data_import.rows_good,
            "rows_left_out": data_import.rows_left_out,
            "ready": can_import(data_import),
            "read_as": data_import.mapping_hash,
            "message": data_import.message,
            "columns": report.get("columns", []),
            "roles": report.get("roles", {}),
            "reading": report.get("reading"),
            "job": job.id if job is not None else None,
            "likely_givers": [
                LikelyGiverShown(source=one.source, person=one.person_id, name=one.name, by=one.by)
                for one in likely_in(session, data_import)
            ],
        }
    )


def _mapping(text: str) -> ImportMapping:
    """The mapping field of an upload: JSON with known names."""
    refuse_repeated_keys(text)
    try:
        told = orjson.loads(text or "{}")
    except orjson.JSONDecodeError as error:
        raise Invalid(
            "The mapping is not JSON.",
            next_step='Send an object such as {"text": "question", "label": "intent"}.',
            code="mapping",
        ) from error
    if not isinstance(told, dict) or not set(told) <= _MAPPED:
        raise Invalid(
            "The mapping names parts that do not exist.",
            next_step=f"Use only {', '.join(sorted(_MAPPED))}.",
            code="mapping",
        )
    check_all(told)
    for name, value in told.items():
        _check_part(name, value)
    said_of_reading(told)
    return mapping_of(told)


def _check_part(name: str, value: object) -> None:
    fits = isinstance(value, str)
    if name in _MANY:
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
    slug: str,
    errand: Sending,
    files: Files,
    blobs: Blobs,
    mapping: Annotated[str, Form()] = "{}",
) -> ImportShown:
    """Send a file to be checked; the same bytes and mapping are the same import."""
    with errand.looking() as caller:
        at(caller, slug, Role.LEAD)
    given = files.keep(blobs, _mapping(mapping))
    with errand.acting() as caller:
        return _shown(caller.session, importing.bring_file(caller, slug, given))


@router.get("/projects/{slug}/imports")
def list_imports(slug: str, caller: Looking) -> list[ImportShown]:
    project_id = at(caller, slug, Role.LEAD).project.id
    return [
        _shown(caller.session, data_import)
        for data_import in imports_of(caller.session, project_id)
    ]


@router.get("/projects/{slug}/imports/{import_id}")
def show_import(slug: str, import_id: PathId, caller: Looking) -> ImportShown:
    project_id = at(caller, slug, Role.LEAD).project.id
    return _shown(caller.session, import_of(caller.session, project_id, import_id))


@router.post(
    takes_upload("/api/v1/projects/{slug}/imports/{import_id}/media").removeprefix("/api/v1")
)
def add_media(slug: str, import_id: PathId, errand: Sending, media: Media) -> ImportShown:
    """Add the ZIP with the images that the rows name; the file is then checked again."""
    with errand.looking() as caller:
        import_of(caller.session, at(caller, slug, Role.LEAD).project.id, import_id)
    sha256 = media()
    with errand.acting() as caller:
        found = importing.bring_media(caller, slug, import_id, sha256)
        return _shown(caller.session, found)


@router.post("/projects/{slug}/imports/{import_id}/answers")
def answer_questions(
    slug: str, import_id: PathId, payload: AnswersPayload, caller: Acting
) -> ImportShown:
    data_import = importing.answer_questions(caller, slug, import_id, payload.choices)
    return _shown(caller.session, data_import)


@router.post("/projects/{slug}/imports/{import_id}/roles")
def set_roles(slug: str, import_id: PathId, payload: RolesPayload, caller: Acting) -> ImportShown:
    return _shown(caller.session, importing.set_roles(caller, slug, import_id, payload.named()))


@router.post("/projects/{slug}/imports/{import_id}/reading")
def set_reading(
    slug: str, import_id: PathId, payload: ReadingPayload, caller: Acting
) -> ImportShown:
    return _shown(caller.session, importing.set_reading(caller, slug, import_id, payload.said()))


@router.post("/projects/{slug}/imports/{import_id}/commit")
def commit(
    slug: str, import_id: PathId, caller: Acting, payload: CommitPayload = NOTHING_SAID
) -> ImportShown:
    """Import the good rows."""
    own = payload.own_labels
    found = importing.start_import(caller, slug, import_id, shown=payload.shown, own_labels=own)
    return _shown(caller.session, found)


@router.post("/projects/{slug}/imports/{import_id}/cancel")
def cancel(slug: str, import_id: PathId, errand: Sending) -> ImportShown:
    data_import = importing.give_up(errand, slug, import_id)
    with errand.looking() as caller:
        return _shown(caller.session, data_import)


class WithdrawPayload(Payload):
    """`again`: the same file is read anew, to be imported with other roles."""

    again: bool = False


class WithdrawnShown(BaseModel):
    withdrawn: ImportShown
    again: ImportShown | None


@router.post("/projects/{slug}/imports/{import_id}/withdraw")
def withdraw(
    slug: str, import_id: PathId, payload: WithdrawPayload, caller: Acting
) -> WithdrawnShown:
    """Take its examples out again, as long as nobody answered one and no release has them."""
    done = withdraw_import(caller, slug, import_id, again=payload.again)
    again = None if done.again is None else _shown(caller.session, done.again)
    return WithdrawnShown(withdrawn=_shown(caller.session, done.data_import), again=again)


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
