"""The example beside one of those most like it, and the image under the hand."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page
from sqlalchemy import update

from app.db.engine import writing
from app.db.tables.ranking import Score
from app.db.words import Mode
from bench.desk_site import Plan, image_plan, tabular_plan, text_plan
from tests.browser.conftest import Site
from tests.browser.hands import decisions, press, ready, scripted

AMIRA = "Amira Said"
OWN = "My card is late, where is it? <b>Not</b> a tag."


def texts(*others: str, mode: Mode = Mode.EVERYTHING) -> Plan:
    plan = text_plan(0, mode=mode)
    return Plan(
        plan.name, plan.data_type, plan.labels, [{"text": OWN}, *({"text": t} for t in others)],
        mode=mode, batch_size=1,
    )  # fmt: skip


def marked(page: Page, column: int) -> list[str]:
    return page.locator(".compare section").nth(column).locator("mark").all_inner_texts()


def title(page: Page) -> str:
    return page.locator("compare-dialog h2").inner_text()


def test_words_that_differ_are_marked_and_keys_step_through_the_neighbours(site: Site) -> None:
    others = [f"My card is LATE, where was it? Number {n}." for n in range(8)]
    filled = site.fill(texts(*others))
    near = [[example, 0.9 - 0.01 * n] for n, example in enumerate(filled.examples[1:7])]
    with writing(site.engine) as session:
        session.execute(
            update(Score).where(Score.example_id == filled.examples[0]).values(neighbours=near)
        )
    page = site.open(AMIRA, f"/review/{filled.batch_id}")
    press(page, "c")
    dialog = page.locator("compare-dialog dialog")
    assert title(page) == "Similar example 1 of 6"
    first, second = page.locator(".compare section").all()
    assert first.locator(".example-text").inner_text() == OWN
    assert marked(page, 0) == ["is", "b>Not</b> a tag"]
    assert marked(page, 1) == ["was", "Number 0"], "case is no difference"
    line, paper = second.locator("mark").first.evaluate(
        """mark => [getComputedStyle(mark).textDecorationLine,
                    getComputedStyle(mark).backgroundColor]"""
    )
    assert line == "underline" and paper != "rgba(0, 0, 0, 0)"
    assert page.locator(".compare b").count() == 0, "content is never markup"
    assert second.locator(".chip").count() == 1, "its label, as the mode shows it"
    seen = [second.locator(".example-text").inner_text()]
    for key in ("ArrowRight", "]"):
        page.keyboard.press(key)
        seen.append(page.locator(".compare section").nth(1).locator(".example-text").inner_text())
    assert title(page) == "Similar example 3 of 6"
    assert len(set(seen)) == 3
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("[")
    page.keyboard.press("[")
    assert title(page) == "Similar example 6 of 6"
    page.get_by_role("button", name="Next").click()
    assert title(page) == "Similar example 1 of 6"
    page.keyboard.press("a")
    page.keyboard.press("1")
    page.keyboard.press("c")
    assert not dialog.is_visible()
    page.locator(".tools [data-do=compare]").click()
    assert dialog.is_visible()
    page.keyboard.press("Escape")
    assert not dialog.is_visible()
    assert decisions(site) == []
    assert site.noise == []


@pytest.mark.parametrize(
    ("one", "other", "cut", "expected"),
    [
        ("a b c", "a x c", False, [["b"], ["x"]]),
        ("same words", "Same, words!", False, [[], []]),
        ("one two three four", "one four", False, [["two three"], []]),
        ("start and much more text", "start an", True, [[], []]),
        ("start und much more", "start and much mo", True, [["und"], ["and"]]),
        ("", "a", False, [[], ["a"]]),
        ("我的卡在哪里", "我的猫在哪里", False, [["卡"], ["猫"]]),
    ],
)
def test_what_differs(
    one: str, other: str, cut: bool, expected: list[list[str]], browser: Browser
) -> None:
    page = scripted(browser, "differing.js")
    found = page.evaluate(
        "async (texts) => (await import('/differing.js')).differing(...texts)",
        [one, other, cut],
    )
    page.close()
    assert ["".join(text for text, _ in side) for side in found] == [one, other]
    assert [[text for text, differs in side if differs] for side in found] == expected


def test_blind_compares_without_labels(site: Site) -> None:
    filled = site.fill(texts("My card is here.", "Where is it?", mode=Mode.BLIND))
    page = site.open(AMIRA, f"/review/{filled.batch_id}")
    ready(page)
    page.keyboard.press("Escape")
    page.keyboard.press("c")
    assert title(page).startswith("Similar example 1 of")
    assert page.locator(".compare .chip, .compare .relabeled").count() == 0


def test_fields_that_differ_are_marked(site: Site) -> None:
    filled = site.fill(tabular_plan(20))
    page = site.open(AMIRA, f"/review/{filled.batch_id}")
    press(page, "c")
    rows = page.locator(".compare tbody tr")
    assert rows.locator("th").all_inner_texts() == ["age", "balance", "occupation"]
    for row in rows.all():
        own, near = row.locator("td").all_inner_texts()
        assert row.locator("mark").count() == (2 if own != near else 0)


def test_without_neighbours_there_is_nothing_to_compare(site: Site) -> None:
    filled = site.fill(text_plan(5, scored=False))
    page = site.open(AMIRA, f"/review/{filled.batch_id}")
    press(page, "c")
    assert page.locator("dialog[open]").count() == 0
    assert page.locator(".tools [data-do=compare]").is_disabled()


def scales(page: Page, views: str) -> list[float]:
    found: list[float] = page.evaluate(
        """(views) => [...document.querySelectorAll(views + " img")].map(
          (image) => new DOMMatrix(getComputedStyle(image).transform).a)""",
        views,
    )
    return found


def test_two_images_zoom_and_move_as_one(site: Site) -> None:
    filled = site.fill(image_plan(site.engine, site.blobs, 12, side=28))
    page = site.open(AMIRA, f"/review/{filled.batch_id}")
    press(page, "c")
    page.wait_for_function(
        """() => [...document.querySelectorAll(".compare .view img")].every(
          (image) => image.complete && image.classList.contains("crisp"))"""
    )
    fitted = scales(page, ".compare .view")
    assert len(fitted) == 2 and fitted[0] == pytest.approx(fitted[1])
    box = page.locator(".compare .view").nth(1).bounding_box()
    assert box
    page.mouse.move(box["x"] + 50, box["y"] + 60)
    page.mouse.wheel(0, -400)
    page.wait_for_timeout(50)
    zoomed = scales(page, ".compare .view")
    assert zoomed[0] == pytest.approx(zoomed[1]) and zoomed[0] > 2 * fitted[0]
    page.mouse.down()
    page.mouse.move(box["x"] + 90, box["y"] + 100, steps=3)
    page.mouse.up()
    places = page.evaluate(
        """() => [...document.querySelectorAll(".compare .view img")].map(
          (image) => new DOMMatrix(getComputedStyle(image).transform).e)"""
    )
    assert places[0] == pytest.approx(places[1])
    page.keyboard.press("i")
    assert page.locator(".compare img.invert").count() == 2
    page.keyboard.press("f")
    assert scales(page, ".compare .view") == pytest.approx(fitted)
    assert site.noise == []
