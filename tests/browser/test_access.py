"""axe finds nothing wrong with the desk in any state, nor with the queue, light and dark."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from app.db.words import Mode
from bench.desk_site import Filled, image_plan, tabular_plan, text_plan
from tests.browser.conftest import Site
from tests.browser.hands import press, ready, saved

DESKTOP: dict[str, Any] = {"viewport": {"width": 1440, "height": 900}}
TABLET: dict[str, Any] = {"viewport": {"width": 820, "height": 1180}, "has_touch": True}


def clean(page: Page, where: str) -> None:
    found = Axe().run(page).response["violations"]
    told = [
        f"{one['id']}: {node['target']} {node['failureSummary'][:200]}"
        for one in found
        for node in one["nodes"]
    ]
    assert told == [], where


@pytest.mark.parametrize(
    ("theme", "screen"),
    [("light", DESKTOP), ("dark", DESKTOP), ("light", TABLET)],
    ids=["light", "dark", "tablet"],
)
def test_the_desk_and_all_it_opens(site: Site, theme: str, screen: dict[str, Any]) -> None:
    filled = site.fill(text_plan(20, guideline="Look at the verb."))
    page = site.open("Amira Said", f"/review/{filled.batch_id}", color_scheme=theme, **screen)
    press(page, "1")
    ready(page)
    clean(page, "desk")
    for key in ("x", "?", "n", "e", "m", "g", "c"):
        press(page, key)
        page.wait_for_selector("dialog[open]")
        clean(page, f"dialog of {key}")
        page.keyboard.press("Escape")
        page.wait_for_selector("dialog[open]", state="detached")
    press(page, "/")
    page.keyboard.type("ex")
    clean(page, "typeahead")
    page.keyboard.press("Escape")
    press(page, "[")
    clean(page, "earlier answer")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_other_desks_and_pages(site: Site, theme: str) -> None:
    plans: list[Filled] = [
        site.fill(image_plan(site.engine, site.blobs, 12)),
        site.fill(tabular_plan(12)),
        site.fill(text_plan(12, mode=Mode.BLIND)),
        site.fill(text_plan(12, mode=Mode.DECIDE_FIRST)),
    ]
    page = site.open("Amira Said", "/", color_scheme=theme)
    clean(page, "queue")
    page.goto(f"{site.url}/me")
    clean(page, "the account, with its keys")
    for filled in plans:
        page.goto(f"{site.url}/review/{filled.batch_id}")
        ready(page)
        clean(page, filled.slug)
    page.keyboard.type("/exchange rate is late")  # an E alone sends to the expert
    page.keyboard.press("Enter")
    page.wait_for_selector("first-answer dialog[open]")
    clean(page, "decide first")
    page.keyboard.press("Enter")
    saved(page)
    page.goto(f"{site.url}/review/{plans[0].batch_id}/done")
    clean(page, "done")
    lead = site.open("Lena Koch", "/", color_scheme=theme)
    clean(lead, "the lead's first page")
