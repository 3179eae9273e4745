"""A person is erased: nothing says any more who they were, and their answers count as before."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from app.accounts.activity import Act, ActivityKind, record
from app.accounts.erase import erase_account, person_to_erase, rename_in_activity
from app.accounts.membership import require_admin
from app.accounts.people import former_name, person_by_email, person_by_id
from app.actions.erasing import ERASE_FILES, EraseArguments
from app.actions.turn import Caller
from app.audit.study.renaming import rename_sources
from app.datasets.erase_giver import erase_giver
from app.db.log import lock_project
from app.db.tables.accounts import Person
from app.db.tables.jobs import Job
from app.db.words import WhyEnded
from app.errors import NotFound
from app.jobs import queue
from app.jobs.task import AskedBy
from app.review.batches.renaming import rename_in_batches
from app.review.books.erased import erase_notes_of
from app.review.books.leaving import give_up, reads_in


def erase_person(caller: Caller, person_id: int, typed: str) -> Job:
    """An admin erases a person for ever, and types the e-mail so that it is the right one."""
    require_admin(caller.who)
    return _erase(caller.session, person_id, typed, by=caller.who.id, now=caller.now)


def erase_person_from_console(session: Session, email: str, *, now: datetime) -> Job:
    """The same for whoever holds the machine."""
    person = person_by_email(session, email)
    if person is None:
        raise NotFound(
            f"Nobody has an account with {email}.",
            next_step="Check the spelling; who was erased before has no e-mail any more.",
        )
    return _erase(session, person.id, email, by=None, now=now)


def person_in_question(caller: Caller, person_id: int) -> Person:
    """The account, for an admin who is about to erase it."""
    require_admin(caller.who)
    return person_by_id(caller.session, person_id)


def _erase(session: Session, person_id: int, typed: str, *, by: int | None, now: datetime) -> Job:
    """Projects are locked before the account, in the order of their ids, as in every act."""
    locks = [lock_project(session, project_id) for project_id in reads_in(session, person_id)]
    person = person_to_erase(session, person_id, typed)
    erase_account(session, person, now=now)
    erase_notes_of(session, person_id)
    renamed = erase_giver(session, person_id)
    told = {old: former_name(person_id) for names in renamed.values() for old in names}
    for project_id, names in renamed.items():
        rename_sources(session, project_id, names)
        told |= rename_in_batches(session, project_id, names)
    rename_in_activity(session, told)
    for lock in locks:
        give_up(lock, person_id, why=WhyEnded.CLOSED, now=now)
        lock.save()
    record(session, Act(ActivityKind.PERSON_ERASED, by, None, {"person": person_id}), now=now)
    asked_by = AskedBy(None, by)
    return queue.enqueue(session, ERASE_FILES, EraseArguments(), asked_by=asked_by, now=now)
