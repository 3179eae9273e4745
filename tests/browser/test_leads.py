"""Leads work by keyboard: pick examples for a batch, count what fits, rule on one example."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect
from sqlalchemy import select

from app.db.engine import reading
from app.db.tables.datasets import Example
from app.db.tables.review import BatchMember
from app.db.words import Status
from bench.desk_site import Filled, image_plan, text_plan
from tests.browser.conftest import Site

LEAD = "Lena Koch"


def led(site: Site, filled: Filled, path: str, **more: Any) -> Page:
    """A page of the project, seen by its lead."""
    return site.open(LEAD, f"/p/{filled.slug}{path}", **more)


def free(site: Site, filled: Filled) -> list[int]:
    """Examples that are in no batch, in their order."""
    with reading(site.engine) as session:
        taken = set(session.scalars(select(BatchMember.example_id)))
    return [example for example in filled.examples if example not in taken]


def test_examples_are_picked_by_keys_and_become_a_batch(site: Site) -> None:
    filled = site.fill(text_plan(12, batch_size=2))
    page = led(site, filled, "/examples?sort=row&status=unreviewed")
    bar = page.locator("[data-bar]")
    expect(bar).to_be_hidden()
    picked = free(site, filled)[:2]
    for place in range(12):
        page.keyboard.press("j")
        if filled.examples[place] in picked:
            page.keyboard.press(" ")
    page.keyboard.press("k")
    expect(bar).to_contain_text("2 picked")
    page.keyboard.press("f")
    page.keyboard.type("jkb")
    expect(page.locator("[data-filter]")).to_have_value("jkb")
    page.keyboard.press("Escape")
    page.locator("[data-filter]").blur()
    page.keyboard.press("b")
    expect(page.locator("[data-line]")).to_contain_text("2 examples fit.")
    page.get_by_role("button", name="Create batch").click()
    expect(page.get_by_role("status")).to_contain_text("The batch is open.")
    with reading(site.engine) as session:
        members = session.scalars(
            select(BatchMember.example_id).where(BatchMember.batch_id != filled.batch_id)
        )
        assert sorted(members) == picked
    assert site.noise == []


def test_the_box_above_ticks_the_page_and_enter_opens_a_row(site: Site) -> None:
    filled = site.fill(text_plan(12))
    page = led(site, filled, "/examples?sort=row")
    page.locator("[data-all]").check()
    expect(page.locator("[data-picked]")).to_have_text("12")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/examples/{filled.examples[0]}")


def test_the_count_follows_the_form(site: Site) -> None:
    filled = site.fill(text_plan(30, batch_size=5))
    page = led(site, filled, "/batches/new")
    line = page.locator("[data-line]")
    page.get_by_label("How many").fill("20")
    expect(line).to_have_text("20 examples fit.")
    page.get_by_label("How many").fill("500")
    expect(line).to_contain_text("Only 25 examples fit")
    page.get_by_text("Random", exact=True).click()
    expect(page.get_by_text("Decide first", exact=True)).to_be_hidden()
    expect(line).to_contain_text("Only 25 examples fit")
    assert site.noise == []


def test_a_ruling_is_one_key(site: Site, until: Callable[[Callable[[], object]], None]) -> None:
    filled = site.fill(image_plan(site.engine, site.blobs, 6))
    example = filled.examples[0]
    page = led(site, filled, f"/examples/{example}")
    page.wait_for_timeout(300)  # a key that comes with the page is not heard
    page.get_by_label("A ruling").check()
    page.keyboard.press("n")  # no such key here: nothing happens
    page.keyboard.press("a")

    def confirmed() -> bool:
        with reading(site.engine) as session:
            return session.get_one(Example, example).status is Status.CONFIRMED

    until(confirmed)
    expect(page.get_by_role("status")).to_contain_text("Your ruling is final.")


def test_a_key_that_comes_with_the_page_decides_nothing(
    site: Site, until: Callable[[Callable[[], object]], None]
) -> None:
    filled = site.fill(text_plan(6, labels=("late", "lost")))
    example = filled.examples[0]
    page = led(site, filled, "/examples?sort=row")
    page.add_init_script(
        """requestAnimationFrame(() => requestAnimationFrame(() => document.dispatchEvent(
          new KeyboardEvent("keydown", { key: "2", code: "Digit2", bubbles: true }))))"""
    )
    page.goto(f"{site.url}/p/{filled.slug}/examples/{example}")
    page.wait_for_timeout(300)
    assert page.url.endswith(f"/examples/{example}"), "nobody can have read it"
    page.keyboard.press("2")
    expect(page.get_by_role("status")).to_contain_text("Your answer is stored.")


def test_the_same_work_without_script(site: Site) -> None:
    filled = site.fill(text_plan(12, batch_size=2))
    page = led(site, filled, "/examples?sort=row", java_script_enabled=False)
    page.get_by_label("Search text").fill("?")
    page.get_by_role("button", name="Filter").click()
    page.locator(f'input[name="example"][value="{free(site, filled)[0]}"]').check()
    page.get_by_role("button", name="Make a batch").click()
    expect(page.get_by_text("1 example fits.")).to_be_visible()
    page.get_by_role("button", name="Count again").click()
    expect(page.get_by_text("1 example fits.")).to_be_visible()
    page.get_by_role("button", name="Create batch").click()
    expect(page.get_by_role("heading", name="Batch")).to_be_visible()
