"""The guideline at the desk: the rule for the two labels at hand, and only as far as they show."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page

from app.db.engine import writing
from app.db.tables.datasets import Project
from app.db.tables.guidelines import Guideline
from app.db.words import Mode
from bench.desk_site import Filled, text_plan
from tests.browser.conftest import Site
from tests.browser.hands import press, ready, saved

AMIRA = "Amira Said"
TEXT = "Ask **when** <b>it</b> came: [how](https://example.org/how)\n- [no](javascript:alert(1))"


@pytest.fixture
def filled(site: Site) -> Filled:
    return site.fill(text_plan(20))


def write(site: Site, project_id: int, pair: list[int], text: str, version: int) -> None:
    first, second = sorted(pair)
    with writing(site.engine) as session:
        project = session.get_one(Project, project_id)
        project.guideline_revision += 1
        session.add(
            Guideline(
                project_id=project_id,
                subject=f"{first}-{second}",
                label_id=first,
                other_id=second,
                version=version,
                revision=project.guideline_revision,
                text=text,
                salt="0" * 32,
                at=datetime(2026, 5, 4, tzinfo=UTC),
            )
        )


def pair_at_hand(page: Page) -> tuple[list[int], list[str]]:
    start = json.loads(page.locator("[data-part=start]").inner_text())
    card = start["examples"][0]
    names = {label["id"]: label["name"] for label in start["labels"]}
    pair = sorted([card["given"], next(one for one, _ in card["options"] if one != card["given"])])
    return pair, [names[one] for one in pair]


def test_the_rule_for_the_pair_stands_there_and_opens_first(site: Site, filled: Filled) -> None:
    ready(site.open(AMIRA, f"/review/{filled.batch_id}"))
    page = site.open(AMIRA, f"/review/{filled.batch_id}")  # its first examples are held now
    assert page.locator("pair-rule").count() == 0
    pair, names = pair_at_hand(page)
    write(site, filled.project_id, pair, TEXT, 1)
    page = site.open(AMIRA, f"/review/{filled.batch_id}")
    rule = page.locator("pair-rule")
    assert f"{names[0]} or {names[1]}" in rule.inner_text()
    assert "Ask when <b>it</b> came: how" in rule.inner_text() and rule.locator("b").count() == 0
    assert rule.locator("a").all_inner_texts() == ["how"]
    page.keyboard.press("g")
    first = page.locator("words-dialog dialog[open] section").first
    assert f"{names[0]} and {names[1]} v1" in first.inner_text()
    assert first.locator("a").get_attribute("rel") == "noopener noreferrer nofollow"
    page.keyboard.press("g")
    write(site, filled.project_id, pair, "Another one.", 2)
    press(page, "a")
    saved(page)
    said = page.locator("[data-part=messages]").inner_text()
    assert f"The guideline for {names[0]} and {names[1]} changed to v2." in said


def test_a_blind_read_is_not_told_which_two_labels_are_meant(site: Site) -> None:
    filled = site.fill(text_plan(20, mode=Mode.BLIND, labels=("late", "lost", "fees")))
    every = [*filled.labels.values()]
    pairs = [every[:2], every[1:], [every[0], every[2]]]
    for place, pair in enumerate(pairs):
        write(site, filled.project_id, pair, f"Rule number {place}.", 1)
    page = site.open(AMIRA, f"/review/{filled.batch_id}")
    ready(page)
    assert page.locator("pair-rule").text_content() == ""
    page.keyboard.press("g")
    said = page.locator("words-dialog dialog[open]").inner_text()
    assert [said.index(f"Rule number {place}.") for place in (0, 1, 2)] == sorted(
        said.index(f"Rule number {place}.") for place in (0, 1, 2)
    ), "all of them, in the order in which they were written"
