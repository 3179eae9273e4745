"""Links and passwords, where two things happen at the same moment."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import Engine, select

from app.accounts.links import Grant, make_link
from app.accounts.membership import join
from app.accounts.people import Newcomer, Who, create_person, keep_password, new_hash, who_of
from app.accounts.sessions import begin_signin, finish_signin, proved
from app.actions.account import NewPassword, accept_invitation, set_password_by_link
from app.actions.people import disable_account, remove, take_admin
from app.actions.turn import Caller
from app.datasets.projects import ProjectPlan, create_project
from app.db.engine import reading, writing
from app.db.tables.accounts import AccessLink, LoginSession, Membership, Person
from app.db.words import DataType, LinkKind, Role
from app.errors import NotFound
from tests.conftest import NOON

GUESTS = 6
PASSWORD = "four plain purple otters"


def at_once(*acts) -> list[str]:
    """Do all of these at the same moment; what became of each."""
    together = Barrier(len(acts))

    def do(act) -> str:
        together.wait()
        try:
            act()
        except NotFound as problem:
            return problem.code
        return "done"

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(do, acts))


@pytest.mark.parametrize("leave", ["removed", "closed", "admin no longer"])
def test_whoever_leaves_while_their_invitations_are_taken_leaves_none_open(
    engine: Engine, leave: str
) -> None:
    with writing(engine) as session:
        people = [
            create_person(session, Newcomer(name, f"{name}@example.org", admin=admin), now=NOON)
            for name, admin in (("ann", True), ("ben", leave == "admin no longer"))
        ]
        ann, ben = (who_of(person) for person in people)
        guests = [
            who_of(create_person(session, Newcomer("G", f"g{n}@example.org"), now=NOON))
            for n in range(GUESTS)
        ]
        project = create_project(session, ProjectPlan("P", DataType.TEXT), now=NOON)
        for who in (ann, *((ben,) if leave != "admin no longer" else ())):
            join(session, project.id, who.id, Role.LEAD, now=NOON)
        grant = Grant(project_id=project.id, role=Role.EXPERT, created_by=ben.id)
        links = [make_link(session, LinkKind.INVITE, grant, now=NOON) for _ in guests]

    def take(guest: Who, raw: str):
        return lambda: accept_invitation(engine, guest, raw, now=NOON)

    def go() -> None:
        with writing(engine) as session:
            caller = Caller(session, ann, NOON, random.Random(1))
            if leave == "removed":
                remove(caller, "p", ben.id)
            elif leave == "closed":
                disable_account(caller, ben.id)
            else:
                take_admin(caller, ben.id)

    taken, gone = zip(guests, links, strict=True), go
    *became, left = at_once(*(take(guest, raw) for guest, raw in taken), gone)
    assert left == "done" and set(became) <= {"done", "link_gone"}
    with reading(engine) as session:
        members = session.scalars(select(Membership.person_id)).all()
        assert [guest.id in members for guest in guests] == [one == "done" for one in became]
        assert (
            session.scalars(select(AccessLink.id).where(AccessLink.used_at.is_(None))).all() == []
        )


def test_of_two_password_links_used_at_once_one_sets_the_password(engine: Engine) -> None:
    with writing(engine) as session:
        person = create_person(session, Newcomer("Ann", "ann@example.org"), now=NOON)
        grant = Grant(person_id=person.id)
        links = [make_link(session, LinkKind.RESET, grant, now=NOON) for _ in range(2)]
    new = NewPassword(PASSWORD, end_tokens=True)

    def use(raw: str):
        return lambda: set_password_by_link(engine, raw, new, now=NOON)

    assert sorted(at_once(*map(use, links))) == ["done", "link_gone"]


@pytest.mark.parametrize("meanwhile", ["another password", "closed"])
def test_what_was_proved_before_a_change_opens_nothing_after_it(
    engine: Engine, meanwhile: str
) -> None:
    """Checking a password is slow, and no transaction waits for it: much may happen meanwhile."""
    with writing(engine) as session:
        newcomer = Newcomer("Ann", "ann@example.org", PASSWORD)
        person = create_person(session, newcomer, now=NOON)
        tried = begin_signin(session, person.email, address="", now=NOON)
    assert proved(tried, PASSWORD)
    with writing(engine) as session:
        person = session.get_one(Person, person.id)
        if meanwhile == "closed":
            person.disabled_at = NOON
        else:
            keep_password(session, person, new_hash("seven quiet marble foxes", ()))
    with writing(engine) as session:
        assert finish_signin(session, tried, True, now=NOON) is None
        assert session.scalars(select(LoginSession.id)).all() == []
