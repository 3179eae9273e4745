"""A name of sixty letters on every page: it wraps or its tooltip has it, and nothing runs over."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from app.db.engine import writing
from app.db.tables.datasets import Label
from app.db.words import Mode
from bench.desk_site import image_plan, text_plan
from tests.browser.conftest import Site, serving
from tests.browser.everything import SETTLED, Everything, everything
from tests.browser.hands import ready
from tests.sweeps.world import World, world

__all__ = ["world"]

AMIRA = "Amira Said"
LEAD = "Lena Koch"
WIDTHS = (390, 820, 1280, 1440)
JOINED = "a_label_whose_name_is_sixty_letters_long_and_goes_on_to_the_e"
SHOWN = "A label whose name is sixty letters long and goes on to the e"
ONE_WORD = "Donaudampfschifffahrtselektrizitaetenhauptbetriebswerkbauunt"
# What is wider than the screen, and a name that runs over its box; each has a tooltip of its own.
WRONG = """() => {
  const style = (part) => getComputedStyle(part);
  const seen = (part) => part.checkVisibility({ visibilityProperty: true })
    && part.getClientRects().length > 0 && !part.closest("[data-part=live], .unseen");
  const wide = document.documentElement.scrollWidth > innerWidth ? ["the page is wider"] : [];
  for (const name of document.querySelectorAll(".label-name")) {
    const clip = name.closest(".neighbours ol")?.getBoundingClientRect();
    const box = name.getBoundingClientRect();
    if (!seen(name) || (clip && box.left >= clip.right)) continue;  // a row that was dropped
    const scrolls = name.closest(".card-table, .chart-scroll, .body-list .listed, table");
    if (box.right > innerWidth + 1 && !scrolls) wide.push(`past the screen: ${name.outerHTML}`);
    for (let part = name; part && part !== document.body; part = part.parentElement) {
      if (style(part).overflowX !== "visible") break;  // cut or scrolled, with a tooltip
      const inner = part.getBoundingClientRect();
      const runs = box.right > inner.right + 1 && inner.width > 0;
      if (runs && style(part).display !== "inline" && !scrolls) {
        wide.push(`past ${part.tagName}.${part.className}: ${name.outerHTML}`);
      }
    }
  }
  return [...new Set(wide)];
}"""


@pytest.fixture
def named(world: World, tmp_path: Path) -> Everything:
    """The site that holds one of everything, each label with a long name."""
    site = everything(world, tmp_path, rows=3)
    with writing(world.cast.engine) as session:
        labels = session.scalars(select(Label).order_by(Label.id)).all()
        for place, label in enumerate(labels):
            label.name = f"{JOINED if place % 2 == 0 else ONE_WORD}{place}"
            label.display = ""
    return site


def _names(html: str) -> bool:
    """Whether a page, or what its scripts draw, names a label."""
    return SHOWN in html or JOINED in html or ONE_WORD in html


def _pages(browser: Browser, url: str, site: Everything) -> Iterator[tuple[str, Page]]:
    pages: dict[str, Page] = {}
    looked_at = set()
    for visit in site.visits():
        if visit.url in looked_at or not _names(site.actor(visit.who).get(visit.url).text):
            continue
        looked_at.add(visit.url)
        if visit.who not in pages:
            context = browser.new_context()
            raw = site.actor(visit.who).raw
            if raw:
                context.add_cookies([{"name": "relabel", "value": raw, "url": url}])
            pages[visit.who] = context.new_page()
        page = pages[visit.who]
        page.goto(url + visit.url)
        page.wait_for_function(SETTLED)
        yield str(visit), page
    for page in pages.values():
        page.context.close()


def test_a_long_name_fits_on_every_page(named: Everything, browser: Browser) -> None:
    wrong: list[str] = []
    shown = 0
    with serving(named.world.cast.app) as url:
        for where, page in _pages(browser, url, named):
            for width in WIDTHS:
                page.set_viewport_size({"width": width, "height": 844})
                wrong += [f"{where} at {width}: {one}" for one in page.evaluate(WRONG)]
            shown += SHOWN in page.locator("body").inner_text()
    assert wrong == [], "\n".join(wrong)
    assert shown > 15


def test_the_name_a_lead_chose_stands_on_every_page(world: World, tmp_path: Path) -> None:
    site = everything(world, tmp_path, rows=3)
    with writing(world.cast.engine) as session:
        for label in session.scalars(select(Label)):
            label.name, label.display = f"from_file_{label.id}", f"Chosen {label.id}"
    own, told = set(), 0
    for url, who in {visit.url: visit.who for visit in site.visits()}.items():
        page = site.actor(who).get(url).text
        unseen = r'<script type="application/json".*?</script>|\btitle="[^"]*"'
        text = re.sub(unseen, "", page, flags=re.DOTALL)
        told += "Chosen" in text
        if re.search(r"from.file.\d", text, re.IGNORECASE):
            own.add(url)
    labels = f"/p/{world.cast.project.slug}/labels"
    assert {url for url in own if not url.startswith(labels)} == set(), "there files are spoken of"
    assert told > 25


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("images", [False, True])
def test_at_the_desk_the_share_stands_whole_beside_a_long_name(
    site: Site, width: int, images: bool
) -> None:
    labels = (JOINED, ONE_WORD, "cat")
    plan = (
        image_plan(site.engine, site.blobs, 6, labels=labels)
        if images
        else text_plan(6, labels=labels)
    )
    filled = site.fill(plan)
    page = site.open(AMIRA, f"/review/{filled.batch_id}", viewport={"width": width, "height": 844})
    ready(page)
    assert page.evaluate(WRONG) == []
    row = page.locator(f'.option[data-label="{filled.labels[JOINED]}"]')
    expect(row.locator(".label-name")).to_have_text(SHOWN)
    expect(row.locator(".label-name")).to_have_attribute("title", JOINED)
    box, share = row.bounding_box(), row.locator(".option-percent").bounding_box()
    assert box and share
    assert share["x"] + share["width"] <= box["x"] + box["width"]
    assert share["y"] + share["height"] <= box["y"] + box["height"]
    assert share["width"] > 10


def test_rows_keep_their_places_whatever_the_names(site: Site) -> None:
    filled = site.fill(text_plan(12, labels=[JOINED, ONE_WORD, *(f"kind {n}" for n in range(20))]))
    page = site.open(AMIRA, f"/review/{filled.batch_id}")
    tops = set()
    for _ in range(4):
        ready(page)
        boxes = [row.bounding_box() for row in page.locator(".option").all()]
        tops.add(tuple(box["y"] for box in boxes if box))
        shown = page.locator("[data-part=meta] .mono").inner_text()
        page.keyboard.press("a")
        expect(page.locator("[data-part=meta] .mono")).not_to_have_text(shown)
    assert len(tops) == 1


def test_in_a_low_window_none_of_twelve_long_names_is_sliced(site: Site) -> None:
    labels = [f"{JOINED}_{place}" for place in range(12)]
    filled = site.fill(text_plan(6, labels=labels))
    page = site.open(AMIRA, f"/review/{filled.batch_id}", viewport={"width": 1280, "height": 800})
    ready(page)
    for row in page.locator(".options .option").all():
        name, box = row.locator(".label-name").bounding_box(), row.bounding_box()
        assert name and box and name["y"] >= box["y"]
    tag, given = (page.locator(one).bounding_box() for one in (".given-tag", ".option.given"))
    assert tag and given and tag["y"] + tag["height"] <= given["y"] + given["height"]


def test_blind_reserves_no_room_for_what_it_hides(site: Site) -> None:
    filled = site.fill(text_plan(6, labels=("one", "two", "three"), mode=Mode.BLIND))
    page = site.open(AMIRA, f"/review/{filled.batch_id}")
    ready(page)
    expect(page.locator(".confirm-button")).to_be_hidden()
    expect(page.locator(".option .track").first).to_be_hidden()
    remove = page.locator("[data-do=remove]").bounding_box()
    assert remove and remove["x"] < 40  # nothing stands before it


@pytest.mark.parametrize("width", [820, 1080, 1280])
def test_the_table_of_labels_shows_every_count_at_every_width(site: Site, width: int) -> None:
    filled = site.fill(text_plan(12, labels=[JOINED, *(f"kind_of_label_{n}" for n in range(20))]))
    with writing(site.engine) as session:
        first = session.scalars(select(Label).order_by(Label.id)).first()
        assert first is not None
        first.description, first.synonyms = (
            "What it means, in a sentence of some words.",
            ["a", "b"],
        )
    page = site.open(LEAD, f"/p/{filled.slug}/labels", viewport={"width": width, "height": 900})
    table = page.locator(".labels-table")
    box, card = table.bounding_box(), page.locator(".card").first.bounding_box()
    assert box and card and box["x"] + box["width"] <= card["x"] + card["width"] + 0.5
    expect(table.get_by_role("columnheader", name="Not reviewed")).to_be_in_viewport(ratio=1)
    expect(table.get_by_role("columnheader", name="Key")).to_have_count(0)
