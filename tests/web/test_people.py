"""Invitations, roles, new passwords, tokens and one's own account."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from app.accounts.activity import Act, ActivityKind, record
from app.accounts.membership import join
from app.db.engine import reading, writing
from app.db.tables.accounts import Activity, Membership, Person, Token
from app.db.tables.datasets import Project
from app.db.words import DataType, Role
from app.insights.activity_kinds import ACTIVITY_WORDS
from tests.web.cast import PASSWORD, Actor, Cast, actor
from tests.web.console import command
from tests.web.test_signin import form_token, try_to_sign_in

PEOPLE = "/p/support-intents/people"
API = "/api/v1/projects/support-intents/people"


def link_in(page: str) -> str:
    found = re.search(r'value="http://localhost(/(?:invite|reset)/[^"]+)"', page)
    assert found
    return found[1]


def invite(cast: Cast, role: str = "reviewer", email: str = "") -> str:
    page = cast.lead.post(f"{PEOPLE}/invites", data={"role": role, "email": email})
    assert page.status_code == 200
    return link_in(page.text)


def join_as(cast: Cast, link: str, email: str):
    client = actor(cast.app)
    fields = {"csrf": form_token(client.get(link).text), "name": "New Person", "email": email}
    return client, client.post(link, data=fields | {"password": PASSWORD})


def test_an_invitation_makes_an_account_with_its_role_once(cast: Cast):
    link = invite(cast, "expert", "new@example.org")
    assert "new@example.org" in actor(cast.app).get(link).text
    client, answer = join_as(cast, link, "new@example.org")
    assert answer.status_code == 303
    role = client.get("/api/v1/projects/support-intents").json()["role"]
    assert role == "expert"
    assert actor(cast.app).get(link).status_code == 404


def test_a_person_with_an_account_joins_with_one_click(cast: Cast):
    link = invite(cast)
    page = cast.stranger.get(link)
    assert "You are signed in as Stranger" in page.text
    assert cast.stranger.get("/api/v1/projects/support-intents").status_code == 404
    assert cast.stranger.anew().post(link, data={"csrf": form_token(page.text)}).status_code == 303
    assert cast.stranger.get("/api/v1/projects/support-intents").json()["role"] == "reviewer"


def test_an_invitation_runs_out_and_can_be_withdrawn(cast: Cast):
    link = invite(cast)
    cast.step(days=7)
    assert cast.anonymous.get(link).status_code == 404
    cast.step(days=-7)
    withdraw = re.search(rf'action="({PEOPLE}/invites/\d+/withdraw)"', cast.lead.get(PEOPLE).text)
    assert withdraw
    assert cast.lead.post(withdraw[1], data={}).status_code == 303
    assert cast.anonymous.get(link).status_code == 404


@pytest.mark.parametrize("twin", ["LEAD@EXAMPLE.ORG", "Ｌead@example.org", " lead@example.org "])
def test_two_accounts_never_share_an_address(cast: Cast, twin: str):
    _, answer = join_as(cast, invite(cast), twin)
    assert answer.status_code == 409


def test_a_lead_changes_roles_and_it_is_written_down(cast: Cast):
    path = f"{PEOPLE}/{cast.reviewer.person.id}/role"
    assert cast.lead.post(path, data={"role": "lead"}).status_code == 303
    assert cast.reviewer.get(PEOPLE).status_code == 200
    with reading(cast.engine) as session:
        kinds = session.scalars(select(Activity.kind)).all()
    assert "role_changed" in kinds


def test_reviewers_cannot_see_or_change_who_takes_part(cast: Cast):
    path = f"{PEOPLE}/{cast.reviewer.person.id}/role"
    for one in (cast.reviewer, cast.expert, cast.stranger):
        assert one.get(PEOPLE).status_code == 404
        assert one.post(path, data={"role": "lead"}).status_code == 404


def test_nobody_makes_themselves_admin(cast: Cast):
    for one in (cast.lead, cast.reviewer):
        path = f"/admin/members/{one.person.id}/standing"
        assert one.post(path, data={"standing": "admin"}).status_code == 404
        assert one.post("/me/profile", data={"name": "x", "is_admin": "1"}).status_code == 422
    assert cast.lead.post(f"{PEOPLE}/1/role", data={"role": "admin"}).status_code == 422


def test_a_project_keeps_a_lead_and_the_workspace_an_admin(cast: Cast):
    me = f"{PEOPLE}/{cast.lead.person.id}"
    assert cast.lead.post(f"{me}/role", data={"role": "reviewer"}).status_code == 409
    assert cast.lead.post(f"{me}/remove", data={}).status_code == 409
    path = f"/admin/members/{cast.admin.person.id}/standing"
    assert cast.admin.post(path, data={"standing": "plain"}).status_code == 409
    assert cast.admin.post(path, data={"standing": "closed"}).status_code == 409


def test_a_lead_whose_account_is_closed_leads_nothing(cast: Cast):
    me, other = f"{PEOPLE}/{cast.lead.person.id}", f"{PEOPLE}/{cast.second.person.id}"
    closed = f"/admin/members/{cast.second.person.id}/standing"
    assert cast.lead.post(f"{other}/role", data={"role": "lead"}).status_code == 303
    assert cast.admin.post(closed, data={"standing": "closed"}).status_code == 303
    for path, form in ((f"{me}/role", {"role": "reviewer"}), (f"{me}/remove", {})):
        refused = cast.lead.post(path, data=form)
        assert refused.status_code == 409 and "the last lead" in refused.text
    assert cast.lead.post(f"{other}/remove", data={}).status_code == 303, "one who is there stays"
    assert cast.lead.post(f"{me}/role", data={"role": "expert"}).status_code == 409


def test_people_of_an_archived_project_are_managed_in_every_way(cast: Cast):
    elsewhere(cast, cast.stranger, cast.lead)
    stranger = cast.stranger.person
    assert cast.lead.patch("/api/v1/projects/support-intents", json={"archived": True}).is_success
    added = cast.lead.post(f"{PEOPLE}/add", data={"person": stranger.id, "role": "expert"})
    assert added.headers["location"] == f"{PEOPLE}?done=member_added", added.text
    assert cast.lead.post(f"{PEOPLE}/{stranger.id}/remove", data={}).status_code == 303
    assert cast.lead.post(API, json={"person": stranger.id}).status_code == 201
    assert cast.lead.post(f"{PEOPLE}/invites", data={"role": "reviewer"}).status_code == 200
    command(
        cast, "people", "add", "nina@example.org", "--name", "Nina", "--project", "support-intents"
    )
    names = [one["name"] for one in cast.lead.get(API).json()["members"]]
    assert {"Stranger", "Nina"} <= set(names), names


def test_who_is_removed_is_out_and_may_be_invited_again(cast: Cast):
    assert cast.lead.post(f"{PEOPLE}/{cast.reviewer.person.id}/remove", data={}).status_code == 303
    assert cast.reviewer.get("/api/v1/projects/support-intents").status_code == 404
    link = invite(cast)
    page = cast.reviewer.get(link)
    assert cast.reviewer.anew().post(link, data={"csrf": form_token(page.text)}).status_code == 303
    assert cast.reviewer.get("/api/v1/projects/support-intents").status_code == 200


def test_a_reset_link_sets_a_password_once_and_ends_sessions(cast: Cast):
    page = cast.lead.post(f"{PEOPLE}/{cast.reviewer.person.id}/reset", data={})
    link = link_in(page.text)
    client = actor(cast.app)
    fields = {"csrf": form_token(client.get(link).text)}
    assert client.post(link, data=fields | {"password": "short"}).status_code == 422
    new = "seven quiet marble foxes"
    assert client.post(link, data=fields | {"password": new}).status_code == 303
    assert cast.reviewer.get("/me").status_code == 303
    assert client.get(link).status_code == 404
    assert try_to_sign_in(client, "reviewer@example.org", new).status_code == 303


def test_a_lead_cannot_take_over_an_account_that_opens_more(cast: Cast):
    own = cast.stranger.post  # a stranger who leads nothing cannot even see the page
    assert own(f"{PEOPLE}/{cast.reviewer.person.id}/reset", data={}).status_code == 404
    join = cast.admin.post("/api/v1/projects", json={"name": "Other", "data_type": "text"})
    slug = join.json()["slug"]
    page = cast.admin.post(f"/p/{slug}/people/invites", data={"role": "reviewer"})
    link = link_in(page.text)
    token = form_token(cast.reviewer.get(link).text)
    assert cast.reviewer.anew().post(link, data={"csrf": token}).status_code == 303
    path = f"{PEOPLE}/{cast.reviewer.person.id}/reset"
    assert cast.lead.post(path, data={}).status_code == 403
    assert cast.admin.post(path, data={}).status_code == 200


def test_changing_the_password_asks_for_the_old_one_and_renews_the_session(cast: Cast):
    other_tab = cast.lead.anew()
    new = "seven quiet marble foxes"
    wrong = {"current": "not this one", "new": new}
    assert cast.lead.post("/me/password", data=wrong).status_code == 401
    right = {"current": PASSWORD, "new": new}
    answer = cast.lead.post("/me/password", data=right)
    assert answer.status_code == 303 and "relabel=" in answer.headers["set-cookie"]
    assert other_tab.get("/me").status_code == 303
    assert cast.lead.get("/me").status_code == 200


def test_a_token_is_shown_once_bound_to_a_project_and_ends(cast: Cast):
    fields = {"name": "nightly", "project": str(cast.project.id), "days": "30"}
    page = cast.lead.post("/me/tokens", data=fields).text
    raw = re.search(r'value="(rlb_[^"]+)"', page)
    assert raw
    assert raw[1] not in cast.lead.get("/me").text
    with reading(cast.engine) as session:
        assert raw[1].encode() not in session.scalars(select(Token.token_hash)).one()
    program = actor(cast.app, headers={"authorization": f"Bearer {raw[1]}"})
    assert program.get("/api/v1/projects/support-intents").status_code == 200
    other = cast.lead.post("/api/v1/projects", json={"name": "Other", "data_type": "text"}).json()
    assert program.get(f"/api/v1/projects/{other['slug']}").status_code == 404
    assert len(program.get("/api/v1/projects").json()) == 1
    assert (
        program.post("/api/v1/projects", json={"name": "x", "data_type": "text"}).status_code == 404
    )
    assert program.post("/api/v1/me/tokens", json={"name": "more"}).status_code == 403
    assert "never" not in cast.lead.get("/me").text
    cast.step(days=30)
    assert program.get("/api/v1/projects").status_code == 401


def test_a_revoked_token_is_refused(cast: Cast):
    made = cast.lead.post("/api/v1/me/tokens", json={"name": "script"}).json()
    program = actor(cast.app, headers={"authorization": f"Bearer {made['token']}"})
    assert program.get("/api/v1/me").status_code == 200
    assert made["token"] not in cast.lead.get("/api/v1/me/tokens").text
    assert cast.reviewer.delete(f"/api/v1/me/tokens/{made['id']}").status_code == 404
    assert cast.lead.delete(f"/api/v1/me/tokens/{made['id']}").status_code == 204
    assert program.get("/api/v1/me").status_code == 401


def test_the_theme_is_kept_and_put_on_the_page(cast: Cast):
    assert 'data-theme="system"' in cast.lead.get("/me").text
    assert cast.lead.post("/me/appearance", data={"theme": "dark"}).status_code == 303
    assert 'data-theme="dark"' in cast.lead.get("/projects").text
    assert cast.lead.post("/me/appearance", data={"theme": "pink"}).status_code == 422
    with reading(cast.engine) as session:
        assert session.get_one(Person, cast.lead.person.id).preferences == {"theme": "dark"}


def elsewhere(cast: Cast, *people: Actor) -> int:
    """Another project in which these work; its id."""
    with writing(cast.engine) as session:
        other = Project(
            name="Elsewhere", slug="elsewhere", data_type=DataType.TEXT, created_at=cast.now
        )
        session.add(other)
        session.flush()
        for one in people:
            join(session, other.id, one.person.id, Role.REVIEWER, now=cast.now)
        return other.id


def test_a_lead_adds_a_colleague_by_name_and_sees_no_address(cast: Cast):
    elsewhere(cast, cast.stranger, cast.lead)
    page = cast.lead.get(PEOPLE).text
    stranger = cast.stranger.person
    assert f'<option value="{stranger.id}">Stranger</option>' in page
    assert stranger.email not in page
    added = cast.lead.post(f"{PEOPLE}/add", data={"person": stranger.id, "role": "expert"})
    assert added.headers["location"] == f"{PEOPLE}?done=member_added", added.text
    assert cast.stranger.get("/api/v1/projects/support-intents").json()["role"] == "expert"
    assert f'<option value="{stranger.id}">' not in cast.lead.get(PEOPLE).text
    again = cast.lead.post(f"{PEOPLE}/add", data={"person": stranger.id, "role": "lead"})
    assert again.status_code == 409 and "takes part already" in again.text
    log = cast.lead.get("/p/support-intents/log").text
    assert "Added a member" in log and "Stranger expert" in log


def test_a_lead_adds_nobody_they_do_not_work_with_but_an_admin_does(cast: Cast):
    elsewhere(cast, cast.stranger)
    stranger = cast.stranger.person.id
    assert "Add someone who has an account" not in cast.lead.get(PEOPLE).text
    assert cast.lead.get(API).json()["addable"] == []
    refused = cast.lead.post(f"{PEOPLE}/add", data={"person": stranger})
    assert refused.status_code == 404
    assert cast.lead.post(API, json={"person": 999_999}).status_code == 404
    assert {"id": stranger, "name": "Stranger"} in cast.admin.get(API).json()["addable"]
    added = cast.admin.post(API, json={"person": stranger})
    assert added.status_code == 201, added.text
    assert {"id": stranger, "name": "Stranger", "role": "reviewer"} in added.json()["members"]
    assert "@" not in added.text


def test_a_closed_account_and_who_left_the_shared_project_are_not_addable(cast: Cast):
    shared = elsewhere(cast, cast.stranger, cast.lead)
    with writing(cast.engine) as session:
        part = session.get_one(Membership, (shared, cast.stranger.person.id))
        part.left_at = cast.now
    assert cast.lead.get(API).json()["addable"] == []
    with writing(cast.engine) as session:
        session.get_one(Person, cast.stranger.person.id).disabled_at = cast.now
    names = [one["name"] for one in cast.admin.get(API).json()["addable"]]
    assert "Stranger" not in names


def test_every_kind_of_activity_has_words_on_its_page(cast: Cast):
    assert set(ACTIVITY_WORDS) == {kind.value for kind in ActivityKind}
    with writing(cast.engine) as session:
        for place, kind in enumerate(ActivityKind):
            detail = {"batch": 1_000 + place, "number": 2_000 + place, "state": "paused"}
            detail |= {
                "routing": "skill",
                "name": f"model {place}",
                "what": "its key",
                "into": "Lost",
                "was": "Before",
                "split": "test",
                "examples": 7,
            }
            act = Act(kind, cast.lead.person.id, cast.project.id, detail)
            record(session, act, now=cast.now)
    page = cast.lead.get("/p/support-intents/log").text
    for place, kind in enumerate(ActivityKind):
        words = ACTIVITY_WORDS[kind].format(
            batch=1_000 + place,
            number=2_000 + place,
            state="paused",
            routing="skill",
            name=f"model {place}",
            what="its key",
            into="Lost",
            was="Before",
            split="test",
            examples=7,
        )
        assert f">{words}<" in page, kind


def test_what_is_done_to_people_stands_in_the_activity(cast: Cast):
    link = invite(cast, email="new@example.org")
    join_as(cast, link, "new@example.org")
    invite(cast)
    withdraw = re.search(rf'action="({PEOPLE}/invites/\d+/withdraw)"', cast.lead.get(PEOPLE).text)
    assert withdraw
    cast.lead.post(withdraw[1], data={})
    member = f"{PEOPLE}/{cast.reviewer.person.id}"
    cast.lead.post(f"{member}/role", data={"role": "expert"})
    cast.lead.post(f"{member}/reset", data={})
    cast.lead.post(f"{member}/remove", data={})
    page = cast.lead.get("/p/support-intents/log").text
    for words in (
        "Made an invitation",
        "Joined",
        "Withdrew an invitation",
        "Changed a role",
        "Made a password link",
        "Removed a member",
    ):
        assert f">{words}<" in page


def test_the_members_page_is_for_admins(cast: Cast):
    assert "stranger@example.org" in cast.admin.get("/admin/members").text
    for one in (cast.lead, cast.reviewer, cast.stranger):
        assert one.get("/admin/members").status_code == 404


def test_a_list_of_people_costs_as_many_statements_for_many_as_for_few(cast: Cast, statements):
    with statements() as few:
        cast.lead.get(PEOPLE)
    for number in range(8):
        join_as(cast, invite(cast), f"n{number}@example.org")
    with statements() as many:
        cast.lead.get(PEOPLE)
    assert len(many) == len(few)
