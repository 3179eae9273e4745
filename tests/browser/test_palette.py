"""Ctrl K goes anywhere and does anything, by keys alone; G and a letter go to a page."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import update

from app.db.engine import writing
from app.db.tables.accounts import Person
from bench.desk_site import image_plan, text_plan
from tests.browser.conftest import Site
from tests.browser.hands import decisions, press, ready, saved
from tests.browser.test_access import TABLET, clean

LEAD, AMIRA = "Lena Koch", "Amira Said"
FIELD = "Go to or do anything"


def palette(page: Page) -> Locator:
    return page.get_by_role("dialog", name=FIELD)


def opened(page: Page) -> Locator:
    page.wait_for_function("() => customElements.get('command-palette') !== undefined")
    page.keyboard.press("Control+k")
    expect(palette(page)).to_be_visible()
    listed(page)
    return palette(page)


def listed(page: Page) -> None:
    page.wait_for_function("() => !document.querySelector('command-palette').waiting")


def options(page: Page) -> list[str]:
    return page.locator(".palette-name bdi").all_inner_texts()


def found(page: Page, words: str) -> list[str]:
    """Type, and wait until the server's answer is listed."""
    with page.expect_response(lambda reply: "palette" in reply.url and "q=" in reply.url):
        page.keyboard.type(words)
    listed(page)
    return options(page)


def active(page: Page) -> str:
    field = page.get_by_role("combobox", name=FIELD)
    chosen = page.locator(f"#{field.get_attribute('aria-activedescendant')}")
    expect(chosen).to_have_attribute("aria-selected", "true")
    return chosen.locator(".palette-name").inner_text()


def test_words_find_pages_labels_batches_and_people_and_enter_goes_there(site: Site) -> None:
    filled = site.fill(text_plan(12, batch_size=4))
    page = site.open(LEAD, f"/p/{filled.slug}")
    opened(page)
    assert "Examples" in options(page)
    assert found(page, "card arr")[0].startswith("Card arrival")
    assert active(page).startswith("Card arrival")
    page.keyboard.press("Control+a")
    assert "Amira Said" in found(page, "ami")
    page.keyboard.press("Control+a")
    assert found(page, "batch 1")[0] == "Top 4 by score"
    page.keyboard.press("Control+a")
    assert found(page, "disa")[0] == "Disagreements"
    page.keyboard.press("Enter")
    page.wait_for_url("**/disagreements")
    assert site.noise == []


def test_enter_waits_for_the_list_of_what_was_typed(site: Site) -> None:
    filled = site.fill(text_plan(12, batch_size=4))
    page = site.open(LEAD, f"/p/{filled.slug}")
    opened(page)
    page.keyboard.type("exchange rate is late")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/examples?given={filled.labels['Exchange rate is late']}")


def test_arrows_go_round_and_escape_gives_the_focus_back(site: Site) -> None:
    filled = site.fill(text_plan(4))
    page = site.open(LEAD, f"/p/{filled.slug}/examples")
    page.get_by_label("Search text").focus()
    opened(page)
    every = options(page)
    assert active(page) == every[0]
    page.keyboard.press("ArrowUp")
    assert active(page) == every[-1]
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert active(page) == every[1]
    page.keyboard.press("Escape")
    expect(palette(page)).to_be_hidden()
    expect(page.get_by_label("Search text")).to_be_focused()
    opened(page)
    page.keyboard.press("Control+k")
    expect(palette(page)).to_be_hidden()
    assert site.noise == []


def test_nothing_found_is_said(site: Site) -> None:
    page = site.open(AMIRA, "/")
    opened(page)
    assert found(page, "no such thing") == []
    expect(palette(page).get_by_role("status")).to_have_text("Nothing begins with these words.")
    page.keyboard.press("Enter")
    expect(palette(page)).to_be_visible()


def test_the_button_opens_it_and_a_click_chooses(site: Site) -> None:
    filled = site.fill(text_plan(4))
    page = site.open(LEAD, f"/p/{filled.slug}")
    page.get_by_role("button", name=FIELD).click()
    page.get_by_role("option", name="Labels").click()
    page.wait_for_url("**/labels")
    tablet = site.open(LEAD, f"/p/{filled.slug}", **TABLET)
    tablet.get_by_role("button", name=FIELD).tap()
    tablet.get_by_role("option", name="Labels").tap()
    tablet.wait_for_url("**/labels")


def test_signing_out_is_an_action(site: Site) -> None:
    page = site.open(AMIRA, "/")
    opened(page)
    assert found(page, "sign") == ["Sign out"]
    page.keyboard.press("Enter")
    page.wait_for_url("**/signin?done=signed_out")


def test_what_the_page_does_is_listed_with_its_keys(site: Site) -> None:
    filled = site.fill(text_plan(6))
    page = site.open(LEAD, f"/p/{filled.slug}/examples/{filled.examples[0]}")
    opened(page)
    found(page, "any lab")
    row = palette(page).get_by_role("option", name="Any label")
    assert row.locator("kbd").inner_text() == "/"
    page.keyboard.press("Enter")
    expect(page.get_by_label("Any label")).to_be_focused()


def test_on_the_desk_it_lists_its_actions_and_takes_no_answer(site: Site) -> None:
    filled = site.fill(text_plan(20))
    page = site.open(AMIRA, f"/review/{filled.batch_id}")
    ready(page)
    opened(page)
    page.keyboard.type("x1sa")
    page.keyboard.press("Escape")
    expect(palette(page)).to_be_hidden()
    assert decisions(site) == []
    press(page, "1")
    saved(page)
    opened(page)
    assert found(page, "undo")[0].startswith("Undo")
    assert page.get_by_role("option").first.locator("kbd").inner_text() == "Z"
    page.keyboard.press("Enter")
    saved(page)
    opened(page)
    found(page, "details")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="Details")).to_be_visible()
    page.keyboard.press("Control+k")
    expect(palette(page)).to_be_hidden()
    assert site.noise == []


def test_what_is_typed_before_it_is_there_answers_nothing(site: Site) -> None:
    filled = site.fill(text_plan(20))
    page = site.open(AMIRA, "/")
    page.route(
        "**/palette/page-actions.js", lambda route: page.wait_for_timeout(600) or route.continue_()
    )
    page.goto(f"{site.url}/review/{filled.batch_id}")
    ready(page)
    page.keyboard.press("Control+k")
    page.keyboard.type("1a")
    expect(palette(page)).to_be_visible()
    assert decisions(site) == []
    assert page.locator("[data-part=last]").inner_text() == ""


def test_on_the_grid_as_well(site: Site) -> None:
    plan = image_plan(
        site.engine, site.blobs, 60, labels=("Neutrophil", "Monocyte"), grid=True, quality=0.99
    )
    filled = site.fill(plan)
    page = site.open(AMIRA, f"/review/{filled.batch_id}/grid")
    page.wait_for_function("() => document.querySelector('review-grid').answerable")
    opened(page)
    page.keyboard.type("qwe")
    page.keyboard.press("Escape")
    assert page.locator(".tile input:checked").count() == 0
    opened(page)
    assert "Undo page" in options(page)
    assert found(page, "review q")[0] == "Review queue"
    page.keyboard.press("Enter")
    page.wait_for_url(f"{site.url}/")


def test_offline_it_lists_what_the_page_does(site: Site) -> None:
    filled = site.fill(text_plan(20))
    page = site.open(AMIRA, f"/review/{filled.batch_id}")
    ready(page)
    page.wait_for_function("() => customElements.get('command-palette') !== undefined")
    page.context.set_offline(True)
    page.keyboard.press("Control+k")
    page.keyboard.type("ski")
    expect(page.get_by_role("option")).to_have_count(1)
    expect(palette(page).get_by_role("status")).to_contain_text("could not be loaded")


@pytest.mark.parametrize(
    ("letter", "end"),
    [("o", ""), ("e", "/examples"), ("b", "/batches"), ("d", "/disagreements"), ("x", "/releases")],
)
def test_g_and_a_letter_go_to_a_page(site: Site, letter: str, end: str) -> None:
    filled = site.fill(text_plan(4))
    page = site.open(LEAD, f"/p/{filled.slug}/examples?sort=row")
    page.keyboard.press("g")
    page.keyboard.press(letter)
    page.wait_for_url(f"{site.url}/p/{filled.slug}{end}")


def test_letters_after_g_do_nothing_else_and_wait_only_a_moment(site: Site) -> None:
    filled = site.fill(text_plan(4))
    page = site.open(LEAD, f"/p/{filled.slug}/examples?sort=row")
    page.keyboard.press("j")
    page.keyboard.press(" ")
    expect(page.locator("[data-picked]")).to_have_text("1")
    page.keyboard.press("g")
    expect(page.locator(".rail .go-key").first).to_be_visible()
    page.keyboard.press("b")  # not: make a batch of what is picked
    page.wait_for_url("**/batches")
    page.get_by_role("link", name="New batch").click()
    page.get_by_label("Name").fill("go")
    page.get_by_label("Name").press("g")
    page.get_by_label("Name").press("o")
    assert page.get_by_label("Name").input_value() == "gogo"
    page.get_by_role("heading", name="New batch").click()
    page.keyboard.press("g")
    page.wait_for_timeout(1700)
    expect(page.locator(".rail .go-key").first).to_be_hidden()
    page.keyboard.press("o")
    assert page.url.endswith("/batches/new")


def single_keys_off(site: Site) -> None:
    with writing(site.engine) as session:
        session.execute(update(Person).values(preferences={"single_keys": False}))


def test_with_single_keys_off_pages_of_leads_want_alt(site: Site) -> None:
    single_keys_off(site)
    filled = site.fill(text_plan(4))
    page = site.open(LEAD, f"/p/{filled.slug}/examples?sort=row")
    page.keyboard.press("g")
    page.keyboard.press("o")
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement === document.body")
    page.keyboard.press("Alt+j")
    expect(page.locator("[data-row] a").first).to_be_focused()
    page.keyboard.press("Alt+g")
    page.keyboard.press("Alt+b")
    page.wait_for_url("**/batches")
    page.goto(f"{site.url}/p/{filled.slug}/examples/{filled.examples[0]}")
    page.get_by_label("A ruling").check()
    page.keyboard.press("a")
    page.wait_for_timeout(200)
    assert decisions(site) == []
    opened(page)  # a key with Ctrl is no single key
    page.keyboard.press("Escape")
    page.keyboard.press("Alt+a")
    page.wait_for_url("**?done=ruled")


@pytest.mark.parametrize(
    ("theme", "screen"),
    [("light", {}), ("dark", {}), ("light", TABLET)],
    ids=["light", "dark", "tablet"],
)
def test_it_can_be_read_by_everybody(site: Site, theme: str, screen: dict[str, Any]) -> None:
    filled = site.fill(text_plan(12, batch_size=4))
    page = site.open(LEAD, f"/p/{filled.slug}", color_scheme=theme, **screen)
    opened(page)
    clean(page, "open")
    found(page, "card")
    clean(page, "found")
    page.keyboard.type(" zzz")
    expect(page.get_by_role("option")).to_have_count(0)
    clean(page, "nothing")
