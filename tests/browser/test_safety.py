"""What people import or type is shown, never run; the policy is never even tried."""

from __future__ import annotations

from dataclasses import replace

from playwright.sync_api import Page, Request
from sqlalchemy import update

from app.db.engine import writing
from app.db.tables.accounts import Person
from app.db.tables.datasets import Example, Label, Project
from app.db.tables.review import Batch
from app.db.words import Mode
from bench.desk_site import image_plan, make_people, tabular_plan, text_plan
from tests.browser.conftest import Site
from tests.browser.hands import decisions, press, ready, saved
from tests.browser.payloads import PAYLOADS


def watched(site: Site, page: Page) -> list[str]:
    """Reports the browser sends to the policy's address."""
    reports: list[str] = []

    def listen(request: Request) -> None:
        if "csp-report" in request.url:
            reports.append(request.post_data or request.url)

    page.on("request", listen)
    page.on("dialog", lambda dialog: reports.append("a dialog opened"))
    page.reload()
    ready(page)
    return reports


def nothing_ran(page: Page, reports: list[str]) -> None:
    page.wait_for_timeout(100)
    assert page.evaluate("() => window.__x") is None
    assert page.locator("bdi *:not(b), .example-text *:not(.hidden-character)").count() == 0
    assert reports == []


def taint(site: Site, project_id: int) -> None:
    """Every name a person can write, beside the examples."""
    with writing(site.engine) as session:
        session.execute(update(Project).values(name=PAYLOADS[1], guideline="\n".join(PAYLOADS)))
        session.execute(update(Batch).values(name=PAYLOADS[4]))
        session.execute(update(Person).values(name=PAYLOADS[6]))
        session.execute(
            update(Example)
            .where(Example.project_id == project_id)
            .values(key=Example.key + PAYLOADS[31])
        )
        label = session.query(Label).where(Label.project_id == project_id).first()
        assert label is not None
        label.description, label.synonyms = PAYLOADS[4], [PAYLOADS[0]]


def test_hostile_texts_and_names_are_shown_as_they_are(site: Site) -> None:
    plan = text_plan(len(PAYLOADS), meta=[("channel", PAYLOADS[4]), (PAYLOADS[31], PAYLOADS[32])])
    hostile = [
        dict(content, text=text) for content, text in zip(plan.contents, PAYLOADS, strict=True)
    ]
    names = [text[:200] for text in PAYLOADS]
    filled = site.fill(replace(plan, contents=hostile, labels=names))
    taint(site, filled.project_id)
    page = site.open("Amira Said", f"/review/{filled.batch_id}")
    reports = watched(site, page)
    for turn in range(len(PAYLOADS) - 1):
        ready(page)
        shown = page.locator(".example-text").text_content()
        assert shown in PAYLOADS
        page.keyboard.press("a" if turn % 2 else "1")
    saved(page)
    press(page, "/")
    for letter in "<scr":
        page.keyboard.press(letter)
    page.keyboard.press("Escape")
    for key in ("g", "Escape", "m", "Escape", "[", "]"):
        page.keyboard.press(key)
    nothing_ran(page, reports)
    page.goto(f"{site.url}/")
    assert PAYLOADS[4] in (page.locator("body").text_content() or "")
    nothing_ran(page, reports)
    assert len(decisions(site)) == len(PAYLOADS) - 1
    assert site.noise == []


def test_hostile_tables_are_shown_as_they_are(site: Site) -> None:
    plan = tabular_plan(len(PAYLOADS))
    hostile = [{"fields": [[text, text, True]]} for text in PAYLOADS]
    filled = site.fill(replace(plan, contents=hostile))
    page = site.open("Amira Said", f"/review/{filled.batch_id}")
    reports = watched(site, page)
    for _ in range(len(PAYLOADS) - 1):
        press(page, "1")
    saved(page)
    nothing_ran(page, reports)
    assert site.noise == []


def test_what_a_mode_hides_is_not_in_the_page(site: Site) -> None:
    filled = site.fill(text_plan(20, mode=Mode.BLIND, scored=False))
    page = site.open("Amira Said", "/")
    body = page.request.get(f"{site.url}/review/{filled.batch_id}").text()
    start = body.split('data-part="start">')[1].split("</script>")[0]
    assert '"given"' not in start
    assert '"options"' not in start
    assert "given-tag" not in body


def test_hidden_characters_can_be_seen(site: Site) -> None:
    plan = text_plan(1)
    text = "pay\u202eLAP\u202c now\u200b"
    filled = site.fill(replace(plan, contents=[{"text": text}]))
    page = site.open("Amira Said", f"/review/{filled.batch_id}")
    ready(page)
    page.get_by_role("button", name="3 hidden characters: show").click()
    assert page.locator(".hidden-character").all_inner_texts() == ["U+202E", "U+202C", "U+200B"]


def test_images_are_for_the_people_of_their_project(site: Site) -> None:
    filled = site.fill(image_plan(site.engine, site.blobs, 12))
    address = f"{site.url}/media/{filled.examples[0]}"
    reply = site.open("Amira Said", "/").request.get(address)
    assert (reply.status, reply.headers["content-type"]) == (200, "image/png")
    site.people |= make_people(site.engine, ("Stranger Danger",))
    stranger = site.open("Stranger Danger", "/").request
    assert stranger.get(address).status == 404
    assert stranger.get(f"{site.url}/review/{filled.batch_id}").status == 404
    assert stranger.get(f"{site.url}/media/999999").status == 404
