"""Check an array that was pushed; one that may be used brings about a new ranking."""

from __future__ import annotations

from app.actions.arrays import check_pushed
from app.actions.storage import Storage
from app.datasets.blobs import BlobStore
from app.datasets.pushed_arrays import CHECK, ArrayArguments
from app.datasets.pushed_check import array_check_ended
from app.db.types import JsonObject
from app.jobs.lanes import Lane
from app.jobs.task import AtWork, Task, TaskWords


def _run(at: AtWork, arguments: ArrayArguments) -> JsonObject:
    storage = Storage(at.engine, BlobStore(at.settings.blob_directory))
    by, array_id = at.job.created_by, arguments.array_id
    checked = check_pushed(storage, array_id, by=by, progress=at.progress)
    told: JsonObject = {"array_id": array_id, "state": checked.array.state.value}
    return told if checked.scoring is None else told | {"scoring": checked.scoring}


ARRAY_CHECK = Task(
    CHECK,
    _run,
    TaskWords(
        doing="Checking an array",
        waited_for="the check of an array for",
        steps=("starting",),
        when_dead="The array is not used. Push it again.",
    ),
    lane=Lane.QUICK,
    ended=array_check_ended,
)
