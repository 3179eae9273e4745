"""Pages of leads on screens of every width: a rail of words, of icons, above; and on a phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from bench.desk_site import text_plan
from tests.browser.conftest import Site

LEAD = "Lena Koch"
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True}
ONLY_LARGE = "Use a larger screen for this."


def overflow(page: Page) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth - innerWidth"))


@pytest.mark.parametrize(("width", "rail"), [(1440, 216), (1399, 56), (1280, 56), (1081, 56)])
def test_the_rail_shows_words_or_icons(site: Site, width: int, rail: int) -> None:
    filled = site.fill(text_plan(4))
    page = site.open(LEAD, f"/p/{filled.slug}", viewport={"width": width, "height": 800})
    box = page.get_by_role("navigation", name="Project").bounding_box()
    assert box is not None and box["width"] == rail
    expect(page.get_by_role("link", name="Examples", exact=True)).to_be_visible()
    assert overflow(page) <= 0


def test_on_a_phone_the_pages_made_for_it_work_and_others_say_so(site: Site) -> None:
    filled = site.fill(text_plan(8, batch_size=4))
    here = f"{site.url}/p/{filled.slug}"
    page = site.open(LEAD, "/", **PHONE)
    done = f"{site.url}/review/{filled.batch_id}/done"
    own = [f"{site.url}/", f"{site.url}/me", f"{site.url}/projects", done]
    for address in (*own, here, f"{here}/disagreements"):
        page.goto(address)
        expect(page.get_by_text(ONLY_LARGE)).to_be_hidden()
        expect(page.locator(".body")).to_be_visible()
        assert overflow(page) <= 0, address
    for end in ("/examples", "/batches/new", "/labels"):
        page.goto(here + end)
        expect(page.get_by_text(ONLY_LARGE)).to_be_visible()
        expect(page.locator(".body")).to_be_hidden()
        assert overflow(page) <= 0, end
    page.get_by_text("Show it here anyway").click()
    expect(page.get_by_role("heading", name="Add a label")).to_be_visible()


def test_the_rail_above_can_be_scrolled_to_its_end(site: Site) -> None:
    filled = site.fill(text_plan(4))
    page = site.open(LEAD, f"/p/{filled.slug}", **PHONE)
    account = page.locator(".rail-foot a")
    account.scroll_into_view_if_needed()
    account.click()
    page.wait_for_url("**/me")
