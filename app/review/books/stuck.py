"""Reads that nobody who takes part may give: they go to the leads."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from app.audit.stands import since_reopening, stands
from app.db.log import ProjectLock
from app.db.tables.datasets import Example, Source
from app.db.tables.review import Decision, Lease, ReadDue
from app.db.words import Due, Question, ReadReason, Role, WhyDone
from app.review.books.dues import FIRST_READS
from app.review.books.may import active_people, reads_of
from app.review.books.questions import ask_leads

_CHUNK = 500
MAY_BE_LEFT_OUT = (Due.COIN, Due.UNTIL_SURE, Due.THIRD, Due.RECHECK)
"""Reads that only measure: no label waits for them."""


def list_stuck(lock: ProjectLock, *, now: datetime) -> int:
    """Give reads that no active member may do to the leads; returns how many."""
    session = lock.session
    people = active_people(session, lock.project_id)
    in_hand = exists().where(Lease.example_id == ReadDue.example_id, Lease.ended_at.is_(None))
    rows = session.execute(
        select(ReadDue, Source.person_id)
        .join(Example, Example.id == ReadDue.example_id)
        .outerjoin(Source, Source.id == Example.source_id)
        .where(ReadDue.project_id == lock.project_id, ReadDue.done_at.is_(None), ~in_hand)
    ).all()
    readers = _readers(session, {due.example_id for due, _ in rows})
    stuck = [
        due
        for due, labelled_by in rows
        if not _able(due, people, {labelled_by} | _barred(due, readers))
    ]
    for due in stuck:
        if due.reason in MAY_BE_LEFT_OUT:
            due.done_at, due.done_why = now, WhyDone.NO_READER
        else:
            ask_leads(lock, due.example_id, Question.STUCK, now=now, seq=due.created_by_seq)
    session.flush()
    return len(stuck)


def _readers(session: Session, examples: Collection[int]) -> Mapping[int, set[int]]:
    """Who has read these examples already, as `may.has_read` says it."""
    readers: dict[int, set[int]] = defaultdict(set)
    wanted = sorted(examples)
    for start in range(0, len(wanted), _CHUNK):
        given = (
            select(Decision.example_id, Decision.person_id)
            .where(Decision.example_id.in_(wanted[start : start + _CHUNK]))
            .where(Decision.read_reason != ReadReason.LATE, stands(), since_reopening())
        )
        for example_id, person_id in session.execute(given):
            readers[example_id].add(person_id)
    return readers


def _barred(due: ReadDue, readers: Mapping[int, set[int]]) -> set[int]:
    """Whose read would not be independent; a first read is nobody's second."""
    return set() if due.reason in FIRST_READS else readers.get(due.example_id, set())


def _able(due: ReadDue, people: Mapping[int, Role], barred: Collection[int | None]) -> bool:
    """Somebody may give this read: nobody judges a label they gave, nor reads a second time."""
    barred = {due.first_by, *barred, *due.not_by}
    return any(
        person not in barred and due.for_person in (None, person) and due.for_role in reads_of(role)
        for person, role in people.items()
    )
