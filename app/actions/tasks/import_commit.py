"""Make examples of the good rows of a checked file."""

from __future__ import annotations

from app.actions.following import Following
from app.actions.tasks.import_check import import_ended
from app.datasets.asking import COMMIT, ImportArguments
from app.datasets.blobs import BlobStore
from app.datasets.commit import commit_import
from app.db.engine import database_now, reading
from app.db.types import JsonObject
from app.jobs.task import AtWork, Task, TaskWords


def _run(at: AtWork, arguments: ImportArguments) -> JsonObject:
    following = Following(at.job.created_by)
    with reading(at.engine) as session:
        now = database_now(session)
    imported = commit_import(
        at.engine,
        BlobStore(at.settings.blob_directory),
        arguments.import_id,
        now=now,
        progress=at.progress,
        prepare=following.prepare,
        after_import=following.after_import,
    )
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
        steps=("storing rows", "binding rows", "finishing"),
        when_dead="None of its rows are in the project. Import it again.",
    ),
    ended=import_ended,
    lane="rows",
)
