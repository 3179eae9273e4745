"""What goes by itself stays while somebody is at it: WCAG 2.2, 2.2.1."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from app.settings import shipped
from tests.browser.hands import scripted

FORM = (
    "<undo-bar><form><button>Undo</button></form></undo-bar><p>elsewhere</p><button>Next</button>"
)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    page = scripted(browser, "status-line.js", "make.js")
    page.clock.install()
    yield page
    page.close()


def undo_bar(page: Page) -> Page:
    page.evaluate("html => { document.body.innerHTML = html }", FORM)
    page.add_script_tag(content=(shipped("static") / "ui" / "undo-bar.js").read_text())
    return page


def test_an_undo_bar_that_nobody_touches_goes_after_ten_seconds(page: Page) -> None:
    bar = undo_bar(page).locator("undo-bar")
    page.clock.run_for(9_000)
    expect(bar).to_have_count(1)
    page.clock.run_for(2_000)
    expect(bar).to_have_count(0)


@pytest.mark.parametrize("how", ["focus", "hover"])
def test_it_stays_while_somebody_is_at_it_and_ten_seconds_longer(page: Page, how: str) -> None:
    bar = undo_bar(page).locator("undo-bar")
    undo = page.get_by_role("button", name="Undo")
    undo.focus() if how == "focus" else undo.hover()
    page.clock.run_for(60_000)
    expect(bar).to_have_count(1)
    page.get_by_role("button", name="Next").focus() if how == "focus" else page.mouse.move(5, 500)
    page.clock.run_for(9_000)
    expect(bar).to_have_count(1)
    page.clock.run_for(2_000)
    expect(bar).to_have_count(0)


def test_a_message_of_the_desk_stays_while_the_pointer_is_over_it(page: Page) -> None:
    page.evaluate(
        """async () => {
          const { StatusLine } = await import("/status-line.js");
          const line = new StatusLine();
          document.body.append(line);
          line.say("Back online.", { seconds: 6 });
        }"""
    )
    said = page.get_by_text("Back online.")
    said.hover()
    page.clock.run_for(60_000)
    expect(said).to_be_visible()
    page.mouse.move(5, 500)
    page.clock.run_for(7_000)
    expect(said).to_have_count(0)
