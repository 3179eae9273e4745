"""No answer is lost: no network, a reload, a sign-in that ran out, a batch that was closed."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Route, expect
from sqlalchemy import delete

from app.db.engine import database_now, reading, writing
from app.db.tables.accounts import LoginSession, Person
from app.db.tables.datasets import Project
from app.db.tables.review import Batch, Lease
from app.db.words import BatchState
from bench.desk_site import text_plan
from tests.browser.conftest import Site
from tests.browser.hands import decisions, press, ready, said, saved
from tests.steps import set_state
from tests.web.cast import PASSWORD, cached_hash


def message(page: Page) -> str:
    return page.locator("[data-part=messages]").inner_text()


@pytest.fixture
def desk(site: Site) -> Page:
    filled = site.fill(text_plan(40))
    page = site.open("Amira Said", f"/review/{filled.batch_id}")
    ready(page)
    page.wait_for_function("() => document.querySelector('review-desk').held.ahead.length === 7")
    return page


def test_eight_answers_are_given_offline_and_sent_on_return(site: Site, desk: Page) -> None:
    desk.context.set_offline(True)
    desk.wait_for_selector(".status.warn")
    assert message(desk).startswith(
        "You are offline. Keep going: 8 examples are ready, and answers will be sent"
    )
    press(desk, "a", "1", "2")
    assert message(desk).startswith(
        "You are offline. Keep going: 5 examples are ready, and 3 answers will be sent when "
        "you are back."
    )
    assert said(desk, "saving") == "3 waiting to send"
    press(desk, "3", "a", "1", "2", "3")
    assert message(desk).startswith(
        "Waiting for the network. Your 8 answers are safe on this device."
    )
    assert decisions(site) == []
    desk.context.set_offline(False)
    desk.wait_for_selector(".status.done")
    assert message(desk).startswith("Back online. 8 answers sent.")
    saved(desk)
    stored = decisions(site)
    assert [one.verdict.value for one in stored] == ["confirm", *["relabel"] * 3] * 2
    assert [one.position for one in stored] == list(range(1, 9))
    press(desk, "a")
    saved(desk)
    assert len(decisions(site)) == 9


@pytest.mark.parametrize("status", [429, 503, 507, 408])
def test_an_answer_that_is_to_come_later_is_sent_later(site: Site, desk: Page, status: int) -> None:
    told = {"code": "later", "detail": "Later.", "next_step": "Wait.", "reference": "00C0FFEE"}
    refused: list[int] = []

    def later(route: Route) -> None:
        refused.append(status)
        route.fulfill(status=status, json=told, headers={"retry-after": "1"})

    desk.context.route("**/api/v1/decisions", later)
    press(desk, "a", "1", "2")
    desk.wait_for_selector(".status.warn")
    assert decisions(site) == []
    desk.context.unroute("**/api/v1/decisions")
    saved(desk)
    assert [one.verdict.value for one in decisions(site)] == ["confirm", "relabel", "relabel"]
    assert refused


def test_a_reload_sends_what_was_left(site: Site, desk: Page) -> None:
    desk.context.route("**/api/v1/decisions", lambda route: route.abort())
    press(desk, "a", "1", "2")
    desk.wait_for_selector(".status.warn")
    desk.wait_for_timeout(100)
    desk.context.unroute("**/api/v1/decisions")
    desk.reload()
    ready(desk)
    saved(desk)
    assert [one.verdict.value for one in decisions(site)] == ["confirm", "relabel", "relabel"]
    press(desk, "a")
    saved(desk)
    stored = decisions(site)
    assert len({one.example_id for one in stored}) == 4, "no answered example came again"


def test_a_lost_reply_is_asked_for_again_under_the_same_key(site: Site, desk: Page) -> None:
    def lose(route: object) -> None:
        route.fetch()  # type: ignore[attr-defined]
        route.abort()  # type: ignore[attr-defined]

    desk.context.route("**/api/v1/decisions", lose, times=1)
    press(desk, "a", "1")
    saved(desk)
    assert len(decisions(site)) == 2


def test_undo_offline_takes_back_what_was_not_sent(site: Site, desk: Page) -> None:
    desk.context.set_offline(True)
    press(desk, "a", "1")
    desk.wait_for_selector(".status.warn")
    desk.keyboard.press("z")
    press(desk, "2")
    desk.context.set_offline(False)
    saved(desk)
    stored = decisions(site)
    assert len({one.example_id for one in stored}) == 2
    assert said(desk, "done") == "2 / 40"


def test_a_session_that_ran_out_is_renewed_in_a_dialog(site: Site, desk: Page) -> None:
    with writing(site.engine) as session:
        session.execute(delete(LoginSession))
        session.get_one(Person, site.people["Amira Said"]).password_hash = cached_hash()
    press(desk, "a")
    dialog = desk.locator("sign-in-dialog dialog")
    dialog.wait_for()
    desk.get_by_label("E-mail").fill("amira@example.org")
    desk.get_by_label("Password").fill("not the password")
    desk.keyboard.press("Enter")
    dialog.get_by_text("That e-mail and password do not match.").wait_for()
    desk.get_by_label("Password").fill(PASSWORD)
    desk.keyboard.press("Enter")
    dialog.wait_for(state="hidden")
    saved(desk)
    press(desk, "1")
    saved(desk)
    assert len(decisions(site)) == 2


def test_answers_to_a_closed_batch_are_listed(site: Site, desk: Page) -> None:
    desk.context.set_offline(True)
    press(desk, "a", "1")
    with writing(site.engine) as session:
        batch = session.query(Batch).one()
        set_state(session, batch, BatchState.CLOSED, now=database_now(session))
    desk.context.set_offline(False)
    desk.get_by_text("Your last 2 answers are listed so that nothing is lost.").wait_for()
    assert message(desk).startswith("Not saved: the batch was closed by the lead.")
    desk.get_by_role("button", name="Show").click()
    desk.locator("unsaved-dialog li").nth(1).wait_for()
    lines = desk.locator("unsaved-dialog li").all_inner_texts()
    assert len(lines) == 2
    assert "Relabeled as" in lines[1]
    assert decisions(site) == []


def archive(site: Site, *, away: bool) -> None:
    with writing(site.engine) as session:
        session.query(Project).one().archived_at = database_now(session) if away else None


def test_answers_to_an_archived_project_wait_until_it_is_brought_back(
    site: Site, desk: Page
) -> None:
    archive(site, away=True)
    press(desk, "a", "1")
    desk.wait_for_selector(".status.warn")
    assert message(desk).startswith(
        "This project is archived: nothing in it can be answered now. 2 answers waiting, safe on "
        "this device. Trying again"
    )
    assert said(desk, "saving") == "2 waiting to send"
    archive(site, away=False)
    saved(desk)
    assert [one.verdict.value for one in decisions(site)] == ["confirm", "relabel"]
    expect(desk.locator(".status.warn")).to_have_count(0)


def test_a_desk_of_an_archived_project_says_so(site: Site) -> None:
    filled = site.fill(text_plan(20))
    archive(site, away=True)
    page = site.open("Amira Said", f"/review/{filled.batch_id}")
    panel = page.locator("[data-part=panel]")
    panel.get_by_text("This project is archived: nothing in it can be answered now.").wait_for()
    page.wait_for_timeout(300)  # the claim's reply says the same
    assert panel.is_visible()
    assert site.noise == []


def refused(desk: Page, code: str, status: int, detail: str, **headers: str) -> None:
    """The server refuses the next answer so."""
    body = {"code": code, "title": "", "detail": detail, "next_step": "", "reference": ""}
    desk.context.route(
        "**/api/v1/decisions",
        lambda route: route.fulfill(status=status, json=body, headers=headers),
        times=1,
    )


def test_too_many_requests_are_said_and_sent_later(site: Site, desk: Page) -> None:
    refused(desk, "too_many", 429, "Too many.", **{"Retry-After": "1"})
    press(desk, "a")
    desk.wait_for_selector(".status.warn")
    assert message(desk).startswith(
        "Too many requests at once: it goes on in a moment. 1 answer waiting, safe on this device."
    )
    saved(desk)
    assert len(decisions(site)) == 1


@pytest.mark.parametrize(
    ("code", "detail"),
    [
        ("read_already", "You have read this example already."),
        ("first_answer_missing", "This batch asks for a first answer before its evidence."),
    ],
)
def test_what_the_server_will_not_take_is_said_and_listed(
    site: Site, desk: Page, code: str, detail: str
) -> None:
    refused(desk, code, 409, detail)
    press(desk, "a")
    desk.get_by_text(f"Not saved: {detail}").wait_for()
    desk.get_by_role("button", name="Show").click()
    line = desk.locator("unsaved-dialog li")
    line.wait_for()
    assert "Confirmed" in line.inner_text() and detail in line.inner_text()
    desk.keyboard.press("Escape")
    press(desk, "1")
    saved(desk)
    assert len(decisions(site)) == 1


def test_a_closed_tab_gives_its_examples_back(site: Site, desk: Page, until: object) -> None:
    press(desk, "a")
    saved(desk)
    desk.goto("about:blank")

    def returned() -> bool:
        with reading(site.engine) as session:
            return session.query(Lease).where(Lease.ended_at.is_(None)).count() == 0

    until(returned)  # type: ignore[operator]
