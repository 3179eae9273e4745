"""Write a release of the cleaned dataset."""

from __future__ import annotations

from app.datasets.blobs import BlobStore
from app.db.engine import database_now, reading
from app.db.types import JsonObject
from app.jobs.lanes import Lane
from app.jobs.task import AtWork, Task, TaskWords
from app.releases.shelf import release_directory
from app.releases.under_way import RELEASE, ReleaseArguments, release_ended


def _run(at: AtWork, arguments: ReleaseArguments) -> JsonObject:
    from app.releases.build import Stored, build_release  # heavy: the writers of Parquet

    with reading(at.engine) as session:
        now = database_now(session)
    directory = release_directory(at.settings, arguments.release_id)
    stored = Stored(at.engine, BlobStore(at.settings.blob_directory))
    build_release(stored, arguments.release_id, directory, now=now, progress=at.progress)
    return {"release_id": arguments.release_id}


RELEASING = Task(
    RELEASE,
    _run,
    TaskWords(
        doing="Making a release",
        waited_for="a release of",
        steps=(
            "writing rows",
            "checking pictures",
            "writing the log",
            "putting the release in place",
        ),
        when_dead="Nothing was released. Read why, and make it again.",
    ),
    lane=Lane.QUICK,
    ended=release_ended,
)
