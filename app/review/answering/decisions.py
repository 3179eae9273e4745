"""Answering a lease: one transaction holds its key, its fence, its event and what follows."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, bindparam, exists, func, select, update
from sqlalchemy.orm import Session, aliased

from app.datasets.labels import NOT_YET
from app.db.log import ProjectLock
from app.db.prepared import run
from app.db.tables.accounts import Membership, Person
from app.db.tables.datasets import Example, Label
from app.db.tables.review import Batch, Decision, Lease, ReadDue
from app.db.words import BatchState, Due, Mode, ReadReason, Status
from app.errors import BatchClosed, LeaseLost, NotFound
from app.review.answering.answers import (
    Place,
    Recorded,
    Submission,
    check,
    record,
    repeated,
    same_content,
)
from app.review.answering.direct_answers import answer_directly, change
from app.review.answering.further_reads import further_reads, owe_further
from app.review.answering.late_answers import keep_late
from app.review.books.fold import Answer, Folded, fold
from app.review.books.standing import (
    owe_confirmation,
    refold,
    write_status,
)

if TYPE_CHECKING:
    from app.accounts.membership import Member

PUT_ASIDE = (Due.RETURNED, Due.SKIPPED, Due.REOPENED, Due.BARRED)  # first reads, owed to anyone
LONGEST_SECONDS = 3_600.0  # a longer pause says nothing about one answer


def _everything_about_a_lease() -> Any:
    """The lease, its example, batch, label and the reviewer's last answer, in one statement."""
    me: Any = bindparam("me")
    project: Any = bindparam("project")
    last = (
        select(func.max(Decision.at))
        .where(Decision.person_id == me)
        .correlate(None)
        .scalar_subquery()
    )
    others = (
        exists()
        .where(
            Membership.project_id == project,
            Membership.person_id != me,
            Membership.left_at.is_(None),
            Person.id == Membership.person_id,
            Person.disabled_at.is_(None),
        )
        .correlate(None)
    )
    answered = exists().where(Decision.example_id == Lease.example_id).correlate(Lease)
    given = aliased(Label)
    return (
        select(
            Lease.id.label("lease_id"),
            Lease.token,
            Lease.example_id,
            Lease.batch_id,
            Lease.read_due_id,
            Lease.read_reason,
            Lease.mode,
            Lease.serve_seq,
            Lease.stream,
            Lease.run_id,
            Lease.shown,
            Lease.created_at,
            Lease.ended_at,
            Lease.ended_why,
            Example.status,
            Example.given_label_id,
            Batch.state.label("batch_state"),
            Batch.reads,
            Batch.second_share,
            Label.name,
            Label.retired_at,
            Label.id.label("label_id"),
            given.replaced_by.label("given_replaced_by"),
            last.label("last_at"),
            answered.label("answered"),
            others.label("others"),
            Batch.id.label("id"),
            Batch.audit_share,
            Batch.rule,
            Batch.mode.label("batch_mode"),
            Batch.size,
            Batch.everyone,
            Decision.seq.label("repeated_seq"),
            Decision.content_hash.label("repeated_hash"),
        )
        .join(Example, Example.id == Lease.example_id)
        .outerjoin(given, given.id == Example.given_label_id)
        .outerjoin(Batch, Batch.id == Lease.batch_id)
        .outerjoin(
            Label,
            and_(
                Label.id == bindparam("label"),
                Label.project_id == project,
                Label.schema_revision > NOT_YET,
            ),
        )
        .outerjoin(
            Decision,
            and_(
                Decision.project_id == Lease.project_id,
                Decision.person_id == Lease.person_id,
                Decision.idempotency_key == bindparam("key"),
            ),
        )
        .where(
            Lease.token == bindparam("lease"),
            Lease.person_id == me,
            Lease.project_id == project,
        )
    )


_LOOK_UP = _everything_about_a_lease()


_leases: Any = Lease.__table__
_END_LEASE = (
    update(_leases)
    .where(_leases.c.id == bindparam("of_lease"))
    .values(ended_at=bindparam("ended_at"), ended_why=bindparam("ended_why"))
)


def look_up(session: Session, member: Member, answer: Submission) -> Any:
    """What one look at the database says about the lease of an answer."""
    asked = {
        "me": member.person_id,
        "project": member.project_id,
        "lease": answer.lease,
        "label": answer.label_id,
        "key": answer.key,
    }
    row = run(session, _LOOK_UP, asked).one_or_none()
    if row is None:
        raise NotFound()
    return row


def submit(
    session: Session,
    held: ProjectLock,
    member: Member,
    answer: Submission,
    *,
    now: datetime,
    rng: random.Random,
) -> tuple[Recorded, Any]:
    """Record an answer under the project's lock, which the caller saves.

    Retries with the same key answer with the first result. Returned beside it: the batch of the
    lease, so that the caller may hand out more of it under the same lock.
    """
    if answer.lease is not None:
        return _answer_lease(session, held, member, answer, now=now, rng=rng)
    before = repeated(session, member, answer)
    if before is not None:
        return before, None
    if answer.supersedes is not None:
        return change(session, held, member, answer, now=now), None
    return answer_directly(session, held, member, answer, now=now, rng=rng), None


@dataclass(frozen=True)
class LeaseBatch:
    """The batch of a lease, as far as claiming needs it."""

    id: int
    state: BatchState
    mode: Mode
    audit_share: int
    rule: dict[str, Any]
    size: int

    @classmethod
    def of(cls, row: Any) -> LeaseBatch | None:
        if row.id is None:
            return None
        return cls(row.id, row.batch_state, row.batch_mode, row.audit_share, row.rule, row.size)


def _answer_lease(
    session: Session,
    held: ProjectLock,
    member: Member,
    answer: Submission,
    *,
    now: datetime,
    rng: random.Random,
) -> tuple[Recorded, LeaseBatch | None]:
    row = look_up(session, member, answer)
    batch = LeaseBatch.of(row)
    if row.repeated_seq is not None:
        same_content(answer, row.repeated_hash)
        return (
            Recorded(row.repeated_seq, "repeated", row.example_id, row.batch_id, row.status),
            batch,
        )
    check(member, answer, given=row.given_label_id, label=row if row.label_id else None)
    if row.batch_state is BatchState.CLOSED:
        raise BatchClosed(
            "The batch was closed by the lead.",
            next_step="Your unsaved answers are listed so that nothing is lost.",
        )
    late = row.ended_at is not None and _taken(session, row)
    begun = max(filter(None, (row.created_at, row.last_at)))
    seconds = min(LONGEST_SECONDS, max(0.0, (now - begun).total_seconds()))
    place = _place(row, late=late)
    decided = record(session, held, member, answer, place, seconds=seconds, now=now)
    if late:
        return keep_late(session, held, decided, row, now=now), batch
    _end_lease(session, row, now=now)
    state = _apply(session, held, row, decided, now=now)
    owe_further(
        session,
        held,
        row.example_id,
        state,
        further_reads(session, row) if row.others else None,
        by=member.person_id,
        seq=decided.seq,
        now=now,
        rng=rng,
    )
    return Recorded(decided.seq, "stored", row.example_id, row.batch_id, state.status), batch


def _place(row: Any, *, late: bool) -> Place:
    return Place(
        example_id=row.example_id,
        batch=row,
        lease=row,
        mode=row.mode,
        read_reason=ReadReason.LATE if late else row.read_reason,
        serve_seq=row.serve_seq,
        stream=row.stream,
        lease_token=row.token,
        shown=tuple(row.shown),
        run_id=row.run_id,
    )


def _taken(session: Session, row: Any) -> bool:
    """The lease ended without an answer: has somebody else taken or decided the example?"""
    if row.ended_why in ("answered", "skipped", "referred", "undone"):
        raise LeaseLost(
            "You have dealt with this example already.",
            next_step="Go on with the next one, or change your earlier answer.",
        )
    other = exists().where(
        Lease.example_id == row.example_id, Lease.id > row.lease_id, Lease.ended_at.is_(None)
    )
    since = exists().where(Decision.example_id == row.example_id, Decision.at >= row.created_at)
    taken, decided = session.execute(select(other, since)).one()
    return bool(taken or decided)


def _end_lease(session: Session, row: Any, *, now: datetime) -> None:
    run(session, _END_LEASE, {"of_lease": row.lease_id, "ended_at": now, "ended_why": "answered"})
    if row.read_due_id is not None:
        done = ReadDue.id == row.read_due_id
    elif row.ended_at is not None:
        # It was given back or ran out, nobody kept it, and now the answer came after all.
        done = and_(ReadDue.example_id == row.example_id, ReadDue.reason.in_(PUT_ASIDE))
    else:
        return
    session.execute(
        update(ReadDue)
        .where(done, ReadDue.done_at.is_(None))
        .values(done_at=now, done_why="answered")
        .execution_options(synchronize_session=False)
    )


def _apply(
    session: Session,
    held: ProjectLock,
    row: Any,
    decided: Answer,
    *,
    now: datetime,
) -> Folded:
    """Fold the example; the first answer of all needs no look at earlier ones.

    An answer names no retired label, so only the given one could stand for another.
    """
    if row.answered or row.status is not Status.UNREVIEWED or row.given_replaced_by is not None:
        return refold(session, held, row.example_id, now=now)
    given = [] if row.given_label_id is None else [row.given_label_id]
    state = fold(given, [decided], mapping={})
    write_status(session, row.example_id, state)
    if state.pending is not None:
        owe_confirmation(session, held, row.example_id, state, now=now, others=row.others)
    return state
