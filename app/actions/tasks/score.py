"""Rank the examples of a project."""

from __future__ import annotations

from app.audit.accuracy import measured_eps
from app.db.types import JsonObject
from app.jobs.lanes import Lane
from app.jobs.task import AtWork, Task, TaskWords
from app.ranking.runs import SCORE, ScoreArguments, scoring_ended


def _run(at: AtWork, arguments: ScoreArguments) -> JsonObject:
    from app.ranking.run import score_project  # heavy: loaded by a worker's first scoring

    return score_project(at, arguments, measured_eps=measured_eps)


SCORING = Task(
    SCORE,
    _run,
    TaskWords(
        doing="Scoring",
        waited_for="the ranking of",
        steps=(
            "reading examples",
            "encoding",
            "features",
            "neighbours",
            "folds",
            "second fit",
            "storing scores",
            "opening the new ranking",
        ),
        when_dead="The earlier order is still served.",
    ),
    lane=Lane.LONG,
    ended=scoring_ended,
    series="ranking",
)
