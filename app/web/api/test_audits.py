"""The test-set audit, for programs: which of some models is better on right labels."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from app.actions.model_audits import (
    MOST_READS,
    AuditAsked,
    close_test_audit,
    compare_again,
    open_test_audit,
    read_more,
)
from app.actions.turn import Caller
from app.audit.models.audits import MOST_MODELS, READS_OFFERED, last_audit
from app.audit.models.report import AuditReport, Line
from app.datasets.pushed_models import LONGEST_SPLIT
from app.db.words import Role
from app.errors import NotFound
from app.insights.model_audits import Standing, earlier, standing
from app.insights.model_words import (
    cost_words,
    flip_words,
    headline,
    held_words,
    pair_words,
)
from app.web.api.jobs import JobShown, job_shown
from app.web.payloads import Id, PathId, Payload
from app.web.who import Acting, Looking, at

router = APIRouter()
AUDIT = "/api/v1/projects/{slug}/test-audit"


class AuditPayload(Payload):
    """Two or more models by their ids, and the split they are compared on; none: everything."""

    models: Annotated[list[Id], Field(min_length=1, max_length=MOST_MODELS)]
    split: str = Field(default="", max_length=LONGEST_SPLIT)


class ReadPayload(Payload):
    """How many more of the examples on which the models differ are read."""

    count: int = Field(default=READS_OFFERED, ge=1, le=MOST_READS)


class BoundedShown(BaseModel):
    """A share of 1 with the bounds of 95 % that belong to it."""

    estimate: float | None
    low: float
    high: float
    exact: bool


class ModelStands(BaseModel):
    """How often a model is right: on labels as they came, and on corrected ones."""

    id: int
    name: str
    version: str
    given: float | None
    corrected: BoundedShown | None


class PairStands(BaseModel):
    """How far the second model is ahead of the first on right labels, valid whenever it is looked
    at. About `needed` more reads would decide."""

    first: int
    second: int
    differ: int
    reads: int
    open: int
    held_back: int
    given: float
    corrected: BoundedShown
    verdict: str
    needed: int | None
    words: str
    cost: str
    held: str


class FlipStands(BaseModel):
    """Whether wrong labels would change which of two models is ahead, and at which share."""

    first: int
    second: int
    flip: str
    share: float | None
    low: float | None
    high: float | None
    words: str


class AuditShown(BaseModel):
    """A test-set audit. Of `differ` examples on which its models do not all agree `decided` are
    decided, `open` in a batch or with readers, and `unread` neither. What was told last stands as
    of `made_at`, `new_events` of the log came since."""

    number: int
    split: str | None
    size: int
    differ: int
    opened_at: datetime
    closed_at: datetime | None
    decided: int
    open: int
    unread: int
    made_at: datetime | None
    new_events: int
    headline: str
    gone: int
    fitting_none: int
    draws: int
    wrong: BoundedShown | None
    models: list[ModelStands]
    pairs: list[PairStands]
    flips: list[FlipStands]
    lines: list[Line]
    job: JobShown | None


class ReadsShown(BaseModel):
    """The batch that was made, and how many examples it has."""

    batch: int
    size: int


def _shown(caller: Caller, told: Standing) -> AuditShown:
    row, report = told.audit.row, told.report
    job = None if told.job is None else job_shown(caller.session, told.job, caller.now)
    return AuditShown.model_validate(
        {
            "number": row.number,
            "split": row.split,
            "size": row.size,
            "differ": row.differ,
            "opened_at": row.opened_at,
            "closed_at": row.closed_at,
            "decided": told.progress.decided,
            "open": told.progress.open,
            "unread": told.progress.unread,
            "made_at": row.made_at,
            "new_events": told.new,
            "models": _models(told),
            "job": job,
            **_found(told, report),
        },
        from_attributes=True,
    )


def _models(told: Standing) -> list[dict[str, Any]]:
    found = {one.model: one for one in told.report.models} if told.report else {}
    return [
        {
            "id": model.id,
            "name": model.name,
            "version": model.version,
            "given": found[model.id].given if model.id in found else None,
            "corrected": found[model.id].corrected if model.id in found else None,
        }
        for model in told.audit.models
    ]


def _found(told: Standing, report: AuditReport | None) -> dict[str, Any]:
    names = told.names
    if report is None:
        nothing = {"headline": "", "gone": 0, "fitting_none": 0, "draws": 0, "wrong": None}
        return nothing | {"pairs": [], "flips": [], "lines": []}
    pairs = [
        asdict(one)
        | {
            "words": pair_words(one, names),
            "cost": cost_words(one, report, names),
            "held": held_words(one),
        }
        for one in report.pairs
    ]
    flips = [asdict(one) | {"words": flip_words(one, names)} for one in report.flips]
    return {
        "headline": headline(report, names),
        "gone": report.gone,
        "fitting_none": report.fitting_none,
        "draws": report.draws,
        "wrong": report.wrong,
        "pairs": pairs,
        "flips": flips,
        "lines": report.lines,
    }


class EarlierShown(BaseModel):
    """An audit before the last one; its report is at its number."""

    number: int
    split: str | None
    size: int
    differ: int
    opened_at: datetime
    closed_at: datetime | None
    made_at: datetime | None
    models: list[str]
    headline: str


def _earlier(caller: Caller, project_id: int) -> list[EarlierShown]:
    last = last_audit(caller.session, project_id)
    if last is None:
        return []
    return [
        EarlierShown(
            number=one.audit.row.number,
            split=one.audit.row.split,
            size=one.audit.row.size,
            differ=one.audit.row.differ,
            opened_at=one.audit.row.opened_at,
            closed_at=one.audit.row.closed_at,
            made_at=one.audit.row.made_at,
            models=one.names,
            headline=one.headline,
        )
        for one in earlier(caller.session, project_id, before=last.row.number)
    ]


def _last(caller: Caller, slug: str) -> AuditShown:
    project = at(caller, slug, Role.LEAD).project
    told = standing(caller.session, project.id)
    if told is None:
        raise NotFound(
            "No test-set audit was opened yet.",
            next_step="Push the predictions of two models, then open one.",
        )
    return _shown(caller, told)


@router.get(AUDIT)
def read_test_audit(slug: str, caller: Looking) -> AuditShown:
    """The test-set audit that is open, or the last that was."""
    return _last(caller, slug)


@router.get(AUDIT + "/earlier")
def list_earlier_audits(slug: str, caller: Looking) -> list[EarlierShown]:
    """The audits before the last one, the newest first: what was compared, and what was found."""
    project = at(caller, slug, Role.LEAD).project
    return _earlier(caller, project.id)


@router.get(AUDIT + "/{number}")
def read_audit_by_number(slug: str, number: PathId, caller: Looking) -> AuditShown:
    """One test-set audit, with what was told of it last."""
    project = at(caller, slug, Role.LEAD).project
    told = standing(caller.session, project.id, number)
    if told is None:
        raise NotFound()
    return _shown(caller, told)


@router.post(AUDIT, status_code=201)
def begin_test_audit(slug: str, payload: AuditPayload, caller: Acting) -> AuditShown:
    """Open one: the random order of what the models differ on is fixed. One that is open ends."""
    open_test_audit(caller, slug, AuditAsked(tuple(payload.models), payload.split))
    return _last(caller, slug)


@router.post(AUDIT + "/read", status_code=201)
def read_on(slug: str, payload: ReadPayload, caller: Acting) -> ReadsShown:
    """Make a blind batch of the next examples that nobody has read."""
    batch = read_more(caller, slug, payload.count)
    return ReadsShown(batch=batch.number, size=batch.size)


@router.post(AUDIT + "/again", status_code=202)
def work_out_again(slug: str, caller: Acting) -> JobShown:
    """Have it worked out from what is decided now."""
    return job_shown(caller.session, compare_again(caller, slug), caller.now)


@router.post(AUDIT + "/close")
def end_test_audit(slug: str, caller: Acting) -> AuditShown:
    """End it. What was found stays, and another can be opened."""
    close_test_audit(caller, slug)
    return _last(caller, slug)
