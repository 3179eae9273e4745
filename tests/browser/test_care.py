"""What the desk says for its reviewer's sake: a break, and a guideline that changed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page

from app.db.engine import writing
from app.db.tables.datasets import Label, Project
from bench.desk_site import Filled, text_plan
from tests.browser.conftest import Site
from tests.browser.hands import press, ready, saved

AMIRA = "Amira Said"
REST = "45 minutes without a pause. A short break keeps answers good."


@pytest.fixture
def filled(site: Site) -> Filled:
    return site.fill(text_plan(40))


@pytest.fixture
def desk(site: Site, filled: Filled) -> Page:
    page = site.open(AMIRA, "/me")
    page.clock.install(time=datetime(2026, 5, 4, 9, 0, tzinfo=UTC))
    page.goto(f"{site.url}/review/{filled.batch_id}")
    page.clock.run_for(500)
    ready(page)
    return page


def work(page: Page, minutes: int) -> None:
    """A key each minute that does nothing."""
    for _ in range(minutes):
        page.keyboard.press("Shift")
        page.clock.run_for(60_000)


def resting(page: Page) -> bool:
    return REST in page.locator("[data-part=messages]").inner_text()


def test_after_45_minutes_a_break_is_proposed_until_it_is_taken(desk: Page) -> None:
    work(desk, 44)
    assert not resting(desk)
    work(desk, 2)
    assert resting(desk)
    assert desk.locator("dialog[open]").count() == 0
    press(desk, "a")
    saved(desk)
    assert resting(desk), "it is in nobody's way"
    desk.clock.run_for(150_000)
    assert not resting(desk)
    work(desk, 44)
    assert not resting(desk), "the pause counts"
    work(desk, 2)
    assert resting(desk)


def test_a_pause_of_two_minutes_is_a_break(desk: Page) -> None:
    work(desk, 30)
    desk.clock.run_for(125_000)
    work(desk, 44)
    assert not resting(desk)


def test_minutes_count_over_pages_and_the_message_can_be_closed(
    site: Site, desk: Page, filled: Filled
) -> None:
    work(desk, 40)
    desk.goto(f"{site.url}/review/{filled.batch_id}")
    desk.clock.run_for(500)
    ready(desk)
    work(desk, 6)
    assert resting(desk)
    desk.get_by_role("button", name="Close message").click()
    work(desk, 10)
    assert not resting(desk)
    desk.clock.run_for(125_000)
    work(desk, 46)
    assert resting(desk), "closed is closed for this time only"


def test_hidden_for_today_is_hidden_until_tomorrow(site: Site, desk: Page, filled: Filled) -> None:
    work(desk, 46)
    desk.get_by_role("button", name="Hide for today").click()
    work(desk, 60)
    assert not resting(desk)
    desk.goto(f"{site.url}/review/{filled.batch_id}")
    desk.clock.run_for(500)
    work(desk, 50)
    assert not resting(desk)
    desk.clock.fast_forward("24:00:00")
    desk.goto(f"{site.url}/review/{filled.batch_id}")
    desk.clock.run_for(500)
    work(desk, 46)
    assert resting(desk)


def test_a_warning_comes_before_and_the_break_after(desk: Page) -> None:
    work(desk, 46)
    desk.context.set_offline(True)
    desk.wait_for_selector(".status.warn")
    assert not resting(desk)
    desk.context.set_offline(False)
    press(desk, "a")
    desk.clock.run_for(10_000)
    saved(desk)
    desk.clock.run_for(10_000)
    assert resting(desk)


def test_a_changed_guideline_is_said_once_and_shown(site: Site, filled: Filled) -> None:
    page = site.open(AMIRA, f"/review/{filled.batch_id}")
    press(page, "a")
    saved(page)
    assert not page.locator("[data-do=guideline]").is_visible()
    with writing(site.engine) as session:
        project = session.get_one(Project, filled.project_id)
        project.guideline, project.guideline_revision = "Look at the <verb>.", 4
        label = session.get_one(Label, filled.labels["Exchange rate is late"])
        label.description = "When the rate of an exchange came late."
    press(page, "a")
    saved(page)
    said = page.locator("[data-part=messages]")
    assert "The guideline for Support intents changed to v4." in said.inner_text()
    said.get_by_role("button", name="Show").click()
    drawer = page.locator("words-dialog dialog[open]")
    assert "Look at the <verb>." in drawer.inner_text()
    assert "When the rate of an exchange came late." in drawer.inner_text()
    page.keyboard.press("g")
    assert said.inner_text() == ""
    assert page.locator("[data-do=guideline]").is_visible()
    press(page, "a", "s")
    saved(page)
    assert said.inner_text() == "", "once is enough"
    press(page, "/")
    page.keyboard.type("rate of an exchange came")
    assert page.get_by_role("option").first.inner_text().startswith("Exchange rate is late")
    assert site.noise == []
