"""One's own keys: bound on the page of one's account, printed and obeyed at the desk."""

from __future__ import annotations

from typing import Any

from app.accounts.keys import bind_keys, keys_of
from app.db.engine import reading, writing
from app.db.words import Mode
from bench.desk_site import image_plan, text_plan
from tests.browser.conftest import Site
from tests.browser.hands import decisions, press, ready, saved, shown_key

AMIRA = "Amira Said"
LAYOUTS: list[tuple[dict[str, Any], str]] = [
    ({"key": "&", "code": "Digit1"}, "option:1"),  # AZERTY
    ({"key": "-", "code": "Digit6"}, "option:6"),  # AZERTY
    ({"key": "1", "code": "Digit1", "shiftKey": True}, "option:1"),  # AZERTY with Shift
    ({"key": "+", "code": "Digit1"}, "option:1"),  # Czech
    ({"key": "/", "code": "Digit7", "shiftKey": True}, "label"),  # QWERTZ
    ({"key": "?", "code": "Minus", "shiftKey": True}, "help"),  # QWERTZ
    ({"key": "z", "code": "KeyY"}, "undo"),  # QWERTZ
    ({"key": "y", "code": "KeyZ"}, ""),
    ({"key": "q", "code": "KeyA"}, ""),  # AZERTY: the letter counts, not its place
    ({"key": "a", "code": "KeyQ"}, "confirm"),
    ({"key": "ф", "code": "KeyA"}, "confirm"),  # Cyrillic: the place, as no Latin letter is there
    ({"key": "Я", "code": "KeyZ", "shiftKey": True}, "redo"),
    ({"key": "A", "code": "KeyA"}, "confirm"),  # Caps Lock
    ({"key": "[", "code": "Digit8", "ctrlKey": True, "altKey": True}, "earlier"),  # AltGr
    ({"key": "€", "code": "KeyE", "ctrlKey": True, "altKey": True}, ""),
    ({"key": "å", "code": "KeyA", "altKey": True}, "confirm"),  # macOS with Alt
    ({"key": "=", "code": "Equal"}, "in"),
    ({"key": "−", "code": "Minus"}, "out"),
    ({"key": "z", "code": "KeyZ", "ctrlKey": True}, "undo"),
    ({"key": "Z", "code": "KeyZ", "ctrlKey": True, "shiftKey": True}, "redo"),
    ({"key": "a", "code": "KeyA", "ctrlKey": True}, ""),
    ({"key": "a", "code": "KeyA", "repeat": True}, ""),
    ({"key": "a", "code": "KeyA", "isComposing": True}, ""),
    ({"key": "Process", "code": "KeyA", "isComposing": True}, ""),
    ({"key": "ArrowLeft", "code": "ArrowLeft"}, "earlier"),
    ({"key": "ArrowLeft", "code": "ArrowLeft", "altKey": True}, ""),  # the browser's own
    ({"key": "L", "code": "KeyL", "shiftKey": True}, "lock"),
    ({"key": "l", "code": "KeyL"}, ""),
    ({"key": "3", "code": "Numpad3"}, "option:3"),
]


def bind(site: Site, **keys: str) -> None:
    with writing(site.engine) as session:
        bind_keys(session, site.people[AMIRA], keys)


def single(site: Site) -> bool:
    with reading(site.engine) as session:
        return keys_of(session, site.people[AMIRA]).single


def test_keys_are_bound_on_the_page_and_obeyed_at_the_desk(site: Site) -> None:
    filled = site.fill(text_plan(20))
    page = site.open(AMIRA, "/me")
    page.get_by_label("Skip").press("j")
    page.get_by_label("Confirm the given label").press("Shift+K")
    page.get_by_label("Undo, as far back").press("Home")
    page.get_by_role("button", name="Save keys").click()
    page.wait_for_url("**/me?done=saved")
    page.goto(f"{site.url}/review/{filled.batch_id}")
    ready(page)
    first = shown_key(page)
    bar = page.locator(".decision-bar")
    assert bar.locator("[data-do=skip] kbd").inner_text() == "J"
    assert bar.locator("[data-do=skip]").get_attribute("aria-keyshortcuts") == "J"
    assert bar.locator("[data-do=confirm] kbd").inner_text() == "⇧K"
    assert page.locator(".option.given kbd").inner_text() == "⇧K"
    assert page.locator(".option.given").get_attribute("aria-keyshortcuts") == "Shift+K"
    assert bar.locator("[data-do=undo]").get_attribute("aria-keyshortcuts") == "Home Control+Z"
    for old in ("s", "a", "k"):
        page.keyboard.press(old)
    page.wait_for_timeout(200)
    assert shown_key(page) == first and decisions(site) == [], "the old keys are free"
    press(page, "Shift+K")
    saved(page)
    assert len(decisions(site)) == 1
    page.keyboard.press("Home")
    assert shown_key(page) == first
    press(page, "j")
    assert shown_key(page) != first
    page.keyboard.press("?")
    rows = page.locator(".key-list > div", has_text="Skip")
    assert rows.locator("kbd").inner_text() == "J"
    page.get_by_role("link", name="Change keys").click()
    page.wait_for_url("**/me#keys")
    page.get_by_role("button", name="Back to defaults").click()
    page.wait_for_url("**/me?done=saved")
    assert page.get_by_label("Skip").input_value() == "S"
    assert site.noise == []


def test_a_clash_is_said_and_nothing_is_lost(site: Site) -> None:
    page = site.open(AMIRA, "/me")
    page.get_by_label("Skip").press("n")
    page.get_by_label("Details").press("d")
    page.get_by_role("button", name="Save keys").click()
    said = page.get_by_role("alert").inner_text()
    assert "“Skip” and “Note” clash" in said
    assert page.locator("[aria-invalid=true]").count() == 2
    assert page.get_by_label("Details").input_value() == "D"


def test_without_script_the_keys_are_a_form(site: Site) -> None:
    page = site.open(AMIRA, "/me", java_script_enabled=False)
    page.get_by_label("Skip").fill("pagedown")
    page.get_by_label("Single keys").uncheck()
    page.get_by_role("button", name="Save keys").click()
    assert page.get_by_label("Skip").input_value() == "PageDown"
    assert not single(site)


def test_what_is_asked_in_dialogs_prints_and_takes_the_bound_keys(site: Site) -> None:
    bind(site, confirm="j", label="y", details="d")
    filled = site.fill(text_plan(20, mode=Mode.DECIDE_FIRST))
    page = site.open(AMIRA, f"/review/{filled.batch_id}")
    ready(page)
    page.keyboard.press("Escape")
    page.keyboard.press("d")
    page.locator("words-dialog dialog[open]").wait_for()
    page.keyboard.press("d")
    page.locator("words-dialog dialog[open]").wait_for(state="detached")
    assert page.locator(".label-field kbd").inner_text() == "Y"
    page.keyboard.press("y")
    page.keyboard.type("Exchange rate is late")
    page.keyboard.press("Enter")
    panel = page.locator("first-answer dialog")
    panel.wait_for()
    assert panel.locator('[value="given"] kbd').inner_text() == "J"
    page.keyboard.press("a")
    assert panel.is_visible()
    page.keyboard.press("j")
    saved(page)
    assert decisions(site)[0].verdict.value == "confirm"


def test_the_switch_of_the_desk_is_the_one_of_the_account(site: Site) -> None:
    filled = site.fill(text_plan(20))
    page = site.open(AMIRA, f"/review/{filled.batch_id}")
    press(page, "?")
    with page.expect_response("**/api/v1/me/keys"):
        page.get_by_role("checkbox", name="Single-key shortcuts").uncheck()
    assert not single(site)
    page.keyboard.press("Escape")
    page.reload()
    ready(page)
    page.keyboard.press("1")
    page.wait_for_timeout(200)
    assert decisions(site) == []
    assert not page.locator(".decision-bar kbd").first.is_visible(), "no cap that does nothing"
    room = page.locator(".option-name").first.bounding_box()
    assert room and room["width"] > 200, "the name has the place of its cap"
    assert page.locator(".counts .help kbd").is_visible()
    press(page, "Alt+1")
    press(page, "Alt+x")
    page.keyboard.press("2")
    assert page.locator("remove-menu dialog").is_visible(), "2 is a single key here too"
    page.keyboard.press("Alt+2")
    saved(page)
    assert [one.verdict.value for one in decisions(site)] == ["relabel", "remove"]
    other = site.open(AMIRA, "/me")
    other.get_by_label("Single keys").check()
    other.get_by_role("button", name="Save keys").click()
    other.wait_for_url("**/me?done=saved")
    page.reload()
    press(page, "1")
    saved(page)
    assert len(decisions(site)) == 3


def test_the_switch_holds_offline_and_is_told_on_return(site: Site) -> None:
    filled = site.fill(text_plan(20))
    page = site.open(AMIRA, f"/review/{filled.batch_id}")
    ready(page)
    page.context.set_offline(True)
    page.keyboard.press("?")
    page.get_by_role("checkbox", name="Single-key shortcuts").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("s")
    page.wait_for_timeout(200)
    assert page.locator("[data-part=last]").inner_text() == ""
    assert single(site)
    with page.expect_response("**/api/v1/me/keys"):
        page.context.set_offline(False)
    assert not single(site)
    left = page.evaluate("() => localStorage.getItem('relabel.single-keys')")
    assert left is None, "nothing is left to tell"


def test_one_persons_switch_is_not_anothers(site: Site) -> None:
    filled = site.fill(text_plan(20))
    page = site.open(AMIRA, f"/review/{filled.batch_id}")
    page.evaluate(
        """() => localStorage.setItem("relabel.single-keys",
          JSON.stringify({ person: "r-nobody", on: false }))"""
    )
    page.reload()
    press(page, "1")
    saved(page)
    assert len(decisions(site)) == 1


def test_keys_of_other_layouts_do_what_they_print(site: Site) -> None:
    filled = site.fill(image_plan(site.engine, site.blobs, 4))
    page = site.open(AMIRA, f"/review/{filled.batch_id}")
    found = page.evaluate(
        """async (struck) => {
          const { actionOf } = await import("/static/review/keys.js");
          return struck.map((key) => actionOf(new KeyboardEvent("keydown", key), true));
        }""",
        [key for key, _ in LAYOUTS],
    )
    assert list(zip([key for key, _ in LAYOUTS], found, strict=True)) == LAYOUTS
