"""Reads that are owed outside batches: from Home to their desk, by keyboard."""

from __future__ import annotations

from app.db.words import Mode
from bench.desk_site import text_plan
from tests.browser.conftest import Site
from tests.browser.hands import decisions, press, ready, said, saved, shown_key

NAMES = ("late", "lost", "stolen")


def test_reads_are_given_at_their_own_desk_once_the_batch_is_done(site: Site) -> None:
    filled = site.fill(text_plan(12, labels=NAMES, confirmations=2, batch_size=3))
    first = site.open("Amira Said", f"/review/{filled.batch_id}")
    for _ in range(3):
        press(first, "x")
        first.keyboard.press("4")
    first.wait_for_url("**/done")
    page = site.open("Jonas Weber", "/")
    assert page.locator(".queue-first h2").inner_text() == "3 second reads wait"
    page.keyboard.press("Enter")
    page.wait_for_url("**/review/reads/**")
    ready(page)
    assert page.locator(".given-tag").count() == 0 and said(page, "done") == "0 / 3"
    press(page, "1")
    saved(page)
    key = shown_key(page)
    press(page, "z")
    ready(page)
    assert shown_key(page) != key and said(page, "done") == "0 / 3"
    press(page, "1", "1", "1")
    page.wait_for_url(f"{site.url}/")
    mine = decisions(site, person_id=site.people["Jonas Weber"])
    assert len({one.example_id for one in mine}) == 3 and len(mine) == 4
    assert {one.mode for one in mine} == {Mode.BLIND}
    assert site.noise == []
