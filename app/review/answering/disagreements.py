"""What a lead says about an example: a ruling, that it may stay, a third read, once more."""

from __future__ import annotations

from sqlalchemy import exists, select

from app.accounts.turn import Turn
from app.db.tables.datasets import Example
from app.db.tables.review import ReadDue
from app.db.words import Due, EventKind, Question, Status, WhyDone
from app.errors import Conflict, ExampleErased, Forbidden, NotFound
from app.review.answering.answers import Recorded, Submission
from app.review.answering.direct_answers import adjudicate
from app.review.answering.retries import repeated
from app.review.answering.reversals import note_reversal, same_key
from app.review.books.cases import case
from app.review.books.dues import SECOND_DUES, end_dues, owe
from app.review.books.may import check_in_use, leads, somebody_else_may_read
from app.review.books.questions import settle_about, settle_case
from app.review.books.standing import refold


def _must_lead(turn: Turn) -> None:
    if not leads(turn.member):
        raise Forbidden("Only leads settle disagreements.", next_step="Ask a lead of the project.")


def settle(turn: Turn, answer: Submission) -> Recorded:
    """Rule on an example: the ruling is final, and everything open about it is settled."""
    _must_lead(turn)
    before = repeated(turn.session, turn.member, answer, ruling=True)
    if before is not None:
        return before
    return adjudicate(turn, answer)


def leave(turn: Turn, case_id: int) -> None:
    """Leave the label as it is: a note of the kind "differs" or "not confirmed" is done with."""
    _must_lead(turn)
    check_in_use(turn.lock)
    if case(turn.session, turn.project_id, case_id).kind not in (
        Question.NOT_CONFIRMED,
        Question.DIFFERS,
    ):
        raise Conflict(
            "This one has no final label to leave as it is.", next_step="Choose the right label."
        )
    settle_case(turn, case_id)


def reopen(turn: Turn, example_id: int, *, key: str) -> int:
    """Put a decided example before the reviewers again; earlier answers no longer count."""
    _must_lead(turn)
    here = Example.id == example_id, Example.project_id == turn.project_id
    status = turn.session.scalars(select(Example.status).where(*here)).one_or_none()
    if status is None:
        raise NotFound()
    if status is Status.ERASED:
        raise ExampleErased()
    before = same_key(turn, key, EventKind.REOPEN, example_id=example_id, decision_seq=None)
    if before is not None:
        return before.seq
    if status is Status.UNREVIEWED:
        raise Conflict(
            "This example is open already: nobody has decided it.",
            next_step="Put it into a batch, or rule on it here.",
            code="open_already",
        )
    entry = note_reversal(turn, EventKind.REOPEN, example_id, None, key=key)
    settle_about(turn, example_id, seq=entry.seq)
    end_dues(turn.lock, example_id, SECOND_DUES, why=WhyDone.REOPENED, now=turn.now)
    refold(turn.lock, example_id, now=turn.now)
    return entry.seq


def ask_third(turn: Turn, case_id: int) -> None:
    """Ask somebody who has not read it for a third, independent read before ruling."""
    _must_lead(turn)
    check_in_use(turn.lock)
    asked = case(turn.session, turn.project_id, case_id)
    me = turn.member.person_id
    if _third_is_owed(turn, asked.example_id):
        raise Conflict("A third read is owed already.", next_step="Wait for it, or rule now.")
    if not somebody_else_may_read(turn.session, turn.project_id, asked.example_id, but=me):
        raise Conflict(
            "Everyone who could read it has read it.", next_step="Choose the right label yourself."
        )
    owe(turn.lock, asked.example_id, Due.THIRD, now=turn.now, first_by=me)


def _third_is_owed(turn: Turn, example_id: int) -> bool:
    owed = exists().where(
        ReadDue.example_id == example_id, ReadDue.reason == Due.THIRD, ReadDue.done_at.is_(None)
    )
    return bool(turn.session.scalar(select(owed)))
