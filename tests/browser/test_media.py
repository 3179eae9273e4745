"""What is shown: images under the hand, tables and texts as they are, on every screen."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from playwright.sync_api import Browser, Page
from sqlalchemy import update

from app.db.engine import writing
from app.db.tables.ranking import Score, ScoringRun
from app.db.words import DataType, Mode
from bench.desk_site import Plan, image_plan, tabular_plan, text_plan
from tests.browser.conftest import Site
from tests.browser.hands import press, ready, scripted

AMIRA = "Amira Said"
PLACE = """() => {
  const image = document.querySelector("image-view img");
  const { a, e, f } = new DOMMatrix(getComputedStyle(image).transform);
  const { x, y, width } = image.getBoundingClientRect();
  return { scale: a, x, y, width, right: e, down: f };
}"""


def place(page: Page) -> dict[str, float]:
    page.wait_for_timeout(30)
    found: dict[str, float] = page.evaluate(PLACE)
    return found


def image_desk(site: Site, side: int = 28, **more: Any) -> Page:
    filled = site.fill(image_plan(site.engine, site.blobs, 20, side=side))
    page = site.open(AMIRA, f"/review/{filled.batch_id}", **more)
    ready(page)
    return page


def test_an_image_fits_zooms_at_the_pointer_and_is_dragged(site: Site) -> None:
    page = image_desk(site)
    fitted = place(page)
    page.keyboard.press("o")
    assert place(page)["scale"] == 1
    page.keyboard.press("f")
    assert place(page) == fitted
    page.keyboard.press("+")
    assert place(page)["scale"] == pytest.approx(fitted["scale"] * 1.25)
    page.keyboard.press("-")
    page.keyboard.press("f")
    x, y = fitted["x"] + 40, fitted["y"] + 30
    page.mouse.move(x, y)
    page.mouse.wheel(0, -200)
    near = place(page)
    grown = near["scale"] / fitted["scale"]
    assert grown > 1.5
    assert near["x"] == pytest.approx(x - 40 * grown, abs=1), "what is under the pointer stays"
    assert near["y"] == pytest.approx(y - 30 * grown, abs=1)
    page.mouse.down()
    page.mouse.move(x + 25, y + 15, steps=4)
    page.mouse.up()
    moved = place(page)
    assert (moved["x"] - near["x"], moved["y"] - near["y"]) == pytest.approx((25, 15), abs=1)
    page.locator("[data-do=fit]").click()
    assert place(page) == fitted
    assert site.noise == []


def test_two_fingers_zoom_between_them(site: Site) -> None:
    page = image_desk(site, has_touch=True, viewport={"width": 820, "height": 1180})
    fitted = place(page)
    touch = page.context.new_cdp_session(page)
    middle = (fitted["x"] + 100, fitted["y"] + 100)

    def fingers(kind: str, apart: float) -> None:
        points = [
            {"x": middle[0] - apart, "y": middle[1], "id": 1},
            {"x": middle[0] + apart, "y": middle[1], "id": 2},
        ]
        touch.send(
            "Input.dispatchTouchEvent",
            {"type": kind, "touchPoints": [] if kind == "touchEnd" else points},
        )

    fingers("touchStart", 20)
    for apart in (25, 30, 35, 40):
        fingers("touchMove", apart)
    fingers("touchEnd", 0)
    near = place(page)
    assert near["scale"] / fitted["scale"] == pytest.approx(2, rel=0.05)
    assert near["x"] == pytest.approx(middle[0] - 200, abs=12)


def test_contrast_and_invert_are_views_only_and_gone_with_the_example(site: Site) -> None:
    page = image_desk(site)
    image = page.locator("image-view img")
    for key, name in (("k", "contrast"), ("i", "invert")):
        page.keyboard.press(key)
        button = page.locator(f".tools [data-do={name}]")
        assert button.get_attribute("aria-pressed") == "true"
        assert name in (image.get_attribute("class") or "").split()
    assert "invert" in image.evaluate("image => getComputedStyle(image).filter")
    page.keyboard.press("+")
    press(page, "2")
    ready(page)
    assert image.evaluate("image => getComputedStyle(image).filter") == "none"
    assert page.locator(".tools [data-do=invert]").get_attribute("aria-pressed") == "false"


def test_a_locked_view_stays_for_the_next_example(site: Site) -> None:
    page = image_desk(site)
    page.keyboard.press("o")
    page.keyboard.press("i")
    page.keyboard.press("Shift+L")
    lock = page.locator(".tools [data-do=lock]")
    assert lock.get_attribute("aria-pressed") == "true"
    press(page, "2")
    ready(page)
    assert place(page)["scale"] == 1
    assert page.locator("image-view img.invert").count() == 1
    lock.click()
    press(page, "2")
    ready(page)
    assert place(page)["scale"] > 1
    assert lock.get_attribute("aria-pressed") == "false"


@pytest.mark.parametrize(("side", "crisp"), [(8, True), (28, True), (400, False)])
def test_small_images_show_their_pixels_and_large_ones_do_not(
    site: Site, side: int, crisp: bool
) -> None:
    page = image_desk(site, side)
    drawn = "image => getComputedStyle(image).imageRendering"
    assert (page.locator("image-view img").evaluate(drawn) == "pixelated") is crisp
    assert (page.locator(".neighbours img").first.evaluate(drawn) == "pixelated") is crisp
    before = place(page)["scale"]
    page.keyboard.press("+")
    assert place(page)["scale"] > before, "however far it was enlarged to fit"
    if side == 28:
        page.keyboard.press("o")
        assert page.locator("image-view img").evaluate(drawn) != "pixelated"


def test_unusual_values_are_marked_in_words(site: Site) -> None:
    filled = site.fill(tabular_plan(20))
    with writing(site.engine) as session:
        session.execute(update(Score).values(facts={"unusual": ["age"]}))
    page = site.open(AMIRA, f"/review/{filled.batch_id}")
    press(page, "1")
    ready(page)
    assert page.locator(".field-list dd").first.locator(".chip").inner_text() == "unusual"


def test_a_text_says_its_language(site: Site) -> None:
    texts = [{"text": f"Wo ist meine Karte {n}?"} for n in range(6)]
    plan = Plan("Fragen", DataType.TEXT, ["a", "b"], texts, meta=[("Language", "de_AT")])
    filled = site.fill(plan)
    page = site.open(AMIRA, f"/review/{filled.batch_id}")
    press(page, "1")
    ready(page)
    shown = page.locator(".example-text")
    assert (shown.get_attribute("lang"), shown.get_attribute("dir")) == ("de-AT", "auto")


def test_labels_are_ranked_exact_prefix_probability_frequency(browser: Browser) -> None:
    page = scripted(browser, "label-index.js")
    labels = [
        {"id": 1, "name": "Card payment", "count": 5},
        {"id": 2, "name": "Card arrival", "count": 9},
        {"id": 3, "name": "Card"},
        {"id": 4, "name": "Lost card", "count": 50},
        {"id": 5, "name": "Plastic", "synonyms": ["card of plastic"]},
        {"id": 6, "name": "Chip", "description": "What is on a card."},
        {"id": 7, "name": "Payment", "code": "card-07"},
        {"id": 8, "name": "Discard"},
        {"id": 9, "name": "Card limit", "count": 7},
        {"id": 10, "name": "Geldkarte", "synonyms": ["card"]},
    ]
    found = page.evaluate(
        """async ([labels, query]) => {
          const { LabelIndex } = await import("/label-index.js");
          const found = new LabelIndex(labels).find(query, new Map([[9, 0.2]]));
          return found.map(({ label }) => label.id);
        }""",
        [labels, "card"],
    )
    page.close()
    assert found == [3, 9, 2, 1, 10, 4, 5, 7, 6]


def test_the_desk_sends_how_frequent_each_label_is(site: Site) -> None:
    filled = site.fill(text_plan(20))
    label = list(filled.labels.values())[3]
    with writing(site.engine) as session:
        session.execute(update(ScoringRun).values(counts={"labels": [[label, 12]]}))
    page = site.open(AMIRA, f"/review/{filled.batch_id}")
    ready(page)
    counts = page.evaluate(
        "() => document.querySelector('review-desk').labels.map(({ count }) => count ?? 0)"
    )
    assert (counts[3], sum(counts)) == (12, 12)


SCREENS = [(820, 1180), (390, 844)]
TARGETS = """() => [...document.querySelectorAll("a, button, input, select, [role=option]")]
  .filter((one) => one.checkVisibility({ visibilityProperty: true }) && one.offsetParent)
  .map((one) => [one.closest("label") ?? one])
  .map(([one]) => [one.outerHTML.slice(0, 90), one.getBoundingClientRect()])
  .filter(([, { width, height }]) => width && height && (height < 48 || width < 48))
  .map(([what, { width, height }]) => `${Math.round(width)} x ${Math.round(height)} ${what}`)"""


@pytest.mark.parametrize(("width", "height"), SCREENS)
def test_targets_are_48_for_fingers_and_nothing_runs_over(
    site: Site, width: int, height: int
) -> None:
    plans = [
        text_plan(20, guideline="Look at the verb.", meta=[("channel", "a long channel name")]),
        image_plan(site.engine, site.blobs, 20, side=28, guideline="Look."),
        tabular_plan(20),
    ]
    for plan in plans:
        filled = site.fill(plan)
        page = site.open(
            AMIRA,
            f"/review/{filled.batch_id}",
            viewport={"width": width, "height": height},
            has_touch=True,
            is_mobile=True,
        )
        ready(page)
        assert page.evaluate("() => matchMedia('(pointer: coarse)').matches")
        small = page.evaluate(TARGETS)
        assert small == [], plan.name
        wide = page.evaluate("() => document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, plan.name
        tools = page.locator(".tools").bounding_box()
        assert tools and tools["x"] >= 0 and tools["x"] + tools["width"] <= width
        assert page.locator(".desk kbd:visible:not(.sign, .help kbd)").count() == 0
        page.locator("[data-do=compare]").click()
        page.locator("compare-dialog dialog[open]").wait_for()
        assert page.evaluate(TARGETS) == [], f"{plan.name}, side by side"


@pytest.mark.parametrize("width", [1440, 1280, 820])
@pytest.mark.parametrize("mode", [Mode.EVERYTHING, Mode.DECIDE_FIRST])
def test_similar_pictures_are_whole_whatever_is_hidden(site: Site, mode: Mode, width: int) -> None:
    filled = site.fill(replace(image_plan(site.engine, site.blobs, 8), mode=mode))
    viewport = {"width": width, "height": 800}
    page = site.open("Amira Said", f"/review/{filled.batch_id}", viewport=viewport)
    ready(page)
    dock = page.locator(".dock").bounding_box()
    pictures = page.locator(".dock img").all()
    assert dock is not None and pictures
    for picture in pictures:
        box = picture.bounding_box()
        assert box and box["y"] + box["height"] <= dock["y"] + dock["height"]
