"""Answers outside a lease: in place of an own earlier one, directly, or as a lead's ruling."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import and_, exists, select

from app.accounts.turn import Turn
from app.datasets.labels import NOT_YET
from app.db.tables.audit import Serve
from app.db.tables.datasets import Example, Label
from app.db.tables.review import Batch, Decision
from app.db.words import BatchState, Mode, ReadReason, Status, Stream
from app.errors import BatchClosed, LeaseLost, NotFound
from app.review.answering.answers import (
    Asked,
    NamedLabel,
    Recorded,
    Submission,
    check,
    record,
)
from app.review.books.may import leads
from app.review.books.questions import settle_about
from app.review.books.standing import folded, refold
from app.review.serving.draws import serve_direct


def _checked(turn: Turn, answer: Submission, example_id: int | None) -> Status:
    """The state of an example that this answer makes sense for."""
    row = turn.session.execute(
        select(Example.status, Example.given_label_id, Label.id, Label.name, Label.retired_at)
        .outerjoin(
            Label,
            and_(
                Label.id == answer.label_id,
                Label.project_id == Example.project_id,
                Label.schema_revision > NOT_YET,
            ),
        )
        .where(Example.id == example_id, Example.project_id == turn.project_id)
    ).one_or_none()
    if row is None:
        raise NotFound()
    label = NamedLabel(row.id, row.name, row.retired_at) if row.id is not None else None
    check(answer, given=row.given_label_id, label=label)
    status: Status = row.status
    return status


def change(turn: Turn, answer: Submission) -> Recorded:
    """Put a new answer in the place of an own earlier one, until the batch ends."""
    row = turn.session.execute(
        select(Decision, Batch.state)
        .outerjoin(Batch, Batch.id == Decision.batch_id)
        .where(
            Decision.project_id == turn.project_id,
            Decision.seq == answer.supersedes,
            Decision.person_id == turn.member.person_id,
        )
    ).one_or_none()
    if row is None:
        raise NotFound()
    earlier, batch_state = row
    _checked(turn, answer, earlier.example_id)
    check_open(turn, earlier.batch_id, batch_state)
    state = folded(turn.session, turn.project_id, earlier.example_id)
    late = earlier.read_reason is ReadReason.LATE
    if not late and all(standing.seq != earlier.seq for standing in state.standing):
        raise LeaseLost(
            "That answer was replaced or undone already.",
            next_step="Look at the latest answer instead.",
        )
    asked = Asked(
        earlier.example_id,
        earlier.mode,
        earlier.read_reason,
        earlier.serve_seq,
        earlier.stream,
        batch_id=earlier.batch_id,
        shown=tuple(earlier.shown),
        run_id=earlier.run_id,
        adjudicates=earlier.adjudicates,
    )
    said = record(turn, answer, asked)
    after = refold(turn.lock, earlier.example_id, now=turn.now)
    return Recorded(said.seq, "stored", earlier.example_id, earlier.batch_id, after.status)


def check_open(turn: Turn, batch_id: int | None, state: BatchState | None) -> None:
    """Own answers may change until the batch ends; a lead's always."""
    if batch_id is not None and state is BatchState.CLOSED and not leads(turn.member):
        raise BatchClosed(
            "The batch has ended, so its answers stand.", next_step="Tell a lead what is wrong."
        )


def answer_directly(turn: Turn, answer: Submission) -> Recorded:
    """A first answer outside a claim; on a served example it never confirms anything."""
    if _checked(turn, answer, answer.example_id) is Status.ERASED:
        raise NotFound()
    assert answer.example_id is not None
    asked = _asked_directly(turn, answer.example_id)
    said = record(turn, answer, asked)
    state = refold(turn.lock, asked.example_id, now=turn.now)
    outcome = "late" if asked.read_reason is ReadReason.LATE else "stored"
    return Recorded(said.seq, outcome, asked.example_id, None, state.status)


def _asked_directly(turn: Turn, example_id: int) -> Asked:
    epoch_id = turn.lock.epoch_id
    served = turn.session.execute(
        select(Serve.serve_seq, Serve.stream).where(
            Serve.epoch_id == epoch_id, Serve.example_id == example_id
        )
    ).one_or_none()
    answered = turn.session.scalar(select(exists().where(Decision.example_id == example_id)))
    asked = Asked(example_id, Mode.EVERYTHING, ReadReason.FIRST)
    if served is not None:
        return replace(
            asked,
            read_reason=ReadReason.LATE,
            serve_seq=served.serve_seq,
            stream=served.stream,
        )
    if answered:
        return replace(asked, read_reason=ReadReason.LATE)
    if epoch_id is None:
        return asked
    seq = serve_direct(turn.lock, example_id, now=turn.now)
    return replace(asked, serve_seq=seq, stream=Stream.DIRECT)


def adjudicate(turn: Turn, answer: Submission) -> Recorded:
    """A lead's ruling: final by itself."""
    if _checked(turn, answer, answer.example_id) is Status.ERASED:
        raise NotFound()
    assert answer.example_id is not None
    asked = Asked(answer.example_id, Mode.EVERYTHING, ReadReason.THIRD, adjudicates=True)
    said = record(turn, answer, asked)
    settle_about(turn, asked.example_id, seq=said.seq)
    state = refold(turn.lock, asked.example_id, now=turn.now)
    return Recorded(said.seq, "stored", asked.example_id, None, state.status)
