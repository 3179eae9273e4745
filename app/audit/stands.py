"""Which answers stand, as SQL: neither undone nor replaced."""

from __future__ import annotations

from typing import Any

from sqlalchemy import and_, exists, select
from sqlalchemy.orm import aliased

from app.db.tables.review import Decision, Reversal
from app.db.words import EventKind


def stands() -> Any:
    """Neither undone last nor replaced by a later answer of its giver that is not undone."""
    later = aliased(Decision)
    replaced = exists().where(
        later.example_id == Decision.example_id,
        later.supersedes == Decision.seq,
        _not_undone(later),
    )
    return and_(_not_undone(Decision), ~replaced)


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
        Reversal.kind.in_((EventKind.REOPEN, EventKind.ERASE)),
        Reversal.seq > Decision.seq,
    )
    return ~opened
