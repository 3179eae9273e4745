"""What a lead says about one example: a ruling, that it stays, a third read, once more."""

from __future__ import annotations

from dataclasses import replace

from app.accounts.activity import ActivityKind
from app.accounts.turn import Turn
from app.actions.activity import note
from app.actions.turn import Caller, turn_by_slug, turn_in
from app.db.words import EventKind, Role
from app.errors import Conflict
from app.review.answering import disagreements
from app.review.answering.answers import Recorded, Submission
from app.review.answering.reversals import same_key
from app.review.answering.undo import Undone, undo
from app.review.books.cases import case_example
from app.review.books.rulings import ruling_on


def rule(caller: Caller, project_id: int, answer: Submission) -> Recorded:
    """Rule on an example, on its own page: final by itself."""
    with turn_in(caller, project_id, Role.LEAD) as turn:
        return disagreements.settle(turn, answer)


def settle(caller: Caller, slug: str, case_id: int, answer: Submission) -> Recorded:
    """Rule on the example of a case; what another lead settled meanwhile stays settled."""
    with turn_by_slug(caller, slug, Role.LEAD) as turn:
        example_id = _still_open(turn, case_id)
        return disagreements.settle(turn, replace(answer, example_id=example_id))


def take_back(caller: Caller, slug: str, case_id: int, *, key: str) -> Undone:
    """Take an own ruling back: what it settled is open again."""
    with turn_by_slug(caller, slug, Role.LEAD) as turn:
        about = case_example(turn.session, turn.project_id, case_id)
        before = same_key(turn, key, EventKind.UNDO, example_id=about.example_id, decision_seq=None)
        ruling = before.decision_seq if before else ruling_on(turn.session, case_id)
        if ruling is None:
            raise Conflict(
                "No ruling settled this case.",
                next_step="Reopen the example on its own page, if it should be read again.",
            )
        if about.settled_by not in (None, turn.member.person_id):
            raise Conflict(
                "Another lead settled this case.",
                next_step="Ask them to take it back, or rule on the example's own page.",
            )
        return undo(turn, key=key, seq=ruling)


def leave(caller: Caller, slug: str, case_id: int) -> None:
    """Leave the label of a case as it is."""
    with turn_by_slug(caller, slug, Role.LEAD) as turn:
        example_id = _still_open(turn, case_id)
        disagreements.leave(turn, case_id)
        note(turn, ActivityKind.LEFT_AS_IS, example=example_id, case=case_id)


def ask_third(caller: Caller, slug: str, case_id: int) -> None:
    """Ask somebody new for a read before ruling on a case."""
    with turn_by_slug(caller, slug, Role.LEAD) as turn:
        example_id = _still_open(turn, case_id)
        disagreements.ask_third(turn, case_id)
        note(turn, ActivityKind.THIRD_ASKED, example=example_id, case=case_id)


def reopen(caller: Caller, project_id: int, example_id: int, *, key: str) -> int:
    """Put a decided example before the reviewers again; the number of that event."""
    with turn_in(caller, project_id, Role.LEAD) as turn:
        return disagreements.reopen(turn, example_id, key=key)


def _still_open(turn: Turn, case_id: int) -> int:
    """The example of a case that nobody else has settled."""
    about = case_example(turn.session, turn.project_id, case_id)
    if about.settled_at is not None and about.settled_by != turn.member.person_id:
        raise Conflict(
            "This case was settled meanwhile.",
            next_step="Look at how, and rule on the example's own page if you disagree.",
            code="settled",
        )
    return about.example_id
