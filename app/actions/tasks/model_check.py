"""Check the predictions of a model that were pushed."""

from __future__ import annotations

from app.actions.models import check_pushed_model
from app.actions.storage import Storage
from app.datasets.blobs import BlobStore
from app.datasets.model_check import model_check_ended
from app.datasets.pushed_models import CHECK_MODEL, ModelArguments
from app.db.types import JsonObject
from app.jobs.lanes import Lane
from app.jobs.task import AtWork, Task, TaskWords


def _run(at: AtWork, arguments: ModelArguments) -> JsonObject:
    storage = Storage(at.engine, BlobStore(at.settings.blob_directory))
    model = check_pushed_model(storage, arguments.model_id, progress=at.progress)
    return {"model_id": model.id, "state": model.state.value}


MODEL_CHECK = Task(
    CHECK_MODEL,
    _run,
    TaskWords(
        doing="Checking predictions",
        waited_for="the check of predictions for",
        steps=("starting",),
        when_dead="The predictions are not used. Push them again.",
    ),
    lane=Lane.QUICK,
    ended=model_check_ended,
)
