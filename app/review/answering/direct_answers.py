"""Answers outside a lease: in place of an own earlier one, directly, or as a lead's ruling."""

from __future__ import annotations

import random
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from app.datasets.labels import NOT_YET
from app.db.log import ProjectLock, lock_project
from app.db.tables.datasets import Example, Label
from app.db.tables.review import Batch, Decision, Serve
from app.db.words import BatchState, Mode, ReadReason, Status, Stream
from app.errors import BatchClosed, LeaseLost, NotFound
from app.review.answering.answers import Place, Recorded, Submission, check, record, repeated
from app.review.books.may import leads
from app.review.books.standing import folded, refold
from app.review.serving.draws import serve_direct

if TYPE_CHECKING:
    from app.accounts.membership import Member


def _label_row(session: Session, member: Member, label_id: int | None) -> Any:
    if label_id is None:
        return None
    return session.execute(
        select(Label.id, Label.name, Label.retired_at).where(
            Label.id == label_id,
            Label.project_id == member.project_id,
            Label.schema_revision > NOT_YET,
        )
    ).one_or_none()


def _example(session: Session, member: Member, example_id: int | None) -> Any:
    row = session.execute(
        select(Example.id, Example.status, Example.given_label_id).where(
            Example.id == example_id, Example.project_id == member.project_id
        )
    ).one_or_none()
    if row is None:
        raise NotFound()
    return row


def change(
    session: Session, held: ProjectLock, member: Member, answer: Submission, *, now: datetime
) -> Recorded:
    """Put a new answer in the place of an own earlier one, until the batch ends."""
    earlier = session.scalars(
        select(Decision).where(
            Decision.project_id == member.project_id,
            Decision.seq == answer.supersedes,
            Decision.person_id == member.person_id,
        )
    ).one_or_none()
    if earlier is None:
        raise NotFound()
    example = _example(session, member, earlier.example_id)
    label = _label_row(session, member, answer.label_id)
    check(member, answer, given=example.given_label_id, label=label)
    open_for_change(session, earlier, member)
    state = folded(session, member.project_id, earlier.example_id)
    late = earlier.read_reason is ReadReason.LATE
    if not late and all(standing.seq != earlier.seq for standing in state.standing):
        raise LeaseLost(
            "That answer was replaced or undone already.",
            next_step="Look at the latest answer instead.",
        )
    place = Place(
        example_id=earlier.example_id,
        batch=earlier,
        lease=None,
        mode=earlier.mode,
        read_reason=earlier.read_reason,
        serve_seq=earlier.serve_seq,
        stream=earlier.stream,
        shown=tuple(earlier.shown),
        run_id=earlier.run_id,
    )
    decided = record(session, held, member, answer, place, now=now, adjudicates=earlier.adjudicates)
    after = refold(session, held, earlier.example_id, now=now)
    return Recorded(decided.seq, "stored", earlier.example_id, earlier.batch_id, after.status)


def open_for_change(session: Session, decision: Decision, member: Member) -> None:
    """Own answers may change until the batch ends; a lead's always."""
    if decision.batch_id is None or leads(member):
        return
    state = session.scalars(select(Batch.state).where(Batch.id == decision.batch_id)).one()
    if state is BatchState.CLOSED:
        raise BatchClosed(
            "The batch has ended, so its answers stand.", next_step="Tell a lead what is wrong."
        )


def answer_directly(
    session: Session,
    held: ProjectLock,
    member: Member,
    answer: Submission,
    *,
    now: datetime,
    rng: random.Random,
) -> Recorded:
    """A first answer outside a claim; on a served example it never confirms anything."""
    example = _example(session, member, answer.example_id)
    label = _label_row(session, member, answer.label_id)
    check(member, answer, given=example.given_label_id, label=label)
    if example.status is Status.ERASED:
        raise NotFound()
    place = _direct_place(session, held, example, now=now)
    decided = record(session, held, member, answer, place, now=now)
    state = refold(session, held, example.id, now=now)
    late = place.read_reason is ReadReason.LATE
    return Recorded(decided.seq, "late" if late else "stored", example.id, None, state.status)


def _direct_place(session: Session, held: ProjectLock, example: Any, *, now: datetime) -> Place:
    served = session.execute(
        select(Serve.serve_seq, Serve.stream).where(
            Serve.epoch_id == held.epoch_id, Serve.example_id == example.id
        )
    ).one_or_none()
    answered = session.scalar(select(exists().where(Decision.example_id == example.id)))
    if served is None and not answered and held.epoch_id is not None:
        seq: int | None = serve_direct(session, held, example.id, now=now)
        return Place(example.id, None, None, Mode.EVERYTHING, ReadReason.FIRST, seq, Stream.DIRECT)
    reason = ReadReason.LATE if served is not None or answered else ReadReason.FIRST
    return Place(
        example.id,
        None,
        None,
        Mode.EVERYTHING,
        reason,
        served.serve_seq if served else None,
        served.stream if served else None,
    )


def adjudicate(session: Session, member: Member, answer: Submission, *, now: datetime) -> Recorded:
    """A lead's ruling: final by itself."""
    held = lock_project(session, member.project_id)
    before = repeated(session, member, answer)
    if before is not None:
        return before
    example = _example(session, member, answer.example_id)
    label = _label_row(session, member, answer.label_id)
    check(member, answer, given=example.given_label_id, label=label)
    if example.status is Status.ERASED:
        raise NotFound()
    place = Place(example.id, None, None, Mode.EVERYTHING, ReadReason.THIRD, None, None)
    decided = record(session, held, member, answer, place, now=now, adjudicates=True)
    state = refold(session, held, example.id, now=now)
    held.save()
    return Recorded(decided.seq, "stored", example.id, None, state.status)
