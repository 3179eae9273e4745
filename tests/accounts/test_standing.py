"""Two admins who act at the same moment."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable

import pytest
from sqlalchemy import Engine, select

from app.accounts.membership import join
from app.accounts.people import Newcomer, Who, create_person
from app.actions.people import disable_account, enable_account, take_admin
from app.actions.turn import Caller
from app.datasets.projects import ProjectPlan, create_project
from app.db.engine import reading, writing
from app.db.tables.accounts import Person
from app.db.words import DataType, Role
from app.errors import Conflict
from tests.conftest import NOON


@pytest.fixture
def admins(engine: Engine) -> tuple[Who, Who]:
    """Two admins, both members of the same three projects."""
    with writing(engine) as session:
        people = [
            create_person(session, Newcomer(name, f"{name}@example.org", admin=True), now=NOON)
            for name in ("ann", "ben")
        ]
        for name in "PQR":
            project = create_project(session, ProjectPlan(name, DataType.TEXT), now=NOON)
            for person in people:
                join(session, project.id, person.id, Role.LEAD, now=NOON)
        ann, ben = (Who(one.id, one.pseudonym, one.name, one.email, True) for one in people)
    return ann, ben


@pytest.mark.parametrize("act", [disable_account, take_admin])
def test_two_admins_at_once_leave_one(
    engine: Engine, admins: tuple[Who, Who], act: Callable[[Caller, int], None]
) -> None:
    together, refused = threading.Barrier(2), []

    def do(who: Who, other: Who) -> None:
        together.wait()
        try:
            with writing(engine) as session:
                act(Caller(session, who, NOON, random.Random(1)), other.id)
        except Conflict as problem:
            refused.append(problem.code)

    ann, ben = admins
    threads = [threading.Thread(target=do, args=pair) for pair in ((ann, ben), (ben, ann))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refused == ["last_admin"]
    with reading(engine) as session:
        left = session.scalars(select(Person.is_admin & Person.disabled_at.is_(None)))
        assert sorted(left) == [False, True]


def test_a_closed_account_is_opened_again(engine: Engine, admins: tuple[Who, Who]) -> None:
    ann, ben = admins
    for act in (disable_account, enable_account):
        with writing(engine) as session:
            act(Caller(session, ann, NOON, random.Random(1)), ben.id)
    with reading(engine) as session:
        assert session.get_one(Person, ben.id).disabled_at is None
