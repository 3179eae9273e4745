"""Reads that nobody who takes part may give: they go to the leads."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from app.db.log import ProjectLock
from app.db.tables.datasets import Example, Source
from app.db.tables.review import Decision, Lease, ReadDue
from app.db.words import Due, Question, Role, WhyDone
from app.review.books.may import active_people, bars_its_giver, reads_of
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
    barred = _barred(session, lock.project_id)
    stuck = [
        due
        for due, labelled_by in rows
        if not _able(due, people, {labelled_by, *barred.get(due.id, ())})
    ]
    for due in stuck:
        if due.reason in MAY_BE_LEFT_OUT:
            due.done_at, due.done_why = now, WhyDone.NO_READER
        else:
            ask_leads(lock, due.example_id, Question.STUCK, now=now, seq=due.created_by_seq)
    session.flush()
    return len(stuck)


def _barred(session: Session, project_id: int) -> Mapping[int, set[int]]:
    """Who has read already what a due asks for: people by due."""
    barred: dict[int, set[int]] = defaultdict(set)
    given = (
        select(ReadDue.id, Decision.person_id)
        .join(Decision, bars_its_giver())
        .where(ReadDue.project_id == project_id, ReadDue.done_at.is_(None))
    )
    for due_id, person_id in session.execute(given):
        barred[due_id].add(person_id)
    return barred


def _able(due: ReadDue, people: Mapping[int, Role], barred: Collection[int | None]) -> bool:
    """Somebody may give this read: nobody judges a label they gave, nor reads a second time."""
    barred = {due.first_by, *barred, *due.not_by}
    return any(
        person not in barred and due.for_person in (None, person) and due.for_role in reads_of(role)
        for person, role in people.items()
    )
