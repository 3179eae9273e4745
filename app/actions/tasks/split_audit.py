"""Tell how many labels of a split are wrong."""

from __future__ import annotations

from app.actions.split_audits import tell_split
from app.audit.splits.asking import SPLIT_AUDIT, STEPS, SplitAuditArguments
from app.db.types import JsonObject
from app.jobs.lanes import Lane
from app.jobs.task import AtWork, Task, TaskWords


def _run(at: AtWork, arguments: SplitAuditArguments) -> JsonObject:
    return {"done": tell_split(at.engine, arguments.audit_id, progress=at.progress)}


TELLING_SPLIT = Task(
    SPLIT_AUDIT,
    _run,
    TaskWords(
        doing="Counting wrong labels of a split",
        waited_for="the audit of a split in",
        steps=STEPS,
        when_dead="What was told before is still shown.",
    ),
    lane=Lane.QUICK,
)
