"""What a card says before its answer, where that goes to identical examples as well."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from app.accounts.membership import Member
from app.datatypes.registry import type_stored
from app.db.words import ReadReason
from app.review.books.copies import MOST_COPIES, copies_of
from app.review.serving.cards import Together


def answered_together(
    session: Session, member: Member, row: Row[Any], reason: ReadReason
) -> Together | None:
    """Of an example on a card: to how many its answer goes, and how many labels they have.

    Labels are counted and not named, so that it may be said in a blind batch too.
    """
    copies = copies_of(session, member, row.example_id, reason)
    if not copies:
        return None
    more = len(copies) > MOST_COPIES
    copies = copies[:MOST_COPIES]
    labels = {row.given, *(copy.given_now for copy in copies)} - {None}
    examples = 1 + len(copies)
    noun = type_stored(row.content).noun
    return {
        "examples": examples,
        "labels": len(labels),
        "words": _words(noun, examples, len(labels), more=more),
    }


def _words(noun: str, examples: int, labels: int, *, more: bool) -> str:
    apart = f", with {labels} different labels" if labels > 1 else ""
    if more:
        return (
            f"The same {noun} appears more than {examples} times: "
            f"your answer goes to {examples} of them{apart}."
        )
    goes = "both" if examples == 2 else "all"
    return f"The same {noun} appears {examples} times{apart}: your answer goes to {goes} of them."
