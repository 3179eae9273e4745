"""A link gives no more than its maker may give when it is used, and only to whom it names."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select, update

from app.accounts.links import Grant, make_link
from app.accounts.membership import join
from app.actions.people import reset_from_console
from app.db.engine import reading, writing
from app.db.tables.accounts import AccessLink, Activity, Membership, Person
from app.db.words import LinkKind, Role
from app.errors import Conflict
from tests.web.cast import PASSWORD, Actor, Cast, actor, stage
from tests.web.test_leaving import close, ok, remove, role, standing
from tests.web.test_people import PEOPLE, invite, join_as, link_in
from tests.web.test_signin import form_token

GONE = "This link has been used or has run out"
HERE = "/api/v1/projects/support-intents"
NEW = "seven quiet marble foxes"
NEWCOMER = {"name": "New Person", "email": "new@example.org", "password": PASSWORD}
JSON = {"accept": "application/json"}


def answers(cast: Cast, link: str) -> list[Any]:
    """What somebody gets who looks at a link, and who sends its form without having looked."""
    client = actor(cast.app)
    csrf = {"csrf": form_token(client.get("/signin").text)}
    fields = NEWCOMER if "/invite/" in link else {"password": NEW}
    return [client.get(link), client.post(link, data=csrf | fields)]


def is_gone(cast: Cast, link: str) -> bool:
    """At both doors, in the words of a used one; otherwise at none."""
    gone = [one.status_code == 404 and GONE in one.text for one in answers(cast, link)]
    if all(gone):
        assert actor(cast.app).get(link, headers=JSON).json()["code"] == "link_gone"
    return all(gone)


def opens(cast: Cast, link: str) -> bool:
    """Whether it can be looked at; it stays unused."""
    return actor(cast.app).get(link).status_code == 200


def reset(cast: Cast, by: Actor, whom: Actor) -> str:
    return link_in(by.post(f"{PEOPLE}/{whom.person.id}/reset", data={}).text)


def members_link(by: Actor, path: str, **fields: str) -> str:
    return link_in(by.post(f"/admin/members/{path}", data=fields).text)


def log_of(cast: Cast) -> str:
    return cast.admin.get("/p/support-intents/log").text


Leaving = Callable[[Cast, Actor], None]
LEAVING: dict[str, Leaving] = {
    "removed": lambda cast, who: remove(cast, who, by=cast.admin),
    "lead no longer": lambda cast, who: role(cast, who, "expert", by=cast.admin),
    "account closed": close,
}
BACK: dict[str, Leaving] = {
    "removed": lambda cast, who: rejoin(cast, who),
    "lead no longer": lambda cast, who: role(cast, who, "lead", by=cast.admin),
    "account closed": lambda cast, who: standing(cast, who, "open"),
}
LINKS: dict[str, Callable[[Cast], str]] = {
    "invitation": lambda cast: invite(cast),
    "invitation by address": lambda cast: invite(cast, "expert", "new@example.org"),
    "new password": lambda cast: reset(cast, cast.lead, cast.reviewer),
}


def rejoin(cast: Cast, who: Actor) -> None:
    with writing(cast.engine) as session:
        join(session, cast.project.id, who.person.id, Role.LEAD, now=cast.now)


@pytest.mark.parametrize("how", LEAVING)
@pytest.mark.parametrize("what", LINKS)
def test_a_link_goes_with_the_lead_who_made_it_and_does_not_come_back(
    cast: Cast, how: str, what: str
) -> None:
    link = LINKS[what](cast)
    assert opens(cast, link)
    LEAVING[how](cast, cast.lead)
    assert is_gone(cast, link)
    BACK[how](cast, cast.lead)
    assert is_gone(cast, link)


@pytest.mark.parametrize("how", LEAVING)
def test_the_list_and_the_activity_say_that_a_leavers_invitation_ended(
    cast: Cast, how: str
) -> None:
    invite(cast, email="guest@example.org")
    assert "guest@example.org" in cast.admin.get(PEOPLE).text
    LEAVING[how](cast, cast.lead)
    assert "guest@example.org" not in cast.admin.get(PEOPLE).text
    assert ">Withdrew an invitation<" in log_of(cast)
    with reading(cast.engine) as session:
        kinds = ("member_removed", "role_changed", "standing_changed")
        query = select(Activity.detail).where(Activity.kind.in_(kinds))
        assert [detail["links"] for detail in session.scalars(query)] == [1]


@pytest.mark.parametrize("what", LINKS)
def test_a_right_is_asked_for_when_the_link_is_used_however_it_was_lost(
    cast: Cast, what: str
) -> None:
    link = LINKS[what](cast)
    with writing(cast.engine) as session:
        mine = Membership.person_id == cast.lead.person.id
        session.execute(update(Membership).where(mine).values(role=Role.EXPERT))
    assert is_gone(cast, link)
    assert "Open invitations" not in cast.admin.get(PEOPLE).text


@pytest.mark.parametrize("how", LEAVING)
def test_what_another_lead_and_the_console_gave_stays(cast: Cast, how: str) -> None:
    role(cast, cast.second, "lead")
    page = cast.second.post(f"{PEOPLE}/invites", data={"role": "reviewer", "email": ""})
    theirs = link_in(page.text)
    with writing(cast.engine) as session:
        console = reset_from_console(session, cast.reviewer.person.email, now=cast.now).path
    LEAVING[how](cast, cast.lead)
    assert opens(cast, theirs) and opens(cast, console)


def test_a_lead_of_two_projects_who_leaves_one_still_invites_into_the_other(cast: Cast) -> None:
    with writing(cast.engine) as session:
        other = stage(session, cast.lead.person, "Street signs", now=cast.now)
    page = cast.lead.post(f"/p/{other.slug}/people/invites", data={"role": "lead"})
    there, here = link_in(page.text), invite(cast)
    remove(cast, cast.lead, by=cast.admin)
    assert opens(cast, there) and is_gone(cast, here)


NO_LONGER_ADMIN: dict[str, str] = {"plain": "admin", "closed": "open"}


@pytest.mark.parametrize("how", NO_LONGER_ADMIN)
def test_what_an_admin_gave_goes_with_being_admin(cast: Cast, how: str) -> None:
    standing(cast, cast.stranger, "admin")
    links = [
        members_link(cast.stranger, "invites", email=""),
        members_link(cast.stranger, f"{cast.lead.person.id}/reset"),
        reset(cast, cast.stranger, cast.reviewer),
        link_in(cast.stranger.post(f"{PEOPLE}/invites", data={"role": "lead"}).text),
    ]
    assert all(opens(cast, link) for link in links)
    standing(cast, cast.stranger, how)
    assert all(is_gone(cast, link) for link in links)
    standing(cast, cast.stranger, NO_LONGER_ADMIN[how])
    assert all(is_gone(cast, link) for link in links)


def test_an_admin_who_also_leads_goes_on_inviting_as_lead(cast: Cast) -> None:
    standing(cast, cast.lead, "admin")
    here, everywhere = invite(cast), members_link(cast.lead, "invites", email="")
    within, own = reset(cast, cast.lead, cast.reviewer), reset(cast, cast.lead, cast.lead)
    beyond = members_link(cast.lead, f"{cast.admin.person.id}/reset")
    standing(cast, cast.lead, "plain")
    assert opens(cast, here) and opens(cast, within) and opens(cast, own)
    assert is_gone(cast, everywhere) and is_gone(cast, beyond)


def works_elsewhere(cast: Cast, who: Actor) -> None:
    with writing(cast.engine) as session:
        other = stage(session, cast.admin.person, "Elsewhere", now=cast.now)
        join(session, other.id, who.person.id, Role.REVIEWER, now=cast.now)


BEYOND: dict[str, Leaving] = {
    "admin": lambda cast, who: standing(cast, who, "admin"),
    "lead": lambda cast, who: role(cast, who, "lead"),
    "elsewhere": works_elsewhere,
    "removed": remove,
}


@pytest.mark.parametrize("how", BEYOND)
def test_a_leads_password_link_ends_when_the_account_opens_more_than_the_lead_has(
    cast: Cast, how: str
) -> None:
    leads, admins = reset(cast, cast.lead, cast.reviewer), reset(cast, cast.admin, cast.reviewer)
    BEYOND[how](cast, cast.reviewer)
    assert is_gone(cast, leads)
    assert opens(cast, admins)


@pytest.mark.parametrize("by", ["lead", "admin", "console"])
def test_a_password_link_of_a_closed_account_is_gone_for_good(cast: Cast, by: str) -> None:
    if by == "console":
        with writing(cast.engine) as session:
            link = reset_from_console(session, cast.reviewer.person.email, now=cast.now).path
    else:
        link = reset(cast, getattr(cast, by), cast.reviewer)
    close(cast, cast.reviewer)
    assert is_gone(cast, link)
    standing(cast, cast.reviewer, "open")
    assert is_gone(cast, link)


def test_no_password_link_is_made_for_a_closed_account(cast: Cast) -> None:
    close(cast, cast.reviewer)
    who = cast.reviewer.person
    for path, by in ((PEOPLE, cast.lead), (PEOPLE, cast.admin), ("/admin/members", cast.admin)):
        answer = by.post(f"{path}/{who.id}/reset", data={})
        assert answer.status_code == 409 and f"The account of {who.name} is closed" in answer.text
    with pytest.raises(Conflict), writing(cast.engine) as session:
        reset_from_console(session, who.email, now=cast.now)


def test_a_sign_in_link_goes_with_its_account(cast: Cast) -> None:
    with writing(cast.engine) as session:
        grant = Grant(person_id=cast.reviewer.person.id)
        raw = make_link(session, LinkKind.SIGNIN, grant, now=cast.now)
    client = actor(cast.app)
    page = client.get(f"/signin?link={raw}")
    close(cast, cast.reviewer)
    fields = {"csrf": form_token(page.text), "link": raw}
    for answer in (client.get(f"/signin?link={raw}"), client.post("/signin", data=fields)):
        assert answer.status_code == 404 and GONE in answer.text


def test_a_password_link_cannot_be_withdrawn_as_an_invitation(cast: Cast) -> None:
    link = reset(cast, cast.admin, cast.reviewer)
    with reading(cast.engine) as session:
        query = select(AccessLink.id).where(AccessLink.kind == LinkKind.RESET)
        link_id = session.scalars(query).one()
    assert cast.lead.post(f"{PEOPLE}/invites/{link_id}/withdraw", data={}).status_code == 404
    assert opens(cast, link)


# To whom an invitation is addressed


def test_an_invitation_by_address_is_for_that_account_alone(cast: Cast) -> None:
    link = invite(cast, "expert", "Second@Example.ORG")
    csrf = {"csrf": form_token(cast.anonymous.get(link).text)}
    stranger = cast.stranger.anew()
    stranger.cookies.update(cast.anonymous.cookies)
    for answer in (stranger.get(link), stranger.post(link, data=csrf)):
        assert answer.status_code == 403
        assert "This invitation is for Second@Example.ORG." in answer.text
    assert stranger.get(link, headers=JSON).json()["code"] == "invited_another"
    assert cast.stranger.get(HERE).status_code == 404
    page = cast.second.get(link)
    assert "You are signed in as Second" in page.text
    joined = cast.second.anew().post(link, data={"csrf": form_token(page.text)})
    assert joined.status_code == 303
    assert cast.second.get(HERE).json()["role"] == "expert"


def test_the_newcomers_form_is_fixed_to_the_invited_address(cast: Cast) -> None:
    fixed = r'<input[^>]*name="email"[^>]*value="{}"[^>]*readonly'
    link = invite(cast, email="new@example.org")
    assert re.search(fixed.format("new@example.org"), actor(cast.app).get(link).text)
    assert not re.search(fixed.format(""), actor(cast.app).get(invite(cast)).text)
    _, other = join_as(cast, link, "other@example.org")
    assert other.status_code == 403
    assert "This invitation is for new@example.org." in other.text
    assert re.search(fixed.format("new@example.org"), other.text)
    assert "other@example.org" not in other.text
    _, answer = join_as(cast, link, " NEW@example.org")
    assert answer.status_code == 303


def test_an_invitation_by_address_does_not_tell_who_has_an_account(cast: Cast) -> None:
    link = invite(cast, email="new@example.org")
    answered = []
    for email in ("stranger@example.org", "nobody@example.org"):
        _, answer = join_as(cast, link, email)
        answered.append((answer.status_code, "exists" in answer.text))
    assert answered == [(403, False)] * 2
    with reading(cast.engine) as session:
        emails = session.scalars(select(Person.email)).all()
    assert "nobody@example.org" not in emails


def test_an_address_is_asked_for_without_a_project_too(cast: Cast) -> None:
    link = members_link(cast.admin, "invites", email="new@example.org")
    assert cast.stranger.get(link).status_code == 403
    assert join_as(cast, link, "other@example.org")[1].status_code == 403
    assert join_as(cast, link, "new@example.org")[1].status_code == 303


def test_an_open_invitation_is_for_whoever_has_it(cast: Cast) -> None:
    page = cast.lead.post(f"{PEOPLE}/invites", data={"role": "reviewer", "email": " "})
    ok(join_as(cast, link_in(page.text), "anybody@example.org")[1])
