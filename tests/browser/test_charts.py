"""Charts of every kind before axe, light and dark, wide and narrow, in print and forced colours."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from app.web.headers import POLICY
from tests.browser.conftest import Site
from tests.browser.test_access import clean
from tests.web.charts.gallery import gallery

WIDE, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}

LEAVES = """() => [...document.querySelectorAll(".chart svg text")].flatMap((text) => {
  if (!text.getClientRects().length) return [];
  const own = text.getBoundingClientRect(), all = text.ownerSVGElement.getBoundingClientRect();
  const out = own.left < all.left - 1 || own.right > all.right + 1;
  return out ? [text.textContent] : [];
})"""
MEETS = """() => [...document.querySelectorAll(".chart svg")].flatMap((svg) => {
  const all = [...svg.querySelectorAll("text")].filter((text) => text.getClientRects().length);
  const boxes = all.map((text) => text.getBoundingClientRect());
  return boxes.flatMap((a, i) => boxes.slice(i + 1).flatMap((b, j) =>
    a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 3 && b.top < a.bottom - 3
      ? [`${all[i].textContent} meets ${all[i + 1 + j].textContent}`] : []));
})"""
SHOWN = """() => [...document.querySelectorAll(".chart-wide, .chart-narrow")]
  .filter((part) => part.getClientRects().length).map((part) => part.className)"""


def charts(site: Site, **more: Any) -> Page:
    """The page of all charts, under the policy of the site and with its own styles."""
    context = site.browser.new_context(**more)
    site.contexts.append(context)

    def answer(route: Route) -> None:
        headers = {"content-security-policy": POLICY}
        route.fulfill(body=gallery(), content_type="text/html; charset=utf-8", headers=headers)

    context.route("**/charts", answer)
    return site.page(context, "/charts")


def legible(page: Page) -> None:
    assert page.evaluate(LEAVES) == []
    assert page.evaluate(MEETS) == []
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_chart_in_both_themes(site: Site, theme: str) -> None:
    page = charts(site, viewport=WIDE, color_scheme=theme)
    legible(page)
    assert set(page.evaluate(SHOWN)) == {"chart-wide"}
    clean(page, f"charts, {theme}")
    for view in page.locator(".chart-view summary").all():
        view.click()
    expect(page.get_by_role("cell", name="1,234").last).to_be_visible()
    clean(page, f"tables of charts, {theme}")
    assert site.noise == []


def test_on_a_phone_a_drawing_of_its_own_is_shown(site: Site) -> None:
    page = charts(site, viewport=PHONE)
    legible(page)
    assert set(page.evaluate(SHOWN)) == {"chart-narrow"}
    lengths = "(table) => new Set([...table.querySelectorAll('svg')].map((svg) => svg.clientWidth))"
    for table in page.locator(".chart-rows").all():
        assert table.evaluate(f"(table) => ({lengths})(table).size") == 1, "bars of one scale"
    clean(page, "charts on a phone")


def test_in_forced_colours_and_in_print(site: Site) -> None:
    page = charts(site, viewport=WIDE, forced_colors="active")
    legible(page)
    clean(page, "charts in forced colours")
    dark = charts(site, viewport=WIDE, color_scheme="dark")
    dark.evaluate("document.documentElement.dataset.theme = 'dark'")
    dark.emulate_media(media="print")
    ground = "getComputedStyle(document.body).backgroundColor"
    assert dark.evaluate(ground) == "rgb(245, 246, 248)", "paper is white in a dark theme too"


def test_a_cell_and_a_bar_are_reached_by_keys(site: Site) -> None:
    page = charts(site, viewport=WIDE)
    page.get_by_role("link", name="71: given Lost or stolen, likely Card arrival").focus()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "4"
    expect(page.get_by_role("link", name="agency B")).to_have_attribute("href", "/p/x?source=1")
