"""A late answer: its example went to somebody else. It is kept, and its giver told."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.turn import Turn
from app.datasets.labels import label_mapping
from app.db.tables.review import Decision
from app.labels import LabelSet
from app.review.answering.answers import Recorded
from app.review.books.fold import Answer, agree
from app.review.books.standing import refold


def keep_late(turn: Turn, answer: Answer, late: Recorded, *, given: LabelSet) -> Recorded:
    """A late answer is kept and does not count; once the example is final it is compared."""
    state = refold(turn.lock, late.example_id, now=turn.now)
    late = replace(late, status=state.status)
    earlier = [a for a in state.standing if a.seq < answer.seq]
    if not earlier:
        return replace(late, message="went_to_someone")
    names = label_mapping(turn.session, turn.project_id)
    if agree(earlier[-1], answer, given, mapping=names):
        return late
    ago = turn.now - _answered_at(turn.session, turn.project_id, earlier[-1].seq)
    minutes = max(1, round(ago / timedelta(minutes=1)))
    return replace(late, message="another_answered", minutes_ago=minutes)


def _answered_at(session: Session, project_id: int, seq: int) -> datetime:
    return session.scalars(
        select(Decision.at).where(Decision.project_id == project_id, Decision.seq == seq)
    ).one()
