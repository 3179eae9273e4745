"""The import page: a choice is read again by itself, files are dropped, sending shows."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from playwright.sync_api import Page, Route, expect
from sqlalchemy import Engine

from app.accounts.membership import join
from app.datasets.projects import ProjectPlan, create_project
from app.db.engine import database_now, writing
from app.db.words import DataType, Role
from tests.browser.conftest import Site
from tests.web.cast import Cast
from tests.web.test_imports import work

LONG = "the very long name of a column that a survey tool exported as question 17 b " * 3
FILE = f"nr;wrote;{LONG};topic\n1;where is my card;yes;card\n2;top up failed;no;top_up\n"


@pytest.fixture
def project(site: Site) -> str:
    with writing(site.engine) as session:
        now = database_now(session)
        made = create_project(session, ProjectPlan("Odd", DataType.TEXT), now=now)
        join(session, made.id, site.people["Lena Koch"], Role.LEAD, now=now)
        return made.slug


def worked(site: Site) -> None:
    """What a worker would do with what waits."""
    at: dict[str, Any] = {"engine": site.engine, "now": _now(site.engine)}
    settings = SimpleNamespace(blob_directory=site.blobs.directory)
    app = SimpleNamespace(state=SimpleNamespace(settings=settings))
    work(cast(Cast, SimpleNamespace(**at, app=app)))


def _now(engine: Engine) -> object:
    with writing(engine) as session:
        return database_now(session)


def chosen(page: Page, column: str) -> str:
    value: str = page.get_by_label(f"Use {column} as").evaluate("one => one.value")
    return value


def choose(site: Site, page: Page, column: str, use: str) -> None:
    """Choose; the page reads the file again by itself."""
    page.get_by_label(f"Use {column} as").select_option(use)
    expect(page.get_by_role("button", name="Reading again…")).to_be_disabled()
    worked(site)
    expect(page.get_by_label(f"Use {column} as")).to_be_enabled()


def checked(site: Site, project: str, folder: Path) -> Page:
    """The page of a file that was sent and read."""
    file = folder / "odd.csv"
    file.write_text(FILE)
    page = site.open("Lena Koch", f"/p/{project}/import")
    page.get_by_label("File with the examples").set_input_files(file)
    page.get_by_role("button", name="Check the file").click()
    page.wait_for_url(re.compile(r"/import/\d+$"))
    worked(site)
    return page


def test_a_choice_that_is_made_before_the_script_is_there_takes_effect_too(
    site: Site, project: str, tmp_path: Path
) -> None:
    page = checked(site, project, tmp_path)
    held: list[Route] = []
    page.route("**/column-uses.js*", lambda route: held.append(route))
    page.goto(page.url, wait_until="commit")
    page.get_by_label("Use topic as").select_option("label")
    held[0].continue_()
    expect(page.get_by_role("button", name="Reading again…")).to_be_disabled()
    page.unroute_all()
    worked(site)
    expect(page.get_by_label("Use topic as")).to_be_enabled()
    assert chosen(page, "topic") == "label"


def test_a_choice_is_read_again_by_itself_and_then_imported(
    site: Site, project: str, tmp_path: Path
) -> None:
    page = checked(site, project, tmp_path)
    choose(site, page, "topic", "label")
    assert chosen(page, "topic") == "label"
    choose(site, page, "nr", "label")
    assert (chosen(page, "nr"), chosen(page, "topic")) == ("label", ""), "one column is the label"
    choose(site, page, "topic", "label")
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= 1440, "a long name of a column does not widen the page"
    for question in page.get_by_role("button", name="It holds the column names").all():
        question.click()
        expect(page.get_by_text("Reading the file again")).to_be_visible()
        worked(site)
    page.get_by_role("button", name="Import the 2 good rows").click()
    worked(site)
    expect(page.get_by_text("2 imported, 0 left out.")).to_be_visible()
    assert site.noise == []


def test_a_dropped_file_is_sent_and_what_is_wrong_with_it_is_told(site: Site, project: str) -> None:
    page = site.open("Lena Koch", f"/p/{project}/import")
    expect(page.get_by_role("button", name="Cancel", exact=True)).to_be_hidden()
    page.evaluate(
        """() => {
          const files = new DataTransfer();
          files.items.add(new File(["a,b\\n1,2\\n"], "one.csv"));
          files.items.add(new File(["a,b\\n1,2\\n"], "two.csv"));
          document.querySelector("file-drop").dispatchEvent(
            new DragEvent("drop", { dataTransfer: files, cancelable: true, bubbles: true }));
        }"""
    )
    expect(page.get_by_text("2 files were dropped. Choose one")).to_be_visible()
    page.evaluate(
        """() => {
          const files = new DataTransfer();
          files.items.add(new File(["text,label\\na b,c\\n"], "dropped.csv"));
          document.querySelector("file-drop").dispatchEvent(
            new DragEvent("drop", { dataTransfer: files, cancelable: true, bubbles: true }));
        }"""
    )
    page.get_by_role("button", name="Check the file").click()
    page.wait_for_url(re.compile(r"/import/\d+$"))
    expect(page.get_by_title("dropped.csv")).to_be_visible()
    assert site.noise == []
