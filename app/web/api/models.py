"""Models of a user's own, known by what they predict; for programs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel

from app.actions.models import AskedModel, push_model, take_out_model
from app.actions.storage import Storage, gone_if_refused
from app.actions.turn import Caller
from app.datasets.pushed_models import model_of, models_of
from app.datasets.report import model_report_of
from app.db.tables.models import Model
from app.db.words import ArrayState, Role
from app.ranking.asked_models import runs_by_model
from app.web.api.findings import FindingShown
from app.web.api.jobs import JobShown, job_shown
from app.web.bodies import takes_upload
from app.web.payloads import PathId
from app.web.uploads import Blobs, PredictionsFile
from app.web.who import Acting, Looking, Sending, at

router = APIRouter(prefix="/api/v1")


class ModelShown(BaseModel):
    """A model and what the check of its predictions said; one that is `ready` can be compared.

    `examples` have a prediction; `left_out` are the first rows that were not used. `runs` are the
    numbers of the rankings that its probabilities were averaged into; they stay when it goes.
    """

    id: int
    name: str
    version: str
    size: int | None
    split: str
    state: ArrayState
    examples: int
    probabilities: bool
    file_name: str
    sha256: str
    made_at: datetime
    message: str
    counts: dict[str, int]
    stops: list[FindingShown]
    left_out: list[FindingShown]
    warnings: list[FindingShown]
    runs: list[int]


class ModelPushed(BaseModel):
    """The job checks the predictions; there is none where the same bytes came before."""

    model: ModelShown
    job: JobShown | None


def _shown(model: Model, runs: Mapping[int, list[int]]) -> ModelShown:
    report = model_report_of(model.report)
    return ModelShown.model_validate(
        {
            "id": model.id,
            "name": model.name,
            "version": model.version,
            "size": model.size,
            "split": model.split,
            "state": model.state,
            "examples": model.n_examples,
            "probabilities": bool(model.probabilities),
            "file_name": model.file_name,
            "sha256": model.sha256,
            "made_at": model.made_at,
            "message": report.get("message", ""),
            "counts": report["counts"],
            "stops": report["stops"],
            "left_out": report["problems"],
            "warnings": report["warnings"],
            "runs": runs.get(model.id, []),
        }
    )


def _pushed(caller: Caller, asked: AskedModel) -> ModelPushed:
    job = None if asked.job is None else job_shown(caller.session, asked.job, caller.now)
    runs = runs_by_model(caller.session, asked.model.project_id)
    return ModelPushed(model=_shown(asked.model, runs), job=job)


def _every(models: list[Model], caller: Caller, project_id: int) -> list[ModelShown]:
    runs = runs_by_model(caller.session, project_id)
    return [_shown(model, runs) for model in models]


@router.post(
    takes_upload("/api/v1/projects/{slug}/models").removeprefix("/api/v1"), status_code=202
)
def push(slug: str, errand: Sending, sent: PredictionsFile, blobs: Blobs) -> ModelPushed:
    """Send what a model predicts: a table with `id` and `label`, or an NPZ with `ids`,
    `pred_probs` and `classes`. The test-set audit compares models; they rank when asked to."""
    with errand.looking() as caller:
        at(caller, slug, Role.LEAD)
    stored = sent.keep(blobs)
    refused = gone_if_refused(Storage(errand.engine, blobs), stored.file.sha256)
    with refused, errand.acting() as caller:
        return _pushed(caller, push_model(caller, slug, stored, blobs))


@router.get("/projects/{slug}/models")
def list_models(slug: str, caller: Looking) -> list[ModelShown]:
    """Every model of the project, the newest first."""
    project_id = at(caller, slug, Role.LEAD).project.id
    return _every(models_of(caller.session, project_id), caller, project_id)


@router.get("/projects/{slug}/models/{model_id}")
def show_model(slug: str, model_id: PathId, caller: Looking) -> ModelShown:
    """One model, with what the check of its predictions found."""
    project_id = at(caller, slug, Role.LEAD).project.id
    runs = runs_by_model(caller.session, project_id)
    return _shown(model_of(caller.session, project_id, model_id), runs)


@router.delete("/projects/{slug}/models/{model_id}")
def take_model_out(slug: str, model_id: PathId, caller: Acting, blobs: Blobs) -> list[ModelShown]:
    """Forget a model that no audit compares; what is left is answered. Its `runs` keep what it
    said, and the rankings after them go without it."""
    models = take_out_model(caller, slug, model_id, blobs).models
    return _every(models, caller, models[0].project_id) if models else []
