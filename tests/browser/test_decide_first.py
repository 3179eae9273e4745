"""Decide first at the desk: an answer, the evidence, a decision; the server keeps the first."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from app.db.words import Mode, Verdict
from bench.desk_site import Filled, text_plan
from tests.browser.conftest import Site
from tests.browser.hands import decisions, given_name, press, ready, said, saved, shown_key

NAMES = ("late", "lost", "stolen")


@pytest.fixture
def filled(site: Site) -> Filled:
    return site.fill(text_plan(20, labels=NAMES, mode=Mode.DECIDE_FIRST))


@pytest.fixture
def desk(site: Site, filled: Filled) -> Page:
    page = site.open("Amira Said", f"/review/{filled.batch_id}")
    ready(page)
    return page


def message(page: Page) -> str:
    return page.locator("[data-part=messages]").inner_text()


def differing(page: Page) -> str:
    """Answer by a key so that the evidence differs; which label it was."""
    panel = page.locator("first-answer dialog[open]")
    while True:
        press(page, "3")
        page.wait_for_function(
            "() => document.querySelector('first-answer dialog[open]')"
            " || document.querySelector('review-desk').answerable"
        )
        if panel.count():
            return NAMES[2]


def test_after_a_look_the_desk_shows_everything_and_the_next_answer_decides(
    site: Site, filled: Filled, desk: Page
) -> None:
    own = differing(desk)
    before = len(decisions(site))
    desk.keyboard.press("Escape")
    assert message(desk).startswith(f"First answer: Labeled as {own}. Now decide.")
    given = given_name(desk)
    assert desk.locator(".option-percent").first.inner_text().endswith("%")
    press(desk, "a")
    saved(desk)
    stored = decisions(site)[before]
    assert stored.verdict is Verdict.CONFIRM
    assert stored.first_answer is not None
    assert stored.first_answer["label"] == filled.labels[own]
    assert said(desk, "last") == f"Last: confirmed {given}"
    assert desk.locator(".given-tag").count() == 0, "the next one is hidden again"
    assert site.noise == []


def test_a_reload_keeps_what_was_revealed(site: Site, filled: Filled, desk: Page) -> None:
    own = differing(desk)
    key, before = shown_key(desk), len(decisions(site))
    desk.reload()
    ready(desk)
    assert shown_key(desk) == key
    assert message(desk).startswith(f"First answer: Labeled as {own}. Now decide.")
    assert given_name(desk) in NAMES
    press(desk, "a")
    saved(desk)
    stored = decisions(site)[before]
    assert stored.first_answer is not None
    assert stored.first_answer["label"] == filled.labels[own]


def test_an_undone_answer_comes_back_with_its_first_one(
    site: Site, filled: Filled, desk: Page
) -> None:
    own = differing(desk)
    key, before = shown_key(desk), len(decisions(site))
    desk.keyboard.press("Enter")
    saved(desk)
    desk.keyboard.press("z")
    ready(desk)
    assert shown_key(desk) == key
    assert message(desk).startswith(f"First answer: Labeled as {own}. Now decide.")
    saved(desk)
    press(desk, "a")
    saved(desk)
    first, second = decisions(site)[before:]
    assert second.verdict is Verdict.CONFIRM
    assert second.first_answer == first.first_answer is not None


def test_offline_nothing_is_revealed_and_the_desk_says_why(site: Site, desk: Page) -> None:
    desk.context.set_offline(True)
    key = shown_key(desk)
    press(desk, "2")
    desk.get_by_text("Not saved: you are offline, and the evidence comes").wait_for()
    assert shown_key(desk) == key
    assert desk.locator("first-answer dialog[open]").count() == 0
    desk.context.set_offline(False)
    desk.wait_for_function("() => !document.querySelector('.status.warn')")
    differing(desk)
    desk.keyboard.press("Enter")
    saved(desk)
    assert decisions(site)[-1].first_answer is not None


def test_a_refused_first_answer_is_said(site: Site, filled: Filled, desk: Page) -> None:
    body = {"code": "too_many", "detail": "Too many requests.", "next_step": "Wait a minute."}
    desk.context.route(
        "**/api/v1/reveal", lambda route: route.fulfill(status=429, json=body), times=1
    )
    press(desk, "1")
    desk.get_by_text("Not saved: Too many requests. Wait a minute.").wait_for()
    assert decisions(site) == []
    press(desk, "3")
    desk.wait_for_function("() => !document.querySelector('.status.warn')")


def test_what_an_older_desk_left_behind_is_accepted(site: Site, filled: Filled, desk: Page) -> None:
    """It sent the first answer beside the last one, and could answer offline."""
    lost = filled.labels["lost"]
    desk.evaluate(
        """(label) => {
          const { held, outbox } = document.querySelector("review-desk");
          const said = { verdict: "relabel", label, reason: null };
          const key = "older-desk-key";
          const { lease, example, key: name } = held.current;
          const payload = { ...said, key, lease, note: null, first_answer: said };
          outbox.add({ kind: "decision", key, example, name, payload });
        }""",
        lost,
    )
    saved(desk)
    (stored,) = decisions(site)
    assert stored.label_id == lost
    assert stored.first_answer is not None and stored.first_answer["label"] == lost


def test_without_script_two_presses_decide(site: Site, filled: Filled) -> None:
    page = site.open("Amira Said", f"/review/{filled.batch_id}", java_script_enabled=False)
    page.get_by_role("button", name="Show an example").click()
    told = page.locator(".first-told")
    told.wait_for()
    while told.inner_text().startswith("Decide first: choose a label"):
        assert page.locator(".given-tag").count() == 0
        page.locator(".option").nth(2).click()
    before = len(decisions(site))
    assert page.locator(".first-told b").inner_text() == "stolen"
    given = page.locator(".option.given .option-name bdi").inner_text()
    page.get_by_role("button", name="Confirm").click()
    stored = decisions(site)[before]
    assert stored.verdict is Verdict.CONFIRM and given in NAMES
    assert stored.first_answer is not None
    assert stored.first_answer["label"] == filled.labels["stolen"]
