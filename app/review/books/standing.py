"""Bring an example, its owed reads and its open questions in line with the fold of its answers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, exists, func, insert, or_, select, update
from sqlalchemy.orm import Session

from app.datasets.labels import label_mapping
from app.db.log import ProjectLock
from app.db.prepared import run
from app.db.tables.datasets import Example
from app.db.tables.review import Decision, Disagreement, Lease, ReadDue, Reversal
from app.db.words import Due, Question, ReadReason, Reason, Status
from app.review.books.fold import Answer, Folded, Mark, fold
from app.review.books.may import active_people

SECOND_READS = (
    ReadReason.COIN,
    ReadReason.CONFIRM,
    ReadReason.UNTIL_SURE,
    ReadReason.THIRD,
    ReadReason.RECHECK,
)
FIRST_READS = (Due.SKIPPED, Due.RETURNED, Due.REOPENED, Due.BARRED, Due.EXPERT)
FOLDED_QUESTIONS = (Question.DISAGREEMENT, Question.NOT_CONFIRMED, Question.DIFFERS)


def answer_of(decision: Decision) -> Answer:
    return Answer(
        seq=decision.seq,
        person=str(decision.person_id),
        verdict=decision.verdict,
        labels=(decision.label_id,) if decision.label_id is not None else (),
        reason=decision.reason,
        read_reason=decision.read_reason,
        confirmations=decision.confirmations,
        supersedes=decision.supersedes,
        adjudicates=decision.adjudicates,
    )


def answers_of(session: Session, example_id: int) -> list[Answer]:
    rows = session.scalars(
        select(Decision).where(Decision.example_id == example_id).order_by(Decision.seq)
    )
    return [answer_of(row) for row in rows]


def marks_of(session: Session, example_id: int) -> list[Mark]:
    rows = session.execute(
        select(Reversal.seq, Reversal.kind, Reversal.decision_seq)
        .where(Reversal.example_id == example_id)
        .order_by(Reversal.seq)
    )
    return [Mark(seq, kind, decision_seq) for seq, kind, decision_seq in rows]


def folded(session: Session, project_id: int, example_id: int) -> Folded:
    """Fold one example from what is stored of it."""
    given = session.scalars(select(Example.given_label_id).where(Example.id == example_id)).one()
    return fold(
        [] if given is None else [given],
        answers_of(session, example_id),
        marks_of(session, example_id),
        mapping=label_mapping(session, project_id),
    )


_examples: Any = Example.__table__
_WRITE_STATUS = (
    update(_examples)
    .where(_examples.c.id == bindparam("of_example"))
    .values(
        {
            name: bindparam(name)
            for name in ("status", "final_label_id", "removed_reason", "decided_seq")
        }
    )
)


def write_status(session: Session, example_id: int, state: Folded) -> None:
    """The example's fast copy of its fold."""
    pending = state.pending
    values = {
        "of_example": example_id,
        "status": state.status,
        "final_label_id": state.labels[0] if state.final and state.labels else None,
        "removed_reason": state.reason or (pending.reason if pending else None),
        "decided_seq": state.decided_seq,
    }
    run(session, _WRITE_STATUS, values)


def owe(
    session: Session, held: ProjectLock, example_id: int, reason: Due, *, now: datetime, **more: Any
) -> None:
    """Write down a read that is owed."""
    row = {
        "project_id": held.project_id,
        "example_id": example_id,
        "reason": reason,
        "created_at": now,
        **more,
    }
    session.execute(insert(ReadDue), [row])


def ask_leads(
    session: Session,
    held: ProjectLock,
    example_id: int,
    kind: Question,
    *,
    now: datetime,
    seq: int | None = None,
) -> None:
    """List the example for the leads, once."""
    same = [
        Disagreement.example_id == example_id,
        Disagreement.kind == kind,
        Disagreement.settled_at.is_(None),
    ]
    if seq is not None:
        same.append(Disagreement.seq == seq)
    there = session.scalars(select(Disagreement.id).where(*same).limit(1)).first()
    if there is None:
        session.add(
            Disagreement(
                project_id=held.project_id,
                example_id=example_id,
                kind=kind,
                seq=seq,
                created_at=now,
            )
        )
        session.flush()


def other_people(session: Session, project_id: int, people: Sequence[int]) -> set[int]:
    """Active people of the project beside those named."""
    return set(active_people(session, project_id)) - set(people)


def owe_confirmation(
    session: Session,
    held: ProjectLock,
    example_id: int,
    state: Folded,
    *,
    now: datetime,
    others: bool | None = None,
) -> None:
    """A pending change waits for a second, independent reader; without one, for a lead.

    `others` says whether anybody else could read it, where the caller has looked already.
    """
    pending = state.pending
    assert pending is not None
    first_by = int(pending.person)
    if pending.reason is Reason.PRIVATE:
        ask_leads(session, held, example_id, Question.PRIVATE, now=now, seq=pending.seq)
        return
    if others is None:
        others = bool(other_people(session, held.project_id, [first_by]))
    if not others:
        ask_leads(session, held, example_id, Question.STUCK, now=now, seq=pending.seq)
    owe(
        session,
        held,
        example_id,
        Due.CONFIRM,
        now=now,
        first_by=first_by,
        created_by_seq=pending.seq,
    )


def refold(session: Session, held: ProjectLock, example_id: int, *, now: datetime) -> Folded:
    """Fold the example again and bring everything that follows from it in line."""
    state = folded(session, held.project_id, example_id)
    write_status(session, example_id, state)
    _sync_confirmation(session, held, example_id, state, now=now)
    if state.final or state.status is Status.ERASED:
        end_dues(session, example_id, FIRST_READS, why="decided", now=now)
    elif state.status is Status.UNREVIEWED:
        _sync_unreviewed(session, held, example_id, now=now)
    _sync_questions(session, held, example_id, state, now=now)
    return state


def end_dues(
    session: Session, example_id: int, reasons: Sequence[Due], *, why: str, now: datetime
) -> None:
    session.execute(
        update(ReadDue)
        .where(
            ReadDue.example_id == example_id,
            ReadDue.reason.in_(reasons),
            ReadDue.done_at.is_(None),
        )
        .values(done_at=now, done_why=why)
        .execution_options(synchronize_session=False)
    )


def _sync_confirmation(
    session: Session, held: ProjectLock, example_id: int, state: Folded, *, now: datetime
) -> None:
    open_dues = session.execute(
        select(ReadDue.id, ReadDue.created_by_seq).where(
            ReadDue.example_id == example_id,
            ReadDue.reason == Due.CONFIRM,
            ReadDue.done_at.is_(None),
        )
    ).all()
    wanted = state.pending.seq if state.pending is not None else None
    stale = [due.id for due in open_dues if due.created_by_seq != wanted]
    if stale:
        session.execute(
            update(ReadDue)
            .where(ReadDue.id.in_(stale))
            .values(done_at=now, done_why="no longer pending")
            .execution_options(synchronize_session=False)
        )
    if wanted is not None and not any(due.created_by_seq == wanted for due in open_dues):
        owe_confirmation(session, held, example_id, state, now=now)


def _sync_unreviewed(
    session: Session, held: ProjectLock, example_id: int, *, now: datetime
) -> None:
    """Served and without an answer again: somebody must be owed it, if nobody holds it."""
    held_by_someone = select(
        exists().where(Lease.example_id == example_id, Lease.ended_at.is_(None))
    )
    owed = select(
        exists().where(
            ReadDue.example_id == example_id,
            ReadDue.reason.in_(FIRST_READS),
            ReadDue.done_at.is_(None),
        )
    )
    if session.scalar(held_by_someone):
        _make_first(session, example_id)
    elif not session.scalar(owed):
        owe(session, held, example_id, Due.REOPENED, now=now)


def _make_first(session: Session, example_id: int) -> None:
    """Whoever holds an example for a read that is no longer owed now holds it for the first."""
    here = ReadDue.example_id == example_id
    closed = select(ReadDue.id).where(here, ReadDue.done_at.is_not(None))
    owed = select(func.min(ReadDue.id)).where(
        here, ReadDue.done_at.is_(None), ReadDue.reason.in_(FIRST_READS)
    )
    session.execute(
        update(Lease)
        .where(
            Lease.example_id == example_id,
            Lease.ended_at.is_(None),
            or_(Lease.read_reason.in_(SECOND_READS), Lease.read_due_id.in_(closed)),
        )
        .values(read_due_id=owed.scalar_subquery(), read_reason=ReadReason.FIRST)
        .execution_options(synchronize_session=False)
    )


def _sync_questions(
    session: Session, held: ProjectLock, example_id: int, state: Folded, *, now: datetime
) -> None:
    known = {
        (row.kind, row.seq): row
        for row in session.scalars(
            select(Disagreement).where(
                Disagreement.example_id == example_id, Disagreement.kind.in_(FOLDED_QUESTIONS)
            )
        )
    }
    wanted = set(state.questions)
    for kind, seq in wanted - set(known):
        session.add(
            Disagreement(
                project_id=held.project_id,
                example_id=example_id,
                kind=kind,
                seq=seq,
                created_at=now,
            )
        )
    for place, row in known.items():
        if row.settled_at is None and place not in wanted:
            row.settled_at = now
        elif row.settled_at is not None and place in wanted and not _left(row):
            row.settled_at = row.settled_by = row.settled_seq = None
    session.flush()


def _left(row: Disagreement) -> bool:
    """A lead left it as it is. What a ruling settled names the ruling, and ends with it."""
    return row.settled_by is not None and row.settled_seq is None


READ_OF_DUE = {
    Due.CONFIRM: ReadReason.CONFIRM,
    Due.COIN: ReadReason.COIN,
    Due.UNTIL_SURE: ReadReason.UNTIL_SURE,
    Due.THIRD: ReadReason.THIRD,
    Due.EXPERT: ReadReason.EXPERT,
    Due.RECHECK: ReadReason.RECHECK,
    Due.SKIPPED: ReadReason.FIRST,
    Due.RETURNED: ReadReason.FIRST,
    Due.REOPENED: ReadReason.FIRST,
    Due.BARRED: ReadReason.FIRST,
}
