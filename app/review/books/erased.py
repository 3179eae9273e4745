"""An erased example waits for nobody: leases, owed reads, questions and places in batches end."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, insert, or_, select, update
from sqlalchemy.orm import Session

from app.db.log import ProjectLock
from app.db.tables.audit import Serve
from app.db.tables.review import Batch, BatchMember, Lease, Note, ReadDue, Reversal
from app.db.words import BatchState, EventKind, WhyDone, WhyEnded, WhyLeft
from app.review.books.leases import end, live_leases
from app.review.books.questions import settle_erased
from app.review.books.standing import refold


def erased_on(session: Session, example_id: int) -> datetime | None:
    """When an example was erased, if it was."""
    about = Reversal.example_id == example_id, Reversal.kind == EventKind.ERASE
    return session.scalar(select(Reversal.at).where(*about))


def end_reading(lock: ProjectLock, example_id: int, *, now: datetime) -> list[Batch]:
    """Nobody holds or owes it any more, and no batch waits for it; the batches that had it."""
    session = lock.session
    held = live_leases(lock, Lease.example_id == example_id)
    end(session, [lease.id for lease in held], why=WhyEnded.ERASED, now=now)
    session.execute(
        update(ReadDue)
        .where(ReadDue.example_id == example_id, ReadDue.done_at.is_(None))
        .values(done_at=now, done_why=WhyDone.ERASED)
        .execution_options(synchronize_session=False)
    )
    waits = select(BatchMember.batch_id).where(
        BatchMember.example_id == example_id, BatchMember.waiting
    )
    served = select(Serve.batch_id).where(Serve.example_id == example_id)
    batches = select(Batch).where(
        Batch.project_id == lock.project_id,
        Batch.state != BatchState.CLOSED,
        or_(Batch.id.in_(waits), Batch.id.in_(served)),
    )
    had_it = list(session.scalars(batches.order_by(Batch.id)))
    session.execute(
        update(BatchMember)
        .where(BatchMember.example_id == example_id, BatchMember.waiting)
        .values(waiting=False, left_at=now, left_why=WhyLeft.ERASED)
        .execution_options(synchronize_session=False)
    )
    return had_it


def erase_notes_of(session: Session, person_id: int) -> None:
    """What somebody wrote; the log keeps hashes that nobody can guess once the salts are gone."""
    session.execute(
        delete(Note).where(Note.person_id == person_id).execution_options(synchronize_session=False)
    )


def mark_erased(
    lock: ProjectLock, example_id: int, seq: int, *, by: int | None, now: datetime
) -> None:
    """The fast copy of its event, and what follows from its fold; notes go with it."""
    lock.session.execute(
        insert(Reversal).values(
            project_id=lock.project_id,
            seq=seq,
            kind=EventKind.ERASE,
            example_id=example_id,
            person_id=by,
            idempotency_key=f"erase-{example_id}",
            at=now,
        )
    )
    lock.session.execute(
        delete(Note)
        .where(Note.example_id == example_id)
        .execution_options(synchronize_session=False)
    )
    settle_erased(lock, example_id, seq=seq, now=now)
    refold(lock, example_id, now=now)
