"""What a new ranking changed: how much it learnt from, and how much of the top is new."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db.tables.datasets import Example
from app.db.tables.ranking import Changed, RunSettings, Score
from app.db.words import FINAL
from app.ranking.load import Dataset
from app.ranking.refit import answers_since
from app.ranking.runs import current_run

TOP = 100
"""Examples at the top of the queue that are compared."""

TOP_OF_BETTER = 1_000
"""The same where a run follows to rank better: it changes the order far down."""


def compared(settings: RunSettings) -> int:
    """How many examples at the top of a run are compared with those of the run before."""
    return TOP_OF_BETTER if settings.get("encoders") else TOP


def what_changed(
    session: Session, data: Dataset, priority: NDArray[np.float64], *, top: int = TOP
) -> Changed | None:
    """Against the run that is served: answers learnt from, and examples new at the top.

    Only undecided examples count. None without an earlier run or without anything to compare.
    """
    served = current_run(session, data.project_id)
    if served is None:
        return None
    before = _top_of(session, served.id, top)
    after = _top(data, priority, top)
    if not before or not after:
        return None
    answers = answers_since(session, data.project_id, served.log_seq, until=data.log_seq)
    return {
        "run": served.number,
        "answers": answers,
        "of": len(after),
        "new": len(set(after) - set(before)),
    }


def _top_of(session: Session, run_id: int, top: int) -> list[int]:
    """The undecided examples that stand first in a run."""
    query = (
        select(Score.example_id)
        .join(Example, Example.id == Score.example_id)
        .where(Score.run_id == run_id, Score.priority.is_not(None), Example.status.not_in(FINAL))
        .order_by(Score.priority.desc(), Score.example_id)
        .limit(top)
    )
    return list(session.scalars(query))


def _top(data: Dataset, priority: NDArray[np.float64], top: int) -> list[int]:
    ranked = np.flatnonzero(np.isfinite(priority) & ~data.decided)
    first = ranked[np.argsort(-priority[ranked], kind="stable")][:top]
    return [int(one) for one in data.example_ids[first]]
