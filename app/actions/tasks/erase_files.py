"""Delete the files that held an erased example, and what the database keeps of deleted rows."""

from __future__ import annotations

from app.actions.erasing import ERASE_FILES, STEP, EraseArguments, erase_files
from app.actions.storage import Storage
from app.datasets.blobs import BlobStore
from app.db.types import JsonObject
from app.jobs.lanes import Lane
from app.jobs.task import AtWork, Task, TaskWords


def _run(at: AtWork, arguments: EraseArguments) -> JsonObject:
    storage = Storage(at.engine, BlobStore(at.settings.blob_directory))
    return {"clean": erase_files(storage, at.settings, arguments, at.progress)}


ERASING = Task(
    ERASE_FILES,
    _run,
    TaskWords(
        doing="Deleting files of an erased example",
        waited_for="the erasing in",
        steps=(STEP,),
        when_dead="Some of its files may be left. Write to whoever runs this.",
    ),
    lane=Lane.QUICK,
)
