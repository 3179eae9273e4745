"""Reads that nobody who takes part may give: the leads are told."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import exists, select

from app.db.log import ProjectLock
from app.db.tables.datasets import Example, Source
from app.db.tables.review import Lease, ReadDue
from app.db.words import Due, Question, Role, WhyDone
from app.review.books.may import active_people
from app.review.books.questions import ask_leads

DISPENSABLE = (Due.COIN, Due.UNTIL_SURE, Due.THIRD, Due.RECHECK)
"""Reads that measure or make surer: without a reader they are let go."""


def list_stuck(lock: ProjectLock, *, now: datetime) -> int:
    """Give reads that no active member may do to the leads; returns how many."""
    people = active_people(lock.session, lock.project_id)
    leased = exists().where(Lease.example_id == ReadDue.example_id, Lease.ended_at.is_(None))
    rows = lock.session.execute(
        select(ReadDue, Source.person_id)
        .join(Example, Example.id == ReadDue.example_id)
        .outerjoin(Source, Source.id == Example.source_id)
        .where(ReadDue.project_id == lock.project_id, ReadDue.done_at.is_(None), ~leased)
    ).all()
    stuck = [due for due, labelled_by in rows if not _able(due, people, labelled_by)]
    for due in stuck:
        if due.reason in DISPENSABLE:
            due.done_at, due.done_why = now, WhyDone.NO_READER
        else:
            ask_leads(lock, due.example_id, Question.STUCK, now=now, seq=due.created_by_seq)
    lock.session.flush()
    return len(stuck)


def _able(due: ReadDue, people: dict[int, Role], labelled_by: int | None) -> bool:
    """Somebody may give this read; nobody judges a label they gave."""
    for person, role in people.items():
        if person in (due.first_by, labelled_by) or person in due.not_by:
            continue
        if due.for_person is not None and due.for_person != person:
            continue
        if due.for_role == Role.EXPERT.value and role is Role.REVIEWER:
            continue
        if due.for_role == Role.LEAD.value and role is not Role.LEAD:
            continue
        return True
    return False
