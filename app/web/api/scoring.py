"""Scoring runs, for programs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from app.actions.scoring import rank_anew
from app.db.tables.ranking import ScoringRun
from app.db.words import Role, RunState
from app.ranking.asked_models import MOST_ASKED
from app.ranking.runs import ScoringRequest, runs_of
from app.web.api.jobs import JobShown, job_shown
from app.web.payloads import Id, Payload
from app.web.sessions import Reading
from app.web.who import Acting, Asking, at_project

router = APIRouter(prefix="/api/v1")


class ScoringPayload(Payload):
    method: str = "vpv"
    eps: float = 0.2
    seed: int = 0
    models: list[Id] = Field(default=[], max_length=MOST_ASKED)


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
    """Rank anew. `models` are pushed ones, by their ids, whose probabilities are averaged in."""
    models = tuple(payload.models)
    request = ScoringRequest(payload.method, payload.eps, payload.seed, models=models)
    return job_shown(caller.session, rank_anew(caller, slug, request), caller.now)
