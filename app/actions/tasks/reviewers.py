"""Compare the reviewers of a project."""

from __future__ import annotations

from app.actions.comparing_reviewers import compare_reviewers
from app.audit.reviewers.asking import REVIEWERS, STEPS, ReviewersArguments
from app.db.types import JsonObject
from app.jobs.lanes import Lane
from app.jobs.task import AtWork, Task, TaskWords


def _run(at: AtWork, arguments: ReviewersArguments) -> JsonObject:
    return {"reviewers": compare_reviewers(at.engine, at.project_id, progress=at.progress)}


COMPARING = Task(
    REVIEWERS,
    _run,
    TaskWords(
        doing="Comparing reviewers",
        waited_for="the reviewers of",
        steps=STEPS,
        when_dead="What was found before is still shown.",
    ),
    lane=Lane.LONG,
    series="reviewers",
)
