"""What rankings know of an erased example: its scores, and the arrays a run kept."""

from __future__ import annotations

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.db.tables.ranking import Score, ScoringRun
from app.ranking.store import own_arrays


def forget(session: Session, project_id: int, example_id: int) -> list[str]:
    """Delete its scores of every run; the names of arrays that hold its vector.

    Nothing reads those once a run is complete: the ranking lies in the scores.
    """
    session.execute(delete(Score).where(Score.example_id == example_id))
    names: list[str] = []
    for run in session.scalars(select(ScoringRun).where(ScoringRun.project_id == project_id)):
        own = set(own_arrays(run.artefacts))
        names += sorted(own)
        run.artefacts = {kind: name for kind, name in run.artefacts.items() if name not in own}
    session.flush()
    return names
