"""Every page of the site, filled with hostile words: all are shown, and none does a thing."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from app.db.engine import writing
from tests.browser.conftest import serving
from tests.browser.everything import SETTLED, Everything, Visit, everything
from tests.browser.payloads import PAYLOADS
from tests.browser.tainting import MARK, NOT_SHOWN, taint
from tests.sweeps.world import World, world

__all__ = ["world"]

WATCH = """
window.__reports = [];
addEventListener("securitypolicyviolation",
  (event) => __reports.push(`${event.violatedDirective}: ${event.blockedURI}`));
"""
# Nothing of this is in any page of ours, so whatever is found was made of somebody's words.
INJECTED = """() => {
  const found = [...window.__reports ?? []];
  if (window.__x !== undefined) found.push("a payload ran");
  const tags = "iframe, object, embed, marquee, math, audio, video, source, base, template, style,"
    + "animate, meta[http-equiv], script:not([src^='/static/'], [type='application/json']),"
    + "bdi *:not(b, .chip), .example-text *:not(.hidden-character)";
  const runs = ({ name, value }) => /^(on|srcdoc)/.test(name)
    || (name === "formaction" && !/^\\/p\\/[\\w-]+\\/import\\/\\d+\\/commit$/.test(value))
    || (/^(href|src|action|data)$/.test(name) && /^\\s*javascript:/i.test(value));
  for (const element of document.querySelectorAll("*"))
    if ([...element.attributes].some(runs) || element.matches(tags))
      found.push(element.outerHTML.slice(0, 100));
  return found;
}"""
SHOWN = """() => {
  const shown = [document.title];
  const kinds = NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT;
  const walker = document.createTreeWalker(document, kinds);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (node instanceof Text && node.parentElement?.localName !== "script") shown.push(node.data);
    if (node instanceof Element) shown.push(...[...node.attributes].map(({ value }) => value));
    if ("value" in node) shown.push(node.value);
  }
  return shown.join("\\n");
}"""
DIALOGS = "mgcxne?"  # keys that open one on the desk
HARMLESS = {3, 22, 31, 32, 33, 34, 35, 37, 38}  # outside of attributes, templates and scripts


class Look:
    """Goes from page to page and keeps what was found there and what was shown."""

    def __init__(self, browser: Browser, url: str, site: Everything) -> None:
        self.browser, self.url, self.site = browser, url, site
        self.pages: dict[str, Page] = {}
        self.found: list[tuple[str, str]] = []
        self.shown: dict[str, set[int]] = defaultdict(set)

    def page(self, who: str) -> Page:
        if who not in self.pages:
            context = self._context(who)
            page = self.pages[who] = context.new_page()
            page.on("pageerror", lambda error: self.found.append((page.url, f"error: {error}")))
            page.on("console", lambda said: self._heard(page, said.type, said.text))
            page.on("dialog", lambda dialog: self.found.append((page.url, "a dialog opened")))
        return self.pages[who]

    def _context(self, who: str) -> BrowserContext:
        context = self.browser.new_context(viewport={"width": 1440, "height": 900})
        context.add_init_script(WATCH)
        raw = self.site.actor(who).raw
        if raw:
            context.add_cookies([{"name": "relabel", "value": raw, "url": self.url}])
        return context

    def _heard(self, page: Page, kind: str, text: str) -> None:
        if kind == "error" and "Failed to load resource" not in text:
            self.found.append((page.url, text))

    def visit(self, visit: Visit) -> None:
        page = self.page(visit.who)
        reply = page.goto(self.url + visit.url)
        assert reply is not None and reply.status == 200, visit
        page.wait_for_function(SETTLED)
        page.wait_for_load_state()
        self.look(str(visit), page)
        for key in DIALOGS if page.locator("review-desk, review-grid").count() else "":
            page.keyboard.press(key)
            if page.locator("dialog[open]").count():
                self.look(f"{visit}, dialog of {key}", page)
                page.keyboard.press("Escape")

    def look(self, where: str, page: Page) -> None:
        self.found += [(where, what) for what in page.evaluate(INJECTED)]
        for field, number in MARK.findall(page.evaluate(SHOWN)):
            self.shown[field].add(int(number))

    def palette(self, who: str, url: str, *queries: str) -> None:
        page = self.page(who)
        page.goto(self.url + url)
        page.wait_for_function("() => customElements.get('command-palette') !== undefined")
        page.keyboard.press("Control+k")
        for query in ("", *queries):
            page.keyboard.press("Control+a")
            page.keyboard.type(query)
            page.wait_for_function("() => !document.querySelector('command-palette').waiting")
            assert page.locator(".palette-row").count(), query
            self.look(f"palette at {url}: {query}", page)

    def typed(self, who: str, url: str, button: str) -> None:
        """A form that is refused shows what was typed."""
        page = self.page(who)
        page.goto(self.url + url)
        page.evaluate(
            "() => document.querySelectorAll('form').forEach((form) => form.noValidate = true)"
        )
        for field in page.locator(
            "main :is(textarea, input:not([type=hidden], [type=radio]))"
        ).all():
            field.evaluate("(field) => { field.type = 'text'; field.removeAttribute('maxlength') }")
            field.fill(" ".join(PAYLOADS))
        with page.expect_navigation():
            page.get_by_role("button", name=button).click()
        assert page.get_by_role("alert").count(), url
        self.look(f"refused at {url}", page)


@pytest.fixture
def look(world: World, browser: Browser, tmp_path: Path) -> Any:
    site = everything(world, tmp_path, rows=len(PAYLOADS))
    with serving(world.cast.app) as url:
        made = Look(browser, url, site)
        yield made
        for page in made.pages.values():
            page.context.close()


def test_hostile_words_in_any_field_are_shown_on_every_page_and_do_nothing(look: Look) -> None:
    visits = look.site.visits()
    with writing(look.site.world.cast.engine) as session:
        fields = taint(session)
    for visit in visits:
        look.visit(visit)
    slug = look.site.known["slug"]
    look.palette("lead", f"/p/{slug}", "script", "onerror", "javascript")
    look.palette("admin", "/admin/members", "svg")
    look.typed("lead", f"/p/{slug}/labels", "Add label")
    look.typed("lead", "/projects/new", "Make project")
    look.typed("anonymous", "/signin", "Sign in")
    assert look.found == []
    never = {field for field in fields if not look.shown[field]}
    assert never == NOT_SHOWN, "add a row in everything.py that shows it, or say so in tainting.py"
    every = set(range(len(PAYLOADS)))
    missed = {field: every - look.shown[field] for field in sorted(fields - never)}
    assert [(field, some) for field, some in missed.items() if some] == []


def test_what_was_found_would_have_been_seen(browser: Browser) -> None:
    """The proof of the proof: written as markup, each payload is noticed."""
    page, unseen = browser.new_page(), set()
    page.route("**://example.org/**", lambda route: route.abort())
    for number, payload in enumerate(PAYLOADS):
        page.goto("about:blank")
        page.set_content(f"<main>{payload}</main><p title='x'>x</p>", wait_until="commit")
        page.wait_for_timeout(20)
        if not page.evaluate(INJECTED):
            unseen.add(number)
    page.close()
    assert unseen == HARMLESS
