"""Read a file that came in, and say what is wrong with it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from app.actions.importing import check_file
from app.actions.storage import Storage
from app.datasets.asking import CHECK, ImportArguments
from app.datasets.blobs import BlobStore
from app.db.tables.datasets import DataImport
from app.db.types import JsonObject
from app.db.words import ImportState, JobState
from app.jobs.lanes import Lane
from app.jobs.task import AtWork, JobInHand, Task, TaskWords


def _run(at: AtWork, arguments: ImportArguments) -> JsonObject:
    storage = Storage(at.engine, BlobStore(at.settings.blob_directory))
    checked = check_file(storage, arguments.import_id, progress=at.progress)
    return {"import_id": checked.id, "state": checked.state.value}


def import_ended(
    session: Session, job: JobInHand, state: JobState, message: str, now: datetime
) -> None:
    """Say on the import that it stopped; what it had stored was never visible."""
    asked = CHECK.read(job.arguments)
    stopped = session.get(DataImport, asked.import_id, with_for_update=True)
    if stopped is None or stopped.state not in (ImportState.CHECKING, ImportState.IMPORTING):
        return
    cancelled = state is JobState.CANCELLED
    stopped.state = ImportState.CANCELLED if cancelled else ImportState.FAILED
    stopped.message, stopped.finished_at = message, now
    session.flush()


IMPORT_CHECK = Task(
    CHECK,
    _run,
    TaskWords(
        doing="Checking a file",
        waited_for="the check of a file for",
        steps=("starting", "reading rows"),
        when_dead="Nothing of the file was kept. Mend it, and send it again.",
    ),
    lane=Lane.QUICK,
    ended=import_ended,
)
