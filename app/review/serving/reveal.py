"""Decide first: what was hidden is sent once the reviewer has answered."""

from __future__ import annotations

from sqlalchemy import select

from app.accounts.turn import Turn
from app.datasets.current_labels import label_now
from app.datasets.labels import NOT_YET
from app.db.tables.datasets import Example, Label
from app.db.tables.review import Batch
from app.db.words import Mode, Verdict, WhyEnded
from app.errors import ExampleErased, Forbidden, Invalid, LeaseLost
from app.review.batches.batch import rule_in_words
from app.review.books.leases import own_lease
from app.review.books.may import check_in_use
from app.review.serving.cards import Evidence, beside, card_query, evidence, shown


class Revealed(Evidence):
    """The evidence, and whether the answer agrees with the given label and the suggestion."""

    agrees: bool
    suggested: int | None


def reveal(turn: Turn, token: str, *, verdict: Verdict, label: int | None) -> Revealed:
    """What stood beside the example, for who has answered it."""
    check_in_use(turn.lock)
    session = turn.session
    lease = own_lease(session, turn.member, token)
    if lease.ended_why == WhyEnded.ERASED:
        raise ExampleErased()
    if lease.mode is not Mode.DECIDE_FIRST:
        raise Forbidden(
            "This batch does not show its evidence after the answer.",
            next_step="Send your answer.",
        )
    if lease.ended_at is not None and lease.first_answer is None:
        raise LeaseLost(
            "This example is not held by you any more.",
            next_step="Go on with the next one; nothing was changed.",
        )
    _check(turn, verdict, label)
    row = session.execute(card_query(lease.run_id).where(Example.id == lease.example_id)).one()
    batch = session.get(Batch, lease.batch_id) if lease.batch_id else None
    bare = batch is None or batch.audit_share > 0
    revealed = evidence(row, beside(session, [row]), rule=rule_in_words(batch), bare=bare)
    suggested = revealed["options"][0][0] if revealed["options"] else None
    if lease.first_answer is None:
        lease.first_answer = {"verdict": verdict.value, "label": label, "reason": None}
        lease.shown = shown(revealed)
        session.flush()
    given = revealed["given"]
    said = given if verdict is Verdict.CONFIRM else label_now(session, label)
    agrees = (
        verdict is not Verdict.REMOVE and said == given and (suggested is None or said == suggested)
    )
    return {"agrees": agrees, "suggested": suggested, **revealed}


def _check(turn: Turn, verdict: Verdict, label: int | None) -> None:
    """A first answer names a label in use, or removes: there was no label to confirm."""
    if verdict is Verdict.CONFIRM:
        raise Invalid(
            "This example was sent without its label, so there is nothing to confirm.",
            next_step="Choose the label you see.",
        )
    here = select(Label.id).where(
        Label.id == label,
        Label.project_id == turn.project_id,
        Label.retired_at.is_(None),
        Label.schema_revision > NOT_YET,
    )
    if verdict is Verdict.RELABEL and turn.session.scalar(here) is None:
        raise Invalid("Relabel needs a label of this project.", next_step="Choose a label.")
