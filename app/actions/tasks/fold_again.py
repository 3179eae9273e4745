"""Fold the answers again that carry a retired label."""

from __future__ import annotations

from app.db.engine import database_now, writing
from app.db.log import lock_project
from app.db.types import JsonObject
from app.jobs.lanes import Lane
from app.jobs.task import AtWork, Task, TaskWords
from app.review.answering.retired_labels import FOLD_AGAIN, FoldArguments, fold_again

_STEP = "folding answers again"


def _run(at: AtWork, arguments: FoldArguments) -> JsonObject:
    after: int | None = 0
    chunks = 0
    while after is not None:
        with writing(at.engine) as session:
            now = database_now(session)
            lock = lock_project(session, at.project_id)
            after = fold_again(lock, arguments.label_id, now=now, after=after)
            lock.save()
        chunks += 1
        at.progress(_STEP, chunks, 0)
    return {"label_id": arguments.label_id}


FOLDING = Task(
    FOLD_AGAIN,
    _run,
    TaskWords(
        doing="Retiring a label",
        waited_for="the retiring of a label in",
        steps=(_STEP,),
        when_dead="Some answers still stand under the retired label. Write to whoever runs this.",
    ),
    lane=Lane.QUICK,
)
