"""Every kind of long work that Relabel does: one line each."""

from __future__ import annotations

from app.actions.tasks.array_check import ARRAY_CHECK
from app.actions.tasks.erase_files import ERASING
from app.actions.tasks.fold_again import FOLDING
from app.actions.tasks.import_check import IMPORT_CHECK
from app.actions.tasks.import_commit import IMPORT_COMMIT
from app.actions.tasks.model_check import MODEL_CHECK
from app.actions.tasks.recovery import MEASURING
from app.actions.tasks.release import RELEASING
from app.actions.tasks.remove_project import REMOVAL
from app.actions.tasks.reviewers import COMPARING
from app.actions.tasks.score import SCORING
from app.actions.tasks.split_audit import TELLING_SPLIT
from app.actions.tasks.study import STUDYING
from app.actions.tasks.test_audit import COMPARING_MODELS
from app.jobs.task import Tasks

TASKS = Tasks(
    IMPORT_CHECK,
    IMPORT_COMMIT,
    ARRAY_CHECK,
    MODEL_CHECK,
    SCORING,
    RELEASING,
    FOLDING,
    REMOVAL,
    STUDYING,
    COMPARING_MODELS,
    TELLING_SPLIT,
    COMPARING,
    ERASING,
    MEASURING,
)
