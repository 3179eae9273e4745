"""Coming in and going out."""

from __future__ import annotations

import re
from datetime import timedelta

from sqlalchemy import select

from app.accounts.links import Grant, first_run_token, make_link
from app.db.engine import reading, writing
from app.db.tables.accounts import LoginSession
from app.db.words import LinkKind
from tests.web.cast import PASSWORD, Actor, Cast, actor


def form_token(page: str) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', page)
    assert found
    return found[1]


def try_to_sign_in(client: Actor, email: str, password: str, **more: str):
    token = form_token(client.get("/signin").text)
    fields = {"csrf": token, "email": email, "password": password, **more}
    return client.post("/signin", data=fields)


def test_a_person_signs_in_with_a_cookie_that_scripts_cannot_read(cast: Cast):
    answer = try_to_sign_in(cast.anonymous, "Lead@example.org", PASSWORD)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/"
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("relabel=")
    assert "HttpOnly" in cookie and "SameSite=lax" in cookie and "Path=/" in cookie
    assert cast.anonymous.get("/me").status_code == 200


def test_a_wrong_password_and_an_unknown_person_get_the_same_answer(cast: Cast):
    wrong = try_to_sign_in(cast.anonymous, "lead@example.org", "not the right one")
    unknown = try_to_sign_in(cast.anonymous, "nobody@example.org", "not the right one")
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.text.replace("lead@example.org", "") == unknown.text.replace(
        "nobody@example.org", ""
    )


def test_well_known_accounts_do_not_exist(cast: Cast):
    for name, password in (("admin", "admin"), ("admin", "password"), ("root", "root")):
        answer = try_to_sign_in(actor(cast.app, address=f"10.0.0.{len(name)}"), name, password)
        assert answer.status_code == 401


def test_the_sixth_wrong_password_waits_fifteen_minutes(cast: Cast):
    for _ in range(5):
        answer = try_to_sign_in(cast.anonymous, "lead@example.org", "wrong")
        assert answer.status_code == 401
    answer = try_to_sign_in(cast.anonymous, "lead@example.org", PASSWORD)
    assert answer.status_code == 429
    assert answer.headers["retry-after"] == "900"
    cast.step(minutes=15, seconds=1)
    assert try_to_sign_in(cast.anonymous, "lead@example.org", PASSWORD).status_code == 303


def test_one_address_may_fail_twenty_times(cast: Cast):
    for number in range(20):
        answer = try_to_sign_in(cast.anonymous, f"n{number}@example.org", "wrong")
        assert answer.status_code == 401
    assert try_to_sign_in(cast.anonymous, "x@example.org", "wrong").status_code == 429
    other = actor(cast.app, address="10.1.1.1")
    assert try_to_sign_in(other, "x@example.org", "wrong").status_code == 401


def test_signing_in_never_keeps_a_session_that_was_there_before(cast: Cast):
    client = cast.anonymous
    client.cookies.set("relabel", "fixed-by-somebody", domain="localhost.local", path="/")
    assert try_to_sign_in(client, "lead@example.org", PASSWORD).status_code == 303
    assert "fixed-by-somebody" not in client.cookies.values()
    with reading(cast.engine) as session:
        kept = session.scalars(select(LoginSession.token_hash)).all()
    assert all(len(one) == 32 and cast.lead.raw.encode() not in one for one in kept)


def test_signing_out_ends_the_session_for_every_tab(cast: Cast):
    other_tab = cast.lead.anew()
    assert other_tab.get("/me").status_code == 200
    assert cast.lead.post("/signout").status_code == 303
    assert other_tab.get("/me").status_code == 303
    assert other_tab.get("/api/v1/me").status_code == 401


def test_a_session_ends_after_eight_idle_hours_and_after_seven_days(cast: Cast):
    cast.step(hours=7, minutes=59)
    assert cast.lead.get("/me").status_code == 200
    cast.step(hours=7, minutes=59)
    assert cast.lead.get("/me").status_code == 200
    cast.step(hours=8)
    assert cast.lead.get("/me").status_code == 303
    for _ in range(24):
        cast.step(hours=7)
        status = cast.reviewer.get("/api/v1/me").status_code
    assert status == 401


def test_a_closed_account_is_out_at_once(cast: Cast):
    path = f"/admin/members/{cast.lead.person.id}/standing"
    assert cast.admin.post(path, data={"standing": "closed"}).status_code == 303
    assert cast.lead.get("/api/v1/me").status_code == 401
    assert try_to_sign_in(cast.anonymous, "lead@example.org", PASSWORD).status_code == 401


def test_after_signing_in_one_goes_on_to_a_page_of_ours_only(cast: Cast):
    for bad in ("//evil", "/\\evil", "https:evil", "/%09/evil", "/%5cevil", "evil", "/api/v1/me"):
        client = actor(cast.app)
        answer = try_to_sign_in(client, "lead@example.org", PASSWORD, next=bad)
        assert answer.headers["location"] == "/", bad
    answer = try_to_sign_in(actor(cast.app), "lead@example.org", PASSWORD, next="/me?x=1")
    assert answer.headers["location"] == "/me?x=1"


def test_the_first_account_needs_the_console_token_and_the_machine_itself(engine, settings):
    from app.main import create_app
    from tests.web.cast import NOON

    app = create_app(settings, engine=engine, clock=lambda session: NOON)
    with writing(engine) as session:
        old = first_run_token(session, now=NOON)
        raw = first_run_token(session, now=NOON)
    here, away = actor(app), actor(app, address="192.0.2.7")
    assert here.get("/setup").status_code == 404
    assert here.get(f"/setup?token={old}").status_code == 404
    assert away.get(f"/setup?token={raw}").status_code == 404
    page = here.get(f"/setup?token={raw}")
    assert page.status_code == 200
    fields = {"csrf": form_token(page.text), "token": raw, "name": "Ann", "email": "a@example.org"}
    weak = here.post("/setup", data=fields | {"password": "password1234"})
    assert weak.status_code == 422 and "easy to guess" in weak.text
    made = here.post("/setup", data=fields | {"password": PASSWORD})
    assert made.status_code == 303 and made.headers["location"] == "/projects"
    assert here.get("/admin/members").status_code == 200
    assert actor(app).get(f"/setup?token={raw}").status_code == 404


def test_the_console_token_runs_out(engine, settings):
    from app.main import create_app
    from tests.web.cast import NOON

    late = NOON + timedelta(minutes=16)
    app = create_app(settings, engine=engine, clock=lambda session: late)
    with writing(engine) as session:
        raw = first_run_token(session, now=NOON)
    assert actor(app).get(f"/setup?token={raw}").status_code == 404


def test_the_demo_link_signs_in_on_this_machine_only(cast: Cast):
    with writing(cast.engine) as session:
        grant = Grant(person_id=cast.lead.person.id)
        raw = make_link(session, LinkKind.SIGNIN, grant, now=cast.now)
    assert actor(cast.app, address="192.0.2.7").get(f"/signin?link={raw}").status_code == 404
    for _ in range(2):
        client = actor(cast.app)
        page = client.get(f"/signin?link={raw}")
        fields = {"csrf": form_token(page.text), "link": raw}
        assert client.post("/signin", data=fields).status_code == 303
        assert client.get("/me").status_code == 200
    cast.step(hours=13)
    assert actor(cast.app).get(f"/signin?link={raw}").status_code == 404
