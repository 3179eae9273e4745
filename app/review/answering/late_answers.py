"""A late answer: its example went to somebody else. It is kept, and its giver told."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.datasets.labels import label_mapping
from app.db.log import ProjectLock
from app.db.tables.review import Decision
from app.review.answering.answers import Recorded
from app.review.books.fold import Answer, agree
from app.review.books.standing import refold


def keep_late(
    session: Session, held: ProjectLock, decided: Answer, row: Any, *, now: datetime
) -> Recorded:
    """A late answer is kept and does not count; once the example is final it is compared."""
    state = refold(session, held, row.example_id, now=now)
    late = Recorded(decided.seq, "late", row.example_id, row.batch_id, state.status)
    earlier = [a for a in state.standing if a.seq < decided.seq]
    if not earlier:
        return replace(late, message="went_to_someone")
    given = [] if row.given_label_id is None else [row.given_label_id]
    names = label_mapping(session, held.project_id)
    if agree(earlier[-1], decided, given, mapping=names):
        return late
    ago = now - _answered_at(session, held.project_id, earlier[-1].seq)
    minutes = max(1, round(ago / timedelta(minutes=1)))
    return replace(late, message="another_answered", minutes_ago=minutes)


def _answered_at(session: Session, project_id: int, seq: int) -> datetime:
    return session.scalars(
        select(Decision.at).where(Decision.project_id == project_id, Decision.seq == seq)
    ).one()
