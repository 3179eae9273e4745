"""A page of tiles: the key in the same place marks one, Enter confirms the rest."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from app.db.words import ReadReason, Verdict
from bench.desk_site import Filled, Plan, image_plan, text_plan
from tests.browser.conftest import Site
from tests.browser.hands import decisions, ready
from tests.browser.test_access import clean

Until = Callable[[Callable[[], object]], None]
LABELS = ("Neutrophil", "Monocyte")
SEEN = "() => document.querySelector('review-grid').answerable"
SAVED = "() => document.querySelector('review-grid').outbox.pending.length === 0"


def pictures(site: Site, count: int = 160) -> Plan:
    more = {"labels": LABELS, "grid": True, "quality": 0.99}
    return image_plan(site.engine, site.blobs, count, **more)


def opened(site: Site, filled: Filled, **more: Any) -> Page:
    page = site.open("Amira Said", f"/review/{filled.batch_id}", **more)
    page.wait_for_url("**/grid")
    return page


def enter(page: Page) -> None:
    page.wait_for_function(SEEN)
    page.keyboard.press("Enter")


def saved(page: Page) -> None:
    page.wait_for_function(SAVED)


def tile(page: Page, place: int) -> Any:
    return page.locator(".tile input").nth(place)


def test_the_key_in_the_same_place_marks_and_enter_confirms_the_rest(site: Site) -> None:
    page = opened(site, site.fill(pictures(site)))
    page.wait_for_function(SEEN)
    expect(page.get_by_role("heading", name="Which of these are not Neutrophil?")).to_be_visible()
    assert page.locator(".tile").count() == 24
    for key, place in (("5", 4), ("s", 13), ("z", 18)):
        page.keyboard.press(key)
        expect(tile(page, place)).to_be_checked()
    expect(page.locator("[data-part=marks]")).to_have_text("3 marked go to the review desk")
    expect(page.get_by_role("button", name="Confirm 21 as Neutrophil")).to_be_visible()
    page.keyboard.press("Enter")
    saved(page)
    given = decisions(site)
    assert len(given) == 21
    assert {one.verdict for one in given} == {Verdict.CONFIRM}
    expect(page.locator("[data-part=marked]")).to_have_text("3 sent to the desk")
    expect(page.locator("[data-part=done]")).to_have_text("21 / 80")
    assert site.noise == []


def test_the_whole_grid_and_then_the_desk_for_what_was_marked(site: Site) -> None:
    filled = site.fill(pictures(site, 100))
    page = opened(site, filled)
    for turn in range(3):
        page.wait_for_function(SEEN)
        if turn < 2:
            page.keyboard.press("q")
        page.keyboard.press("Enter")
    page.wait_for_url("**/review/*?marked=true")
    for _ in range(2):
        ready(page)
        page.keyboard.press("2")
    page.wait_for_url("**/done")
    given = decisions(site)
    assert [one.verdict for one in given[-2:]] == [Verdict.RELABEL] * 2
    assert {one.read_reason for one in given} == {ReadReason.FIRST}
    assert len({one.example_id for one in given}) == len(given) == 50
    assert site.noise == []


def test_enter_waits_until_a_page_can_have_been_seen(site: Site) -> None:
    page = opened(site, site.fill(pictures(site)))
    page.wait_for_selector(".tile img")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    assert decisions(site) == []
    enter(page)
    page.keyboard.press("Enter")  # the next page: nobody has seen it
    page.keyboard.down("Enter")
    saved(page)
    assert len(decisions(site)) == 24


def test_a_page_is_taken_back_before_and_after_it_was_sent(site: Site) -> None:
    page = opened(site, site.fill(pictures(site)))
    page.wait_for_function(SEEN)
    shown = page.locator(".tile img").first.get_attribute("src")
    page.keyboard.press("1")
    enter(page)
    saved(page)
    page.keyboard.press("Control+z")
    saved(page)
    page.wait_for_function("() => document.querySelectorAll('.tile').length === 23")
    enter(page)
    saved(page)
    page.context.set_offline(True)
    page.keyboard.press("2")
    page.wait_for_function(SEEN)
    last = page.locator(".tile img").first.get_attribute("src")
    page.keyboard.press("Enter")
    page.wait_for_timeout(300)  # the page was tried and waits for the network
    page.keyboard.press("Control+z")
    expect(page.locator(".tile img").first).to_have_attribute("src", last or "")
    expect(tile(page, 1)).to_be_checked()
    page.context.set_offline(False)
    saved(page)
    assert shown != last
    assert len([one for one in decisions(site) if one.supersedes is None]) == 46


def test_pages_are_confirmed_offline_and_sent_on_return(site: Site) -> None:
    page = opened(site, site.fill(pictures(site)))
    page.wait_for_function("() => document.querySelector('review-grid').supply.ahead.length === 24")
    page.wait_for_function(SEEN)
    page.context.set_offline(True)
    enter(page)
    enter(page)
    expect(page.get_by_text("Your 2 pages are safe on this device.")).to_be_visible()
    page.context.set_offline(False)
    saved(page)
    given = decisions(site)
    assert len(given) == len({one.example_id for one in given}) == 48


def test_shift_click_marks_a_range_arrows_and_delete_one_and_escape_none(site: Site) -> None:
    page = opened(site, site.fill(pictures(site)))
    page.wait_for_function(SEEN)
    page.locator(".tile").nth(2).click()
    page.locator(".tile").nth(6).click(modifiers=["Shift"])
    assert page.locator(".tile input:checked").count() == 5
    page.keyboard.press("Escape")
    assert page.locator(".tile input:checked").count() == 0
    tile(page, 0).focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Delete")
    expect(tile(page, 7)).to_be_checked()
    page.keyboard.press(" ")
    expect(page.get_by_role("dialog", name="Look closer")).to_be_visible()
    page.keyboard.press(" ")
    expect(page.get_by_role("dialog", name="Look closer")).to_be_hidden()


def test_an_image_that_does_not_load_is_not_confirmed(site: Site) -> None:
    filled = site.fill(pictures(site))
    page = site.open("Amira Said", "/")
    first = filled.examples[0]

    def broken(route: Any) -> None:
        route.abort() if route.request.url.endswith(f"/media/{first}") else route.continue_()

    page.route("**/media/*", broken)
    page.goto(f"{site.url}/review/{filled.batch_id}/grid")
    lost = 0
    for _ in range(4):
        page.wait_for_function(SEEN)
        lost += page.locator(".tile[data-failed]").count()
        page.keyboard.press("Enter")
        saved(page)
        if page.url.endswith("marked=true"):
            break
    assert lost == 1
    confirmed = {one.example_id for one in decisions(site)}
    assert first not in confirmed
    assert len(confirmed) == 79


def test_texts_are_cards_and_the_lead_is_told_when_the_grid_is_refused(site: Site) -> None:
    plan = text_plan(60, labels=LABELS, grid=True, quality=0.99)
    page = opened(site, site.fill(plan))
    page.wait_for_function(SEEN)
    assert page.locator(".tile").count() == 12
    enter(page)
    saved(page)
    assert len(decisions(site)) == 12
    other = site.fill(text_plan(60, labels=LABELS, quality=0.9, name="More", batch_size=4))
    form = f"/p/{other.slug}/batches/new?by=grid&label={other.labels['Neutrophil']}"
    lead = site.open("Lena Koch", form)
    expect(lead.get_by_text("too many likely errors for the grid")).to_be_visible()


def test_without_script_the_grid_is_a_form(site: Site) -> None:
    filled = site.fill(pictures(site, 60))
    page = site.open("Amira Said", f"/review/{filled.batch_id}/grid", java_script_enabled=False)
    page.get_by_role("button", name="Show a page").click()
    page.locator(".tile").nth(3).click()
    page.get_by_role("button", name="Confirm").click()
    assert len(decisions(site)) == 23
    page.get_by_role("button", name="Undo page").click()
    page.get_by_role("button", name="Confirm").click()
    page.get_by_role("button", name="Confirm").click()
    page.wait_for_url("**?marked=true")
    standing = {one.example_id for one in decisions(site)}
    assert len(standing) == 29


def test_single_keys_off_leaves_letters_alone_and_alt_works(site: Site) -> None:
    page = opened(site, site.fill(pictures(site)))
    page.wait_for_function(SEEN)
    page.keyboard.press("?")
    page.get_by_label("Single-key shortcuts").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("5")
    expect(tile(page, 4)).not_to_be_checked()
    page.keyboard.press("Alt+5")
    expect(tile(page, 4)).to_be_checked()


def test_the_grid_of_a_closed_tab_goes_to_the_next_reader(site: Site, until: Until) -> None:
    filled = site.fill(pictures(site, 48))
    page = opened(site, filled)
    page.wait_for_function(SEEN)
    page.close()
    other = site.open("Jonas Weber", f"/review/{filled.batch_id}/grid")
    other.wait_for_function(SEEN, timeout=20_000)
    assert other.locator(".tile").count() == 24
    enter(other)
    saved(other)
    assert {one.person_id for one in decisions(site)} == {site.people["Jonas Weber"]}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_grid_can_be_read_by_everybody(site: Site, theme: str) -> None:
    page = opened(site, site.fill(pictures(site)), color_scheme=theme)
    page.wait_for_function(SEEN)
    page.keyboard.press("5")
    clean(page, "grid")
    page.keyboard.press("?")
    clean(page, "keys")
    page.keyboard.press("Escape")
    page.keyboard.press(" ")
    clean(page, "closer")
    page.keyboard.press("Escape")
    page.goto(site.open("Amira Said", "/").url)
    texts = site.fill(text_plan(60, labels=LABELS, grid=True, quality=0.99, name="Texts"))
    page = opened(site, texts, color_scheme=theme)
    page.wait_for_function(SEEN)
    clean(page, "cards")
