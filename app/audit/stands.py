"""Which answers stand, as SQL: neither undone nor replaced."""

from __future__ import annotations

from typing import Any

from sqlalchemy import and_, exists, or_, select, union_all
from sqlalchemy.orm import aliased

from app.db.tables.review import Decision, Reversal
from app.db.words import EventKind, ReadReason

OPENS = (EventKind.REOPEN, EventKind.ERASE)
"""Events after which no earlier answer to their example counts."""


_later, _earlier = aliased(Decision), aliased(Decision)


def is_look() -> Any:
    """Its reader looked at this example: it did not come with the answer to a copy."""
    return Decision.with_seq.is_(None)


def stands() -> Any:
    """Neither undone last nor replaced by a later answer of its giver that is not undone."""
    return and_(_not_undone(Decision), ~is_replaced())


def stands_in(projects: Any) -> Any:
    """The same of answers of these projects, where many are counted.

    Few examples ever saw an answer undone or replaced; an answer to any other stands.
    """
    undone = select(Reversal.example_id).where(
        Reversal.project_id.in_(projects), Reversal.kind == EventKind.UNDO
    )
    replacing = select(Decision.example_id).where(
        Decision.project_id.in_(projects), Decision.supersedes.is_not(None)
    )
    touched = union_all(undone, replacing.correlate(None))
    return or_(Decision.example_id.not_in(touched), stands())


def is_replaced() -> Any:
    """Its giver changed it since, and that answer is not undone."""
    return exists().where(
        _later.example_id == Decision.example_id,
        _later.supersedes == Decision.seq,
        _not_undone(_later),
    )


def is_independent() -> Any:
    """Given by somebody who had not answered this example before, since it was last opened.

    A read of the same person again measures nothing. Such rows were written before reads were held
    apart; they stay as they are and are left out.
    """
    opened = exists().where(
        Reversal.example_id == Decision.example_id,
        Reversal.kind.in_(OPENS),
        Reversal.seq > _earlier.seq,
        Reversal.seq < Decision.seq,
    )
    before = exists().where(
        _earlier.example_id == Decision.example_id,
        _earlier.person_id == Decision.person_id,
        _earlier.seq < Decision.seq,
        _earlier.read_reason != ReadReason.LATE,
        Decision.supersedes.is_distinct_from(_earlier.seq),
        _not_undone(_earlier),
        ~opened.correlate(Decision, _earlier),
    )
    return ~before.correlate(Decision)


def is_undone(answer: Any) -> Any:
    """Undone, and not redone since."""
    return _last_word(answer).is_not_distinct_from(EventKind.UNDO)


def _not_undone(answer: Any) -> Any:
    return _last_word(answer).is_distinct_from(EventKind.UNDO)


def _last_word(answer: Any) -> Any:
    """A redo names the answer again, so the last word counts; by example, which has an index."""
    return (
        select(Reversal.kind)
        .where(Reversal.example_id == answer.example_id, Reversal.decision_seq == answer.seq)
        .order_by(Reversal.seq.desc())
        .limit(1)
        .correlate(answer)
        .scalar_subquery()
    )


def since_reopening() -> Any:
    """Given after the last time its example was opened anew."""
    opened = exists().where(
        Reversal.example_id == Decision.example_id,
        Reversal.kind.in_(OPENS),
        Reversal.seq > Decision.seq,
    )
    return ~opened
