"""Which open case is settled first: the one whose ruling tells most.

Private data before everything else. Then random checks of the audit that is running: until they
are settled, the estimate is wider than it need be. Then the labels that the model doubts most.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Integer, case, cast, exists, func, select

from app.db.tables.audit import Serve
from app.db.tables.datasets import Project
from app.db.tables.ranking import Score
from app.db.tables.review import Disagreement
from app.db.words import Question, Stream

_STEPS = (
    1_000  # of doubt: two labels that differ by less come in the order in which they were asked
)
_UNSCORED = _STEPS // 2  # nobody knows


def holds_the_estimate_back() -> Any:
    """Of a `Disagreement`: its example is a random check of the epoch that is open."""
    return (
        exists()
        .where(
            Serve.example_id == Disagreement.example_id,
            Serve.stream == Stream.AUDIT,
            Serve.epoch_id
            == select(Project.epoch_id)
            .where(Project.id == Disagreement.project_id)
            .correlate(Disagreement)
            .scalar_subquery(),
        )
        .correlate(Disagreement)
    )


def label_quality() -> Any:
    """Of a `Disagreement`: the quality of its label in the run that is served; null without one."""
    return (
        select(Score.quality)
        .join(Project, Project.run_id == Score.run_id)
        .where(Project.id == Disagreement.project_id, Score.example_id == Disagreement.example_id)
        .correlate(Disagreement)
        .scalar_subquery()
    )


def impact() -> Any:
    """A whole number, the same on both databases; higher is settled sooner."""
    doubt = cast(func.round((1 - label_quality()) * _STEPS), Integer)
    return (
        case((Disagreement.kind == Question.PRIVATE, 10 * _STEPS), else_=0)
        + case((holds_the_estimate_back(), 2 * _STEPS), else_=0)
        + func.coalesce(doubt, _UNSCORED)
    )
