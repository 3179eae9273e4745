"""Reads that are owed outside batches: from Home to their desk, by keyboard."""

from __future__ import annotations

from playwright.sync_api import expect

from app.db.words import Mode, Verdict
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


def test_in_the_field_of_blind_reads_keys_act_while_it_is_empty(site: Site) -> None:
    labels = [f"{word} {n}" for word in ("Send", "Card", "Note") for n in range(9)]
    filled = site.fill(text_plan(8, labels=labels, mode=Mode.BLIND))
    page = site.open("Amira Said", f"/review/{filled.batch_id}")
    ready(page)
    field = page.get_by_role("combobox")
    expect(field).to_be_focused()
    first = shown_key(page)
    page.keyboard.press("Enter")  # nothing was typed and nothing chosen
    assert shown_key(page) == first and decisions(site) == []
    press(page, "s")
    expect(page.locator("[data-part=last]")).to_have_text("Last: skipped")
    assert shown_key(page) != first
    ready(page)
    page.keyboard.press("/")
    page.keyboard.type("send 8")  # S and N type now
    expect(field).to_have_value("send 8")
    page.keyboard.press("Enter")
    press(page, "x")
    page.keyboard.press("4")
    ready(page)
    page.keyboard.type("card 2")  # C stands on no button of the bar
    page.keyboard.press("Enter")
    saved(page)
    assert [(one.verdict, one.label_id) for one in decisions(site)] == [
        (Verdict.RELABEL, filled.labels["Send 8"]),
        (Verdict.REMOVE, None),
        (Verdict.RELABEL, filled.labels["Card 2"]),
    ]
    assert site.noise == []
