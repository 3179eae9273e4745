"""Measure what each remedy brings in a project."""

from __future__ import annotations

from app.actions.recovering import measure_project
from app.audit.recovery.asking import RECOVERY, STEPS, RecoveryArguments
from app.audit.recovery.report import Cost
from app.datasets.blobs import BlobStore
from app.db.types import JsonObject
from app.jobs.lanes import Lane
from app.jobs.task import AtWork, Task, TaskWords


def _run(at: AtWork, arguments: RecoveryArguments) -> JsonObject:
    blobs = BlobStore(at.settings.blob_directory)
    costs = [Cost(**one) for one in arguments.costs]
    enough = measure_project(
        at.engine, at.project_id, blobs=blobs, costs=costs, progress=at.progress
    )
    return {"enough": enough}


MEASURING = Task(
    RECOVERY,
    _run,
    TaskWords(
        doing="Measuring remedies",
        waited_for="the remedies of",
        steps=STEPS,
        when_dead="What was measured before is still shown.",
    ),
    lane=Lane.LONG,
    series="recovery",
)
