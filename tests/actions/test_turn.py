"""One lock a transaction: asked twice it is the same; unsaved, nothing is committed."""

from __future__ import annotations

import random
import threading

import pytest
from sqlalchemy import Engine, event

from app.accounts.people import Who
from app.actions.turn import Caller, at_console, turn_at_batch, turn_in
from app.datasets.projects import archive_project
from app.db.engine import reading, writing
from app.db.log import UnsavedLock, lock_project
from app.db.tables.datasets import Project
from app.db.tables.review import Event
from app.db.words import EventKind, Role
from app.errors import NotFound, ProjectArchived
from tests.conftest import NOON
from tests.review.conftest import World, make_world


@pytest.fixture
def world(engine: Engine) -> World:
    return make_world(engine)


def test_two_asks_are_one_lock_and_one_statement(world: World, engine: Engine) -> None:
    asked: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *told: asked.append(told[2]))
    with writing(engine) as session:
        first = lock_project(session, world.project_id)
        assert lock_project(session, world.project_id) is first
    assert len([sql for sql in asked if "project" in sql and "SELECT" in sql]) == 1


def test_a_transaction_whose_lock_was_not_saved_cannot_commit(world: World) -> None:
    with pytest.raises(UnsavedLock), writing(world.engine) as session:
        lock = lock_project(session, world.project_id)
        lock.append(EventKind.POLICY, {"confirmations": 1}, actor=None, now=NOON)
    assert not [one for one in world.all(Event) if one.kind is EventKind.POLICY]


def test_a_lock_that_was_only_looked_at_need_not_be_saved(world: World) -> None:
    with writing(world.engine) as session:
        assert lock_project(session, world.project_id).log_seq >= 0


def test_the_next_transaction_of_a_session_reads_the_heads_anew(world: World) -> None:
    """A late save of an old lock cannot exist: the lock ends with its transaction."""
    with writing(world.engine) as session:
        old = lock_project(session, world.project_id)
    with writing(world.engine) as session:
        lock = lock_project(session, world.project_id)
        lock.append(EventKind.POLICY, {"confirmations": 2}, actor=None, now=NOON)
        lock.save()
    with writing(world.engine) as session:
        new = lock_project(session, world.project_id)
        assert (new is not old, new.log_seq) == (True, old.log_seq + 1)


def test_two_acts_in_one_transaction_chain_their_events(world: World) -> None:
    with writing(world.engine) as session:
        for confirmations in (2, 1):
            lock = lock_project(session, world.project_id)
            data = {"confirmations": confirmations}
            lock.append(EventKind.POLICY, data, actor=None, now=NOON)
            lock.save()
    with reading(world.engine) as session:
        project = session.get_one(Project, world.project_id)
        last = session.get_one(Event, (world.project_id, project.log_seq))
        assert last.hash == project.log_hash


def test_the_console_is_refused_what_was_archived_while_it_waited(world: World) -> None:
    refused: list[str] = []

    def act() -> None:
        with writing(world.engine) as session:
            slug = session.get_one(Project, world.project_id).slug
            try:
                with at_console(session, slug):
                    pass
            except ProjectArchived as failure:
                refused.append(failure.code)

    waiting = threading.Thread(target=act)
    with writing(world.engine) as session:
        lock = lock_project(session, world.project_id)
        archive_project(lock, archived=True, now=NOON)
        waiting.start()
        waiting.join(0.3)  # on PostgreSQL it has found the project by now, and waits for the lock
        lock.save()
    waiting.join()
    assert refused == ["archived"]


def _caller(session: object, who: Who) -> Caller:
    return Caller(session, who, NOON, random.Random(1))  # type: ignore[arg-type]


def test_a_turn_opens_only_for_who_takes_part_and_has_the_role(world: World) -> None:
    ann = world.person("ann")
    batch = world.batch(ann, size=3)
    mine = Who(ann.person_id, ann.pseudonym, ann.name, "", False)
    stranger = Who(10**6, "r-strange", "Stranger", "", False)
    with writing(world.engine) as session:
        with turn_at_batch(_caller(session, mine), batch.id) as turn:
            assert (turn.member.role, turn.project_id) == (Role.REVIEWER, world.project_id)
        with (
            pytest.raises(NotFound),
            turn_in(_caller(session, mine), world.project_id, Role.LEAD),
        ):
            pass
        with pytest.raises(NotFound), turn_at_batch(_caller(session, stranger), batch.id):
            pass
