"""A new password ends what the old one opened: sessions, links and, if wanted, tokens."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from app.accounts.links import Grant, make_link
from app.actions.people import reset_from_console
from app.db.engine import reading, writing
from app.db.tables.accounts import Activity
from app.db.words import LinkKind
from tests.web.cast import PASSWORD, Actor, Cast, actor
from tests.web.test_leaving import close, standing
from tests.web.test_links import NEW, is_gone, reset
from tests.web.test_signin import form_token, try_to_sign_in

TICKED = r'name="end_tokens" value="on" checked'
BOX = "Also end my tokens: programs that use them must get new ones"


def by_oneself(cast: Cast, **more: str) -> Any:
    """The reviewer changes the password on the account's page."""
    fields = {"current": PASSWORD, "new": NEW} | more
    return cast.reviewer.post("/me/password", data=fields)


def by_link(cast: Cast, **more: str) -> Any:
    """Somebody with a link sets it."""
    link, client = reset(cast, cast.lead, cast.reviewer), actor(cast.app)
    csrf = {"csrf": form_token(client.get(link).text), "password": NEW}
    return client.post(link, data=csrf | more)


def by_console(cast: Cast, **more: str) -> Any:
    with writing(cast.engine) as session:
        link = reset_from_console(session, cast.reviewer.person.email, now=cast.now).path
    client = actor(cast.app)
    csrf = {"csrf": form_token(client.get(link).text), "password": NEW}
    return client.post(link, data=csrf | more)


DOORS: dict[str, Callable[..., Any]] = {
    "the account's page": by_oneself,
    "a lead's link": by_link,
    "the console's link": by_console,
}


def program(cast: Cast, who: Actor, **scope: Any) -> Actor:
    made = who.post("/api/v1/me/tokens", json={"name": "script", "days": 30, **scope}).json()
    return actor(cast.app, headers={"authorization": f"Bearer {made['token']}"})


def answers(one: Actor) -> bool:
    status = one.get("/api/v1/me").status_code
    assert status in (200, 401)
    return status == 200


@pytest.mark.parametrize("door", DOORS)
def test_tokens_end_with_the_password_if_the_box_is_ticked(cast: Cast, door: str) -> None:
    programs = [
        program(cast, cast.reviewer),
        program(cast, cast.reviewer, project=cast.project.id),
    ]
    another = program(cast, cast.second)
    answer = DOORS[door](cast, end_tokens="on")
    assert answer.status_code == 303
    assert [answers(one) for one in programs] == [False, False]
    assert answers(another)
    assert "your tokens ended" in actor(cast.app).get("/signin?done=" + noticed(answer)).text


def noticed(answer: Any) -> str:
    return str(answer.headers["location"].partition("?done=")[2])


@pytest.mark.parametrize("door", DOORS)
def test_tokens_stay_if_the_box_is_not_ticked(cast: Cast, door: str) -> None:
    mine = program(cast, cast.reviewer)
    answer = DOORS[door](cast)
    assert answer.status_code == 303
    assert answers(mine)
    assert noticed(answer) == "password_set"


@pytest.mark.parametrize("door", DOORS)
def test_sessions_and_links_end_and_the_activity_counts_what_ended(cast: Cast, door: str) -> None:
    program(cast, cast.reviewer)
    program(cast, cast.reviewer)
    old = reset(cast, cast.admin, cast.reviewer)
    with writing(cast.engine) as session:
        grant = Grant(person_id=cast.reviewer.person.id)
        signin = make_link(session, LinkKind.SIGNIN, grant, now=cast.now)
    other_tab = cast.reviewer.anew()
    theirs = reset(cast, cast.admin, cast.second)
    assert DOORS[door](cast, end_tokens="on").status_code == 303
    assert is_gone(cast, old)
    assert actor(cast.app).get(f"/signin?link={signin}").status_code == 404
    assert not answers(other_tab)
    assert actor(cast.app).get(theirs).status_code == 200
    assert try_to_sign_in(actor(cast.app), "reviewer@example.org", NEW).status_code == 303
    with reading(cast.engine) as session:
        query = select(Activity.detail).where(Activity.kind == "password_changed")
        assert session.scalars(query).one() == {"sessions": 1, "links": 2, "tokens": 2}


def test_a_token_that_had_run_out_is_not_counted_and_a_projects_log_tells_of_its_own(
    cast: Cast,
) -> None:
    program(cast, cast.reviewer, days=1)
    program(cast, cast.reviewer, project=cast.project.id, days=2)
    cast.step(days=1)
    again = try_to_sign_in(cast.anonymous, "reviewer@example.org", PASSWORD)
    assert again.status_code == 303
    csrf = form_token(cast.anonymous.get("/me").text)
    fields = {"csrf": csrf, "current": PASSWORD, "new": NEW, "end_tokens": "on"}
    assert cast.anonymous.post("/me/password", data=fields).status_code == 303
    with reading(cast.engine) as session:
        query = select(Activity.detail).where(Activity.kind == "password_changed")
        assert session.scalars(query).one()["tokens"] == 1
        query = select(Activity.project_id).where(Activity.kind == "token_revoked")
        assert session.scalars(query).all() == [cast.project.id]


def test_the_box_is_ticked_at_first_and_stays_as_it_was_sent(cast: Cast) -> None:
    link, client = reset(cast, cast.lead, cast.reviewer), actor(cast.app)
    page = client.get(link)
    csrf = {"csrf": form_token(page.text), "password": "short"}
    for first in (page.text, cast.reviewer.get("/me").text):
        assert BOX in first and re.search(TICKED, first)
    for sent, ticked in (({"end_tokens": "on"}, True), ({}, False)):
        again = client.post(link, data=csrf | sent)
        wrong = {"current": PASSWORD, "new": "short"} | sent
        for answer in (again, cast.reviewer.post("/me/password", data=wrong)):
            assert answer.status_code == 422 and BOX in answer.text
            assert bool(re.search(TICKED, answer.text)) is ticked
    assert answers(cast.reviewer)


def test_of_two_password_links_the_first_that_is_used_ends_the_other(cast: Cast) -> None:
    first, other = (reset(cast, cast.lead, cast.reviewer) for _ in range(2))
    client = actor(cast.app)
    csrf = {"csrf": form_token(client.get(other).text), "password": NEW}
    assert client.post(other, data=csrf).status_code == 303
    assert is_gone(cast, first)


def test_a_closed_account_answers_neither_sessions_nor_tokens(cast: Cast) -> None:
    mine = program(cast, cast.reviewer)
    assert answers(mine) and answers(cast.reviewer)
    close(cast, cast.reviewer)
    assert not answers(mine) and not answers(cast.reviewer.anew())
    cast.reviewer.come_back()
    assert cast.reviewer.post("/api/v1/me/tokens", json={"name": "more"}).status_code == 401
    standing(cast, cast.reviewer, "open")
    cast.reviewer.come_back()
    assert not answers(cast.reviewer.anew()), "a session does not come back"
