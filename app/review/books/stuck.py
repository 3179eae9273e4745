"""Reads that nobody who takes part may give: they go to the leads."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import exists, select

from app.db.log import ProjectLock
from app.db.tables.datasets import Example, Source
from app.db.tables.review import Lease, ReadDue
from app.db.words import Due, Question, Role, WhyDone
from app.review.books.may import active_people, reads_of
from app.review.books.questions import ask_leads

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
    stuck = [due for due, labelled_by in rows if not _able(due, people, labelled_by)]
    for due in stuck:
        if due.reason in MAY_BE_LEFT_OUT:
            due.done_at, due.done_why = now, WhyDone.NO_READER
        else:
            ask_leads(lock, due.example_id, Question.STUCK, now=now, seq=due.created_by_seq)
    session.flush()
    return len(stuck)


def _able(due: ReadDue, people: Mapping[int, Role], labelled_by: int | None) -> bool:
    """Somebody may give this read; nobody judges a label they gave."""
    barred = {due.first_by, labelled_by, *due.not_by}
    return any(
        person not in barred and due.for_person in (None, person) and due.for_role in reads_of(role)
        for person, role in people.items()
    )
