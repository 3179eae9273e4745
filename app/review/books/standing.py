"""Bring an example, its owed reads and its open questions in line with the fold of its answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, exists, func, or_, select, update
from sqlalchemy.orm import Session

from app.audit.stands import OPENS
from app.datasets.current_labels import any_retired
from app.datasets.labels import label_mapping
from app.db.log import ProjectLock
from app.db.prepared import run
from app.db.tables.datasets import Example
from app.db.tables.review import Decision, Disagreement, Lease, ReadDue, Reversal
from app.db.words import Due, Question, ReadReason, Reason, Status, WhyDone
from app.labels import LabelSet, label_set, single
from app.review.books.coins import UNTHROWN, Coins
from app.review.books.dues import FIRST_READS, NO_FIRST_READS, PUT_ASIDE, end_dues, owe
from app.review.books.fold import Answer, Folded, Mark, fold
from app.review.books.may import somebody_else_may_read
from app.review.books.questions import (
    FOLDED_QUESTIONS,
    READER_QUESTIONS,
    ask_leads,
    match_questions,
    no_reader_wanted,
)
from app.review.books.stuck import list_stuck

ANSWER = (
    Decision.seq,
    Decision.person_id,
    Decision.verdict,
    Decision.label_id,
    Decision.reason,
    Decision.read_reason,
    Decision.confirmations,
    Decision.supersedes,
    Decision.adjudicates,
    Decision.coin_second,
    Decision.coin_recheck,
)


def answer_of(row: Row[Any]) -> Answer:
    return Answer(
        seq=row.seq,
        person=str(row.person_id),
        verdict=row.verdict,
        labels=label_set(row.label_id),
        reason=row.reason,
        read_reason=row.read_reason,
        confirmations=row.confirmations,
        supersedes=row.supersedes,
        adjudicates=row.adjudicates,
    )


_MARKS = (
    select(Reversal.seq, Reversal.kind, Reversal.decision_seq, Reversal.label_id)
    .where(Reversal.example_id == bindparam("example"))
    .order_by(Reversal.seq)
)


def marks_of(session: Session, example_id: int) -> list[Mark]:
    rows = run(session, _MARKS, {"example": example_id})
    return [Mark(row.seq, row.kind, row.decision_seq, label_set(row.label_id)) for row in rows]


def _with_answers() -> Any:
    """An example's given label beside each of its answers: one row at least."""
    return (
        select(Example.given_label_id, any_retired().label("retired"), *ANSWER)
        .outerjoin(Decision, Decision.example_id == Example.id)
        .where(Example.id == bindparam("example"))
        .order_by(Decision.seq)
    )


_WITH_ANSWERS = _with_answers()


@dataclass(frozen=True, slots=True)
class Stored:
    """Everything that was said of an example so far."""

    given: LabelSet
    answers: Sequence[Answer]
    marks: Sequence[Mark]
    mapping: Mapping[int, int]
    thrown: Coins  # since it was last opened

    def folded(self, said: Answer | None = None) -> Folded:
        """Its fold; with one answer more, as it will be once that is recorded."""
        more = () if said is None else (said,)
        return fold(self.given, [*self.answers, *more], self.marks, mapping=self.mapping)


def stored(session: Session, project_id: int, example_id: int) -> Stored:
    rows = run(session, _WITH_ANSWERS, {"example": example_id}).all()
    marks = marks_of(session, example_id)
    given = [row for row in rows if row.seq is not None]
    opened = max((mark.seq for mark in marks if mark.kind in OPENS), default=0)
    since = (Coins(row.coin_second, row.coin_recheck) for row in given if row.seq > opened)
    return Stored(
        label_set(rows[0].given_label_id),
        [answer_of(row) for row in given],
        marks,
        label_mapping(session, project_id) if rows[0].retired else {},
        next((coins for coins in since if coins != UNTHROWN), UNTHROWN),
    )


def folded(session: Session, project_id: int, example_id: int) -> Folded:
    """Fold one example from what is stored of it."""
    return stored(session, project_id, example_id).folded()


_examples: Any = Example.__table__
_WRITE_STATUS = (
    update(_examples)
    .where(_examples.c.id == bindparam("of_example"))
    .values(
        {
            name: bindparam(name)
            for name in (
                "status",
                "final_label_id",
                "bulk_label_id",
                "removed_reason",
                "decided_seq",
            )
        }
    )
)


def write_status(session: Session, example_id: int, state: Folded) -> None:
    """The example's fast copy of its fold."""
    pending = state.pending
    values = {
        "of_example": example_id,
        "status": state.status,
        "final_label_id": single(state.labels) if state.final else None,
        "bulk_label_id": single(state.bulk),
        "removed_reason": state.reason or (pending.reason if pending else None),
        "decided_seq": state.decided_seq,
    }
    run(session, _WRITE_STATUS, values)


def owe_confirmation(
    lock: ProjectLock,
    example_id: int,
    pending: Answer,
    *,
    now: datetime,
    others: bool | None = None,
) -> None:
    """A pending change waits for a second, independent reader; without one, for a lead.

    `others` says whether anybody else could read it, where the caller has looked already.
    """
    first_by, seq = int(pending.person), pending.seq
    if pending.reason is Reason.PRIVATE:
        ask_leads(lock, example_id, Question.PRIVATE, now=now, seq=seq)
        return
    if others is None:
        others = somebody_else_may_read(lock.session, lock.project_id, example_id, but=first_by)
    if not others:
        ask_leads(lock, example_id, Question.STUCK, now=now, seq=seq)
    owe(lock, example_id, Due.CONFIRM, now=now, first_by=first_by, created_by_seq=seq)


def _open_about() -> Any:
    """What hangs on an example: each is looked at more closely only where it is there."""
    example: Any = bindparam("example")
    due = exists().where(ReadDue.example_id == example, ReadDue.done_at.is_(None))
    lease = exists().where(Lease.example_id == example, Lease.ended_at.is_(None))
    closed = select(ReadDue.id).where(ReadDue.example_id == example, ReadDue.done_at.is_not(None))
    not_first = or_(Lease.read_reason.in_(NO_FIRST_READS), Lease.read_due_id.in_(closed))
    question = exists().where(Disagreement.example_id == example, Disagreement.settled_at.is_(None))
    return select(
        due.where(ReadDue.reason == Due.CONFIRM).label("confirm"),
        due.where(ReadDue.reason.in_(FIRST_READS)).label("first"),
        lease.label("leased"),
        lease.where(not_first).label("leased_as_other"),
        question.where(Disagreement.kind.in_(FOLDED_QUESTIONS)).label("questions"),
        question.where(Disagreement.kind.in_(READER_QUESTIONS)).label("reader_wanted"),
    )


_OPEN_ABOUT = _open_about()


def refold(lock: ProjectLock, example_id: int, *, now: datetime) -> Folded:
    """Fold the example again and bring everything that follows from it in line."""
    state = folded(lock.session, lock.project_id, example_id)
    bring_in_line(lock, example_id, state, now=now)
    return state


def bring_in_line(
    lock: ProjectLock, example_id: int, state: Folded, *, now: datetime, read_again: bool = False
) -> None:
    """Status, owed reads and questions of an example as its fold says.

    `read_again`: the caller owes a second read itself, which confirms a change as well.
    """
    write_status(lock.session, example_id, state)
    about = run(lock.session, _OPEN_ABOUT, {"example": example_id}).one()
    if about.confirm or state.pending is not None:
        _match_confirmation(lock, example_id, state.pending, now=now, read_again=read_again)
    over = state.final or state.status is Status.ERASED
    if about.first and state.status is not Status.UNREVIEWED:
        ended = FIRST_READS if over else PUT_ASIDE
        end_dues(lock, example_id, ended, why=WhyDone.DECIDED, now=now)
    if over:
        if about.reader_wanted:
            no_reader_wanted(lock, example_id, now=now)
        tell_of_private_data(lock, example_id, state, now=now)
    elif state.status is Status.UNREVIEWED:
        # Served and without an answer again: somebody must be owed it, if nobody holds it.
        if about.leased_as_other:
            _make_first(lock.session, example_id)
        elif not (about.leased or about.first):
            owe(lock, example_id, Due.REOPENED, now=now)
            list_stuck(lock, now=now, examples=[example_id])
    if about.questions or state.questions:
        match_questions(lock, example_id, state, now=now)


def tell_of_private_data(
    lock: ProjectLock, example_id: int, state: Folded, *, now: datetime
) -> None:
    """Leads hear of private data also where one reader's removal is final."""
    if state.reason is not Reason.PRIVATE or state.decided_seq is None:
        return
    decided = next((one for one in state.standing if one.seq == state.decided_seq), None)
    if decided is not None and not decided.adjudicates:
        ask_leads(lock, example_id, Question.PRIVATE, now=now, seq=state.decided_seq)


def _match_confirmation(
    lock: ProjectLock,
    example_id: int,
    pending: Answer | None,
    *,
    now: datetime,
    read_again: bool = False,
) -> None:
    """One confirming read is owed while a change is pending, and none otherwise.

    A second read that was asked for whatever the first one said is one.
    """
    waiting = [
        ReadDue.example_id == example_id,
        ReadDue.reason.in_((Due.CONFIRM, Due.COIN)),
        ReadDue.done_at.is_(None),
    ]
    query = select(ReadDue.id, ReadDue.reason, ReadDue.created_by_seq).where(*waiting)
    rows = lock.session.execute(query).all()
    coin = read_again or any(due.reason is Due.COIN for due in rows)
    dues = [due for due in rows if due.reason is Due.CONFIRM]
    wanted = pending.seq if pending is not None and not coin else None
    stale = [due.id for due in dues if due.created_by_seq != wanted]
    if stale:
        lock.session.execute(
            update(ReadDue)
            .where(ReadDue.id.in_(stale))
            .values(done_at=now, done_why=WhyDone.NOT_PENDING)
            .execution_options(synchronize_session=False)
        )
    if pending is not None and not coin and len(stale) == len(dues):
        owe_confirmation(lock, example_id, pending, now=now)


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
            or_(Lease.read_reason.in_(NO_FIRST_READS), Lease.read_due_id.in_(closed)),
        )
        .values(read_due_id=owed.scalar_subquery(), read_reason=ReadReason.FIRST)
        .execution_options(synchronize_session=False)
    )
