"""What a reviewer's hands and eyes do at the desk."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Browser, Page, Route
from sqlalchemy import select

from app.db.engine import reading
from app.db.tables.review import Decision
from app.settings import shipped
from tests.browser.conftest import Site

READY = "() => document.querySelector('review-desk')?.answerable"  # or still on its way there
SAVED = "() => document.querySelector('[data-part=saving]').textContent === 'Saved'"


def ready(page: Page) -> None:
    """Wait until an answer key would be taken."""
    page.wait_for_function(READY)


def press(page: Page, *keys: str) -> None:
    """Answer, each time once somebody can have read the example."""
    for key in keys:
        ready(page)
        page.keyboard.press(key)


def saved(page: Page) -> None:
    page.wait_for_function(
        "() => document.querySelector('review-desk').outbox.pending.length === 0"
    )


def shown_key(page: Page) -> str:
    return page.locator("[data-part=meta] .mono").inner_text()


def given_name(page: Page) -> str:
    return page.locator(".option.given .option-name bdi").inner_text()


def said(page: Page, part: str) -> str:
    return page.locator(f"[data-part={part}]").inner_text()


def decisions(site: Site, **where: Any) -> list[Decision]:
    with reading(site.engine) as session:
        query = select(Decision).order_by(Decision.seq)
        for name, value in where.items():
            query = query.where(getattr(Decision, name) == value)
        return list(session.scalars(query))


def scripted(browser: Browser, *names: str) -> Page:
    """An empty page that may import these scripts of the desk."""

    def answer(route: Route) -> None:
        name = route.request.url.rsplit("/", 1)[1]
        if name in names:
            body = (shipped("static") / "review" / name).read_text()
            route.fulfill(body=body, content_type="text/javascript")
        else:
            route.fulfill(body="<!doctype html>", content_type="text/html")

    page = browser.new_page()
    page.route("http://desk.test/**", answer)
    page.goto("http://desk.test/")
    return page
