"""How often given labels and reviewers are right, as far as it has been measured."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from app.audit.stands import is_independent, is_look, stands
from app.audit.wrong import is_wrong
from app.datasets.current_labels import same_label, standing_label
from app.db.tables.audit import AuditKey, Serve
from app.db.tables.datasets import Example, Project
from app.db.tables.review import Decision
from app.db.words import FINAL, ReadReason, Status, Stream, Verdict

UNMEASURED = 0.9
"""Accuracy of whoever was not measured: half the default ``eps`` of the ranking short of 1."""

WORTH = 20
"""Answers the unmeasured value is worth: nobody is judged by fewer."""

LEAST_EPS, MOST_EPS = 0.05, 0.4
"""Unreliability of one review is held between these, whatever was measured."""

MEASURED_BY = (ReadReason.COIN, ReadReason.RECHECK, ReadReason.KNOWN)
"""Reads asked for whatever the answers were; all others are biased by why they were asked."""


def shrunk(right: int, of: int) -> float:
    """A share of right answers, drawn towards the unmeasured one while there are few."""
    return (right + WORTH * UNMEASURED) / (of + WORTH)


def says_the_final_label() -> Any:
    """A decision that says what the example's final label is."""
    relabel = and_(
        Decision.verdict == Verdict.RELABEL, same_label(Decision.label_id, Example.final_label_id)
    )
    confirm = and_(
        Decision.verdict == Verdict.CONFIRM,
        same_label(standing_label(), Example.final_label_id),
    )
    return or_(relabel, confirm)


def says_the_given_label() -> ColumnElement[bool]:
    """A decision that leaves the given label: so many were confirmed, whatever was pressed."""
    relabel = and_(
        Decision.verdict == Verdict.RELABEL, same_label(Decision.label_id, standing_label())
    )
    return or_(Decision.verdict == Verdict.CONFIRM, relabel)


def reviewer_accuracy(
    session: Session, project_id: int, people: Collection[int]
) -> dict[int, float]:
    """Chance that an answer of each of these people is right, from reads with a known outcome."""
    rows = session.execute(
        _measured(project_id)
        .with_only_columns(Decision.person_id, func.count(), _hits())
        .where(Decision.person_id.in_(people))
        .group_by(Decision.person_id)
    )
    measured = {person: shrunk(hits, answers) for person, answers, hits in rows}
    return {person: measured.get(person, UNMEASURED) for person in people}


def _measured(project_id: int) -> Select[int]:
    """Answers that stand, to reads asked for at random, of examples that are final."""
    return (
        select(Decision.id)
        .join(Example, Example.id == Decision.example_id)
        .where(
            Decision.project_id == project_id,
            Decision.read_reason.in_(MEASURED_BY),
            Example.status.in_(FINAL),
            is_look(),
            stands(),
            is_independent(),
        )
    )


def _hits() -> Any:
    """How many of them say what the example became."""
    removed = and_(Decision.verdict == Verdict.REMOVE, Example.status == Status.REMOVED)
    return func.count().filter(or_(says_the_final_label(), removed))


def measured_eps(session: Session, project_id: int) -> float | None:
    """How unreliable one review is in this project; None under 20 reads with a known outcome."""
    answers, hits = session.execute(
        _measured(project_id).with_only_columns(func.count(), _hits())
    ).one()
    if answers < WORTH:
        return None
    return float(min(MOST_EPS, max(LEAST_EPS, 2.0 * (1.0 - hits / answers))))


def rechecked(session: Session, project_id: int) -> tuple[int, int]:
    """Decided examples that were read again at random, and how many of these reads differ."""
    again = _measured(project_id).where(Decision.read_reason == ReadReason.RECHECK)
    reads, hits = session.execute(again.with_only_columns(func.count(), _hits())).one()
    return reads, reads - hits


def given_accuracy(session: Session, project_id: int) -> float:
    """Share of given labels that are right, from the random draws of the open audit."""
    drawn, wrong = session.execute(
        select(func.count(), func.count().filter(is_wrong()))
        .select_from(Serve)
        .join(Project, and_(Project.id == project_id, Project.epoch_id == Serve.epoch_id))
        .join(
            AuditKey,
            and_(AuditKey.epoch_id == Serve.epoch_id, AuditKey.example_id == Serve.example_id),
        )
        .join(Example, Example.id == Serve.example_id)
        .where(
            Serve.project_id == project_id,
            Serve.stream == Stream.AUDIT,
            Example.status.in_(FINAL),
        )
    ).one()
    return shrunk(drawn - wrong, drawn)
