"""Projects by page and by program."""

from __future__ import annotations

import random

import pytest

from app.accounts.people import Who
from app.actions.labels import retire_label
from app.actions.turn import Caller
from app.db.engine import writing
from app.errors import NotFound
from tests.web.cast import Cast

PROJECT = "/api/v1/projects/support-intents"


def test_who_makes_a_project_leads_it(cast: Cast):
    fields = {"name": "Street signs", "data_type": "image", "confirmations": "1"}
    answer = cast.lead.post("/projects/new", data=fields)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/p/street-signs/")
    assert "Street signs" in cast.lead.get("/projects").text
    assert cast.lead.get("/api/v1/projects/street-signs").json()["role"] == "lead"
    assert cast.reviewer.get("/api/v1/projects/street-signs").status_code == 404


def test_a_form_that_is_wrong_comes_back_filled_in(cast: Cast):
    answer = cast.lead.post("/projects/new", data={"name": " ", "data_type": "tabular"})
    assert answer.status_code == 422
    assert 'value="tabular" checked' in answer.text and 'role="alert"' in answer.text


def test_only_leads_and_admins_make_and_list_projects(cast: Cast):
    for one in (cast.reviewer, cast.expert, cast.stranger):
        assert one.get("/projects").status_code == 404
        assert one.get("/projects/new").status_code == 404
        assert one.post("/projects/new", data={"name": "x"}).status_code == 404
        body = {"name": "x", "data_type": "text"}
        assert one.post("/api/v1/projects", json=body).status_code == 404
    assert cast.admin.get("/projects").status_code == 200


def test_an_old_address_leads_to_the_new_one(cast: Cast):
    fields = {"name": "Card intents", "confirmations": "2", "target_percent": "5"}
    answer = cast.lead.post("/p/support-intents/settings/general", data=fields)
    assert answer.headers["location"] == "/p/card-intents/settings/general?done=saved"
    moved = cast.lead.get("/p/support-intents/people?x=1")
    assert moved.status_code == 307
    assert moved.headers["location"] == "/p/card-intents/people?x=1"
    assert cast.stranger.get("/p/support-intents/people").status_code == 404
    assert cast.lead.get(PROJECT).json()["slug"] == "card-intents"


def test_a_project_is_found_by_its_name_by_those_who_may_know_it(cast: Cast):
    named = "/api/v1/projects/Support%20intents"
    assert cast.lead.get(named).json()["slug"] == "support-intents"
    assert cast.lead.patch(named, json={"refit_after": 7}).json()["refit_after"] == 7
    assert cast.lead.get("/api/v1/projects/support_INTENTS").json()["refit_after"] == 7
    moved = cast.lead.get("/p/Support%20intents/people?x=1")
    assert (moved.status_code, moved.headers["location"]) == (307, "/p/support-intents/people?x=1")
    for hidden in (named, "/p/Support%20intents", "/p/Support%20intents/people"):
        assert cast.stranger.get(hidden).status_code == 404
    assert cast.stranger.patch(named, json={"refit_after": 8}).status_code == 404


def test_settings_are_changed_by_program_too(cast: Cast):
    change = {
        "name": "Intents",
        "confirmations": 1,
        "target_percent": 2.5,
        "refit_after": 40,
        "archived": True,
    }
    found = cast.lead.patch(PROJECT, json=change).json()
    assert {key: found[key] for key in change} == change
    assert "Archived" in cast.lead.get("/p/intents/settings/general").text
    back = cast.lead.post("/p/intents/settings/archive", data={"archived": "false"})
    assert back.status_code == 303


def test_the_readers_of_an_archived_project_stay_as_many(cast: Cast):
    """That would be an event of its log, and a new estimate; its settings may change."""
    before = cast.lead.patch(PROJECT, json={"confirmations": 1, "archived": True}).json()
    refused = cast.lead.patch(PROJECT, json={"confirmations": 2, "target_percent": 2.5})
    assert (refused.status_code, refused.json()["code"]) == (409, "archived")
    form = {"name": before["name"], "confirmations": "2", "target_percent": "5"}
    form |= {"refit_after": str(before["refit_after"])}
    by_page = cast.lead.post(f"/p/{before['slug']}/settings/general", data=form)
    assert by_page.status_code == 409
    assert cast.lead.get(PROJECT).json() == before
    form["confirmations"] = "1"
    same = cast.lead.post(f"/p/{before['slug']}/settings/general", data=form)
    assert same.status_code == 303, same.text
    back = cast.lead.patch(PROJECT, json={"confirmations": 2, "archived": False}).json()
    assert (back["confirmations"], back["archived"]) == (2, False)


@pytest.mark.parametrize(
    "change",
    [
        {"s3_endpoint": "http://10.0.0.1"},
        {"confirmations": True},
        {"confirmations": 3},
        {"confirmations": "2"},
        {"target_percent": 0},
        {"refit_after": -1},
        {"refit_after": 100_001},
        {"name": 5},
        {"name": "a\u0000b"},
    ],
)
def test_what_does_not_fit_is_refused(cast: Cast, change: dict):
    answer = cast.lead.patch(PROJECT, json=change)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert cast.lead.get(PROJECT).json()["confirmations"] == 2


def test_labels_are_added_and_listed(cast: Cast):
    fields = {"name": "Card arrival", "description": "Waits for it", "synonyms": "card, late"}
    assert cast.lead.post("/p/support-intents/labels", data=fields).status_code == 303
    assert cast.lead.post(f"{PROJECT}/labels", json={"name": "Lost card"}).status_code == 201
    again = cast.lead.post("/p/support-intents/labels", data=fields)
    assert again.status_code == 409 and "Waits for it" in again.text
    names = [label["name"] for label in cast.reviewer.get(f"{PROJECT}/labels").json()]
    assert names == ["Card arrival", "Lost card"]
    assert cast.reviewer.post(f"{PROJECT}/labels", json={"name": "x"}).status_code == 404


def test_a_lead_retires_a_label_and_nobody_else(cast: Cast):
    made = [cast.lead.post(f"{PROJECT}/labels", json={"name": name}).json() for name in "ab"]
    old, new = (label["id"] for label in made)
    for who in (cast.reviewer, cast.lead):
        person = who.person
        asker = Who(person.id, person.pseudonym, person.name, person.email, False)
        with writing(cast.engine) as session:
            caller = Caller(session, asker, cast.now, random.Random(1))
            if who is cast.reviewer:
                with pytest.raises(NotFound):
                    retire_label(caller, cast.project.slug, old, replaced_by=new)
            else:
                retire_label(caller, cast.project.slug, old, replaced_by=new)
    shown = {label["id"]: label for label in cast.lead.get(f"{PROJECT}/labels").json()}
    assert (shown[old]["retired"], shown[old]["replaced_by"]) == (True, new)
    assert "The labels changed: revision 3" in cast.lead.get("/p/support-intents/log").text


def test_a_hidden_project_and_a_missing_one_get_the_same_answer(cast: Cast):
    hidden = cast.stranger.get(PROJECT).json()
    missing = cast.stranger.get("/api/v1/projects/nowhere").json()
    assert hidden | {"reference": ""} == missing | {"reference": ""}


def test_the_description_of_the_api_is_for_people_with_an_account(cast: Cast):
    assert cast.anonymous.get("/api/v1/openapi.json").status_code == 401
    paths = cast.reviewer.get("/api/v1/openapi.json").json()["paths"]
    assert "/api/v1/projects" in paths and "/me" not in paths
    for path in ("/docs", "/redoc", "/openapi.json"):
        assert cast.lead.get(path).status_code == 404
