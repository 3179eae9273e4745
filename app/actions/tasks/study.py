"""Look for the kind of noise in a project."""

from __future__ import annotations

from app.actions.studying import study_project
from app.audit.study.asking import STEPS, STUDY, StudyArguments
from app.datasets.blobs import BlobStore
from app.db.types import JsonObject
from app.jobs.lanes import Lane
from app.jobs.task import AtWork, Task, TaskWords


def _run(at: AtWork, arguments: StudyArguments) -> JsonObject:
    blobs = BlobStore(at.settings.blob_directory)
    enough = study_project(at.engine, at.project_id, blobs=blobs, progress=at.progress)
    return {"enough": enough}


STUDYING = Task(
    STUDY,
    _run,
    TaskWords(
        doing="Looking for patterns",
        waited_for="the patterns of",
        steps=STEPS,
        when_dead="What was found before is still shown.",
    ),
    lane=Lane.LONG,
    series="study",
)
