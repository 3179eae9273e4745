"""Make examples of the good rows of a checked file."""

from __future__ import annotations

from app.actions.importing import commit_file
from app.actions.storage import Storage
from app.actions.tasks.import_check import import_ended
from app.datasets.asking import COMMIT, ImportArguments
from app.datasets.blobs import BlobStore
from app.datasets.import_lock import InAlready
from app.db.engine import reading
from app.db.tables.datasets import DataImport
from app.db.types import JsonObject
from app.jobs.lanes import Lane
from app.jobs.task import AtWork, Task, TaskWords


def _run(at: AtWork, arguments: ImportArguments) -> JsonObject:
    storage = Storage(at.engine, BlobStore(at.settings.blob_directory))
    by, progress = at.job.created_by, at.progress
    try:
        imported = commit_file(storage, arguments.import_id, by=by, progress=progress)
    except InAlready:
        with reading(at.engine) as session:
            imported = session.get_one(DataImport, arguments.import_id)
    return {
        "import_id": imported.id,
        "rows": imported.rows_good,
        "left_out": imported.rows_left_out,
    }


IMPORT_COMMIT = Task(
    COMMIT,
    _run,
    TaskWords(
        doing="Importing",
        waited_for="an import into",
        steps=("storing rows", "binding rows", "finishing"),
        when_dead="None of its rows are in the project. Import it again.",
    ),
    lane=Lane.QUICK,
    ended=import_ended,
    series="rows",
)
