"""Times read as the reader's own clock says; the tooltip has the exact one, in both."""

from __future__ import annotations

from datetime import UTC, datetime

from playwright.sync_api import expect

from app.db.engine import writing
from app.db.tables.review import Batch
from bench.desk_site import text_plan
from tests.browser.conftest import Site


def test_a_due_day_is_that_of_the_reader(site: Site) -> None:
    filled = site.fill(text_plan(4))
    with writing(site.engine) as session:
        session.get_one(Batch, filled.batch_id).due_at = datetime(2031, 5, 4, 20, 30, 7, tzinfo=UTC)
    page = site.open("Amira Said", "/", timezone_id="Asia/Tokyo")
    due = page.locator("time").first
    expect(due).to_have_text("5 May 2031")
    title = due.get_attribute("title") or ""
    assert title.startswith("5 May 2031, 05:30:07 GMT+9") and "4 May 2031, 20:30 UTC" in title
    west = site.open("Jonas Weber", "/", timezone_id="America/New_York")
    expect(west.locator("time").first).to_have_text("4 May 2031")
