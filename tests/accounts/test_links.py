"""Links, where two things happen at the same moment."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import Engine, select

from app.accounts.links import Grant, make_link
from app.accounts.membership import join
from app.accounts.people import Newcomer, Who, create_person, who_of
from app.actions.account import accept_invitation
from app.actions.people import disable_account, remove, take_admin
from app.actions.turn import Caller
from app.datasets.projects import ProjectPlan, create_project
from app.db.engine import reading, writing
from app.db.tables.accounts import AccessLink, Membership
from app.db.words import DataType, LinkKind, Role
from app.errors import NotFound
from tests.conftest import NOON

GUESTS = 6


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
