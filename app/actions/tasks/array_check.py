"""Check an array that was pushed; one that may be used brings about a new ranking."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.datasets.blobs import BlobStore
from app.datasets.pushed_arrays import CHECK, ArrayArguments
from app.datasets.pushed_check import array_check_ended, check_array
from app.db.engine import database_now
from app.db.tables.datasets import Prediction
from app.db.types import JsonObject
from app.jobs.task import AtWork, Task, TaskWords
from app.ranking.runs import score_anew


def _run(at: AtWork, arguments: ArrayArguments) -> JsonObject:
    scoring: list[int] = []

    def when_ready(session: Session, array: Prediction) -> None:
        now = database_now(session)
        started = score_anew(session, array.project_id, created_by=at.job.created_by, now=now)
        scoring.append(started.id)

    blobs = BlobStore(at.settings.blob_directory)
    array = check_array(
        at.engine, blobs, arguments.array_id, when_ready=when_ready, progress=at.progress
    )
    told: JsonObject = {"array_id": array.id, "state": array.state.value}
    return told | ({"scoring": scoring[-1]} if scoring else {})


ARRAY_CHECK = Task(
    CHECK,
    _run,
    TaskWords(
        doing="Checking an array",
        steps=("starting",),
        when_dead="The array is not used. Push it again.",
    ),
    ended=array_check_ended,
)
