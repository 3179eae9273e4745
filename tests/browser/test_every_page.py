"""axe finds nothing wrong with any page of the site, in any state, light or dark."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from fastapi import FastAPI
from playwright.sync_api import Browser, Page
from playwright.sync_api import Response as Reply
from sqlalchemy import Engine, select, update
from starlette.requests import Request
from starlette.responses import Response

from app.accounts.links import make_link
from app.db.engine import database_now, writing
from app.db.tables.datasets import Example
from app.db.tables.review import Batch, BatchMember
from app.db.words import LinkKind
from app.errors import Conflict
from app.main import create_app
from app.settings import Settings
from tests.browser.conftest import serving
from tests.browser.everything import FIRST_RUN, SETTLED, Everything, everything
from tests.sweeps.world import World, world

__all__ = ["world"]

ROWS = 3
DESKTOP, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
WIDER = """() => [document.documentElement, ...document.querySelectorAll(".body .card-table")]
  .filter((part) => part.scrollWidth > part.clientWidth).map((part) => part.className)"""
ALL = {"resultTypes": ["violations"]}
COLOURS = {
    "runOnly": ["color-contrast", "link-in-text-block"]
}  # a dark theme changes colours and nothing else
ON_A_PHONE = ("/", "/me", "/projects", "/p/{slug}", "/p/{slug}/disagreements",
              "/p/{slug}/disagreements/{disputed}", "/p/{slug}/guidelines",
              "/p/{slug}/examples")  # fmt: skip


class Reader:
    """Looks at pages with axe, light and then dark, and keeps what is wrong."""

    def __init__(self, browser: Browser, url: str, site: Everything | None = None) -> None:
        self.browser, self.url, self.site = browser, url, site
        self.axe = Axe()
        self.wrong: list[str] = []
        self.pages: dict[str, Page] = {}

    def page(self, who: str) -> Page:
        if who not in self.pages:
            context = self.browser.new_context(viewport=DESKTOP)
            raw = self.site.actor(who).raw if self.site else ""
            if raw:
                context.add_cookies([{"name": "relabel", "value": raw, "url": self.url}])
            self.pages[who] = context.new_page()
        return self.pages[who]

    def read(self, who: str, url: str, status: int = 200) -> None:
        page = self.page(who)
        self.check(page, page.goto(self.url + url), status, f"{url} ({who})")

    def check(self, page: Page, reply: Reply | None, status: int, where: str) -> None:
        assert reply is not None and reply.status == status, (where, reply and reply.status)
        page.wait_for_function(SETTLED)
        page.wait_for_load_state()
        self.look(page, where)

    def look(self, page: Page, where: str) -> None:
        page.evaluate(self.axe.axe_script)
        for theme, options in (("light", {}), ("dark", COLOURS)):
            page.emulate_media(color_scheme=theme)
            found = page.evaluate("(options) => axe.run(document, options)", ALL | options)
            self.wrong += [
                f"{where}, {theme}: {one['id']} {node['target']} {node['failureSummary'][:160]}"
                for one in found["violations"]
                for node in one["nodes"]
            ]

    def refused(self, who: str, url: str, button: str, status: int, **fields: str) -> None:
        """A form is filled and sent, past what the browser itself would refuse."""
        page = self.page(who)
        page.goto(self.url + url)
        page.evaluate("() => { for (const form of document.forms) form.noValidate = true }")
        for name, value in fields.items():
            page.locator(f"main [name={name}]").first.fill(value)
        with page.expect_navigation() as going:
            page.get_by_role("button", name=button).click()
        self.check(page, going.value, status, f"{url}, {button}, {status} ({who})")

    def sent_to(self, who: str, url: str, target: str, status: int, **hidden: str) -> None:
        """A page's last form is sent to another address, or with other hidden fields."""
        page = self.page(who)
        page.goto(self.url + url)
        with page.expect_navigation() as going:
            page.evaluate(
                """([target, hidden]) => {
                  const form = [...document.querySelectorAll("main form")].at(-1);
                  form.action = target;
                  for (const [name, value] of Object.entries(hidden)) form[name].value = value;
                  form.submit();
                }""",
                [target, hidden],
            )
        self.check(page, going.value, status, f"{target} {status} ({who})")

    def close(self) -> None:
        for page in self.pages.values():
            page.context.close()


@pytest.fixture
def reader(world: World, browser: Browser, tmp_path: Path) -> Iterator[Reader]:
    site = everything(world, tmp_path, rows=ROWS)
    with serving(world.cast.app) as url:
        made = Reader(browser, url, site)
        yield made
        made.close()


def test_every_page_can_be_read_by_everybody(reader: Reader) -> None:
    assert reader.site is not None
    for visit in reader.site.visits():
        reader.read(visit.who, visit.url)
    assert reader.wrong == [], "\n".join(reader.wrong)


def _take_all(engine: Engine, batch_id: int) -> None:
    """Every example waits in this batch: none fits another."""
    with writing(engine) as session:
        batch = session.get_one(Batch, batch_id)
        there = select(BatchMember.example_id).where(BatchMember.batch_id == batch_id)
        session.execute(
            update(BatchMember).where(BatchMember.batch_id == batch_id).values(waiting=True)
        )
        others = select(Example.id).where(
            Example.project_id == batch.project_id, Example.id.not_in(there)
        )
        session.add_all(
            BatchMember(batch_id=batch_id, example_id=example, joined_at=batch.created_at)
            for example in session.scalars(others).all()
        )


def test_what_failed_or_was_refused_can_be_read_too(reader: Reader) -> None:
    assert reader.site is not None
    slug = reader.site.known["slug"]
    _break(reader.site.world.cast.app)
    reader.read("lead", "/p/none", 404)
    reader.read("anonymous", "/invite/none", 404)
    reader.read("lead", f"/p/{slug}/examples?quality=9", 422)
    reader.read("lead", "/fails", 500)
    reader.sent_to("lead", f"/p/{slug}/labels", "/fails", 409)
    reader.sent_to("reviewer", "/me", "/me/profile", 403, csrf="x")
    reader.refused("anonymous", "/signin", "Sign in", 401, email="a@example.org", password="no")
    reader.refused("lead", f"/p/{slug}/labels", "Add label", 409, name="Cat")
    reader.refused("lead", f"/p/{slug}/labels", "Add label", 422, name=" ")
    label = f"/p/{slug}/labels/{reader.site.known['label_id']}"
    reader.refused("lead", label, "Save", 409, key="a")
    reader.refused("lead", label, "Add the label and ask", 404, examples="none")
    reader.read("lead", f"/p/{slug}/labels/{reader.site.known['retired_label']}")
    rule = f"/p/{slug}/guidelines/rule?label={reader.site.known['label_id']}"
    reader.refused(
        "lead", rule, "Save as v2", 200, text="Not **that**.\n\n- [so](https://example.org)"
    )
    reader.refused("lead", "/projects/new", "Make project", 422, name=" ")
    reader.refused("lead", f"/p/{slug}/settings/general", "Save settings", 422, name=" ")
    reader.refused("lead", f"/p/{slug}/import", "Check the file", 422)
    _take_all(reader.site.world.cast.engine, reader.site.known["batch_id"])
    reader.refused("lead", f"/p/{slug}/batches/new", "Create batch", 409, size="5")
    reader.refused("lead", f"/p/{slug}/people", "Make invitation link", 200, email="a@example.org")
    reader.refused("lead", "/me", "Save profile", 422, name=" ")
    reader.refused("lead", "/me", "Save keys", 422, key="n")
    reader.refused("lead", "/me", "Change password", 401, current="no", new="no")
    invite = f"/invite/{reader.site.known['token']}"
    reader.read("stranger", invite)
    reader.refused("anonymous", invite, "Make my account", 422, name="x", password="short")
    assert reader.wrong == [], "\n".join(reader.wrong)


def test_on_a_phone(reader: Reader) -> None:
    assert reader.site is not None
    page = reader.page("lead")
    page.set_viewport_size(PHONE)
    for path in ON_A_PHONE:
        reader.read("lead", path.format(**reader.site.known))
        wide = page.evaluate(WIDER)
        assert wide == [], f"{path} is wider than the screen: {wide}"
    page.get_by_text("Show it here anyway").click()
    reader.look(page, "examples on a phone, shown anyway")
    assert reader.wrong == [], "\n".join(reader.wrong)


def test_the_first_run(engine: Engine, browser: Browser, tmp_path: Path) -> None:
    with writing(engine) as session:
        token = make_link(session, LinkKind.SETUP, now=database_now(session))
    with serving(create_app(Settings(data=tmp_path, log_level="ERROR"), engine=engine)) as url:
        reader = Reader(browser, url)
        reader.read("anonymous", f"{FIRST_RUN}?token={token}")
        reader.refused("anonymous", f"{FIRST_RUN}?token={token}", "Make", 422, name="x")
        reader.close()
    assert reader.wrong == [], "\n".join(reader.wrong)


def _break(app: FastAPI) -> None:
    """An address that fails as the site's own might."""

    async def fail(request: Request) -> Response:
        if request.method == "POST":
            raise Conflict("Someone changed the same thing at the same moment.")
        raise RuntimeError

    app.router.add_route("/fails", fail, methods=["GET", "POST"])
