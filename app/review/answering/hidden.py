"""What a mode hides, no answer may lean on: the server says so, not the page that was drawn."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import Row

from app.db.words import Mode, Verdict
from app.errors import Conflict, Invalid
from app.review.answering.answers import Submission


def said_unseen(answer: Submission, row: Row[Any]) -> Submission:
    """The answer to a lease as it is recorded.

    Where one decides first, it comes after an answer without evidence, which the server has
    written down.
    """
    held = row.ended_at is None  # else it is kept as a late answer at the most
    if row.mode is Mode.DECIDE_FIRST and row.first_answer is None and held:
        raise Conflict(
            "This batch asks for a first answer before its evidence is shown.",
            next_step="Send the first answer, look at the evidence, then decide.",
            code="first_answer_missing",
        )
    return said_blind(answer, row.mode, given=row.standing_now or row.standing_id)


def said_blind(answer: Submission, mode: Mode, *, given: int | None) -> Submission:
    """Blind, an answer names a label, and the server says whether that confirms the given one.

    At the second thought as at the first: `given` is the label that stands, as it is called now.
    """
    if mode is not Mode.BLIND:
        return answer
    if answer.verdict is Verdict.CONFIRM:
        raise Invalid(
            "This example was sent without its label, so there is nothing to confirm.",
            next_step="Choose the label you see.",
        )
    if answer.label_id is not None and answer.label_id == given:
        plain = replace(answer, verdict=Verdict.CONFIRM, label_id=None)
        return replace(plain, sent_as=answer.content_hash)
    return answer
