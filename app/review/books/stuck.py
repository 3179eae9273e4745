"""Reads that nobody who takes part may give: they go to the leads."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from app.db.log import lock_project
from app.db.tables.datasets import Example, Source
from app.db.tables.review import Lease, ReadDue
from app.db.words import Due, Question, Role
from app.review.books.may import active_people
from app.review.books.standing import ask_leads


def list_stuck(session: Session, project_id: int, *, now: datetime) -> int:
    """Give reads that no active member may do to the leads; returns how many."""
    held = lock_project(session, project_id)
    people = active_people(session, project_id)
    held_by_someone = exists().where(
        Lease.example_id == ReadDue.example_id, Lease.ended_at.is_(None)
    )
    rows = session.execute(
        select(ReadDue, Source.person_id)
        .join(Example, Example.id == ReadDue.example_id)
        .outerjoin(Source, Source.id == Example.source_id)
        .where(ReadDue.project_id == project_id, ReadDue.done_at.is_(None), ~held_by_someone)
    ).all()
    found = 0
    for due, labelled_by in rows:
        if _able(due, people, labelled_by):
            continue
        found += 1
        if due.reason in (Due.COIN, Due.UNTIL_SURE, Due.THIRD, Due.RECHECK):
            due.done_at, due.done_why = now, "no reader"
        else:
            ask_leads(
                session, held, due.example_id, Question.STUCK, now=now, seq=due.created_by_seq
            )
    session.flush()
    return found


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
