"""What a lead says about one example, the same by page and by program."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from app.accounts.activity import Act, ActivityKind, record
from app.accounts.membership import Member
from app.errors import Conflict
from app.insights.questions import is_settled
from app.review.answering.answers import Recorded, Submission
from app.review.answering.disagreements import ask_third, case, leave, settle


def settle_case(
    session: Session, member: Member, case_id: int, answer: Submission, *, now: datetime
) -> Recorded:
    """Rule on the example of a case; what another lead settled meanwhile stays settled."""
    _still_open(session, member, case_id)
    return settle(session, member, answer, now=now)


def _still_open(session: Session, member: Member, case_id: int) -> None:
    by = is_settled(session, member.project_id, case_id)
    if by is not None and by != member.person_id:
        raise Conflict(
            "This case was settled meanwhile.",
            next_step="Look at how, and rule on the example's own page if you disagree.",
            code="settled",
        )


def leave_case(session: Session, member: Member, case_id: int, *, now: datetime) -> None:
    _still_open(session, member, case_id)
    leave(session, member, case_id, now=now)
    _note(session, member, case_id, ActivityKind.LEFT_AS_IS, now=now)


def third_read(session: Session, member: Member, case_id: int, *, now: datetime) -> None:
    _still_open(session, member, case_id)
    ask_third(session, member, case_id, now=now)
    _note(session, member, case_id, ActivityKind.THIRD_ASKED, now=now)


def _note(
    session: Session, member: Member, case_id: int, kind: ActivityKind, *, now: datetime
) -> None:
    example = case(session, member.project_id, case_id).example_id
    detail = {"example": example, "case": case_id}
    record(session, Act(kind, member.person_id, member.project_id, detail), now=now)
