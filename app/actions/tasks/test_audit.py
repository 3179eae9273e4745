"""Work out which of the models of a test-set audit is better."""

from __future__ import annotations

from app.actions.model_audits import compare_models
from app.audit.models.asking import STEPS, TEST_AUDIT, TestAuditArguments
from app.db.types import JsonObject
from app.jobs.lanes import Lane
from app.jobs.task import AtWork, Task, TaskWords


def _run(at: AtWork, arguments: TestAuditArguments) -> JsonObject:
    return {"done": compare_models(at.engine, arguments.audit_id, progress=at.progress)}


COMPARING_MODELS = Task(
    TEST_AUDIT,
    _run,
    TaskWords(
        doing="Comparing models",
        waited_for="the comparison of models in",
        steps=STEPS,
        when_dead="What was told before is still shown.",
    ),
    lane=Lane.QUICK,
)
