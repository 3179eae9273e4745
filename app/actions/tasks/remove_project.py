"""Remove a project for good, 30 days after it was deleted."""

from __future__ import annotations

from app.actions.deleting import REMOVE, RemoveArguments, remove_when_due
from app.actions.storage import Storage
from app.datasets.blobs import BlobStore
from app.datasets.removal import STEP
from app.db.types import JsonObject
from app.jobs.lanes import Lane
from app.jobs.task import AtWork, Task, TaskWords


def _run(at: AtWork, arguments: RemoveArguments) -> JsonObject:
    storage = Storage(at.engine, BlobStore(at.settings.blob_directory))
    removed = remove_when_due(storage, at.settings, arguments.project_id, at.progress)
    return {"project_id": arguments.project_id, "removed": removed}


REMOVAL = Task(
    REMOVE,
    _run,
    TaskWords(
        doing="Removing a project",
        waited_for="the removing of",
        steps=(STEP,),
        when_dead="It stays hidden. Write to whoever runs this.",
    ),
    lane=Lane.LONG,
)
