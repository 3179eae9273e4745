"""Rows of a table at the desk: dense fields, similar rows as columns, marks where it matters."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from app.db.engine import writing
from app.db.tables.datasets import Label
from app.db.tables.ranking import ScoringRun
from app.db.words import DataType, Mode
from bench.desk_site import Plan
from tests.browser.conftest import Site
from tests.browser.hands import ready
from tests.browser.test_access import clean

AMIRA = "Amira Said"
COLUMNS = 13


def rows(count: int) -> list[dict[str, list[list[object]]]]:
    """Thirteen columns; the first is nearly the same in every row, the second another word."""
    return [
        {
            "fields": [
                ["width", f"{5 + row / 100:.2f}", False],
                ["kind", f"kind {row}", row == 0],
                *([f"column {n}", str(1000 * n), False] for n in range(COLUMNS - 2)),
            ]
        }
        for row in range(count)
    ]


def plan() -> Plan:
    return Plan("Irises", DataType.TABULAR, ("setosa", "virginica"), rows(6))


@pytest.mark.parametrize(("width", "columns"), [(1440, 2), (1280, 2), (820, 2), (390, 1)])
def test_fields_stand_in_dense_columns_and_all_can_be_reached(
    site: Site, width: int, columns: int
) -> None:
    filled = site.fill(plan())
    page = site.open(AMIRA, f"/review/{filled.batch_id}", viewport={"width": width, "height": 900})
    ready(page)
    fields = page.locator("[data-part=content] .field-list > div")
    expect(fields).to_have_count(COLUMNS)
    boxes = [box for one in fields.all() if (box := one.bounding_box())]
    assert len({box["x"] for box in boxes}) == columns
    assert all(box["height"] <= 44 for box in boxes)
    expect(page.locator("[data-part=meta]")).to_contain_text("13 fields")
    last = fields.last
    last.scroll_into_view_if_needed()
    expect(last).to_be_in_viewport()
    expect(last).to_contain_text("10000")


def test_similar_rows_are_columns_of_one_table_beside_this_one(site: Site) -> None:
    filled = site.fill(plan())
    page = site.open(AMIRA, f"/review/{filled.batch_id}")
    ready(page)
    own = (
        page.locator("[data-part=content] .field-list > div").nth(1).locator("dd bdi").inner_text()
    )
    near = page.locator(".near-table")
    expect(near.locator("thead th")).to_have_count(2 + 6)
    kinds = near.locator("tbody tr").nth(1).locator("td").all_inner_texts()
    assert kinds[0] == own and len(kinds) == 7
    assert all(kind.startswith("kind ") for kind in kinds)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_beside_a_similar_row_only_what_matters_is_marked(site: Site) -> None:
    filled = site.fill(plan())
    page = site.open(AMIRA, f"/review/{filled.batch_id}")
    ready(page)
    page.keyboard.press("c")
    dialog = page.locator("compare-dialog dialog[open]")
    expect(dialog).to_be_visible()
    for _ in range(6):  # one of the six is the example itself in a project this small
        marked = dialog.locator("tr:has(mark) th").all_inner_texts()
        if marked:
            break
        page.keyboard.press("]")
    assert marked == ["kind"]  # 5.01 beside 5.04 is nothing to look at


def test_on_a_phone_a_long_name_of_a_column_stays_beside_the_values(site: Site) -> None:
    fields = [[f"a_long_name_of_a_column_{n}", str(n), False] for n in range(COLUMNS)]
    labels = ("setosa", "virginica")
    filled = site.fill(Plan("Irises", DataType.TABULAR, labels, [{"fields": fields}] * 3))
    page = site.open(AMIRA, f"/review/{filled.batch_id}", viewport={"width": 390, "height": 844})
    ready(page)
    page.keyboard.press("c")
    for head in page.locator("compare-dialog tbody th").all():
        name, cell = head.locator("bdi").bounding_box(), head.bounding_box()
        assert name and cell and name["x"] + name["width"] <= cell["x"] + cell["width"]


def with_ranges(site: Site) -> None:
    """The ranking knows where the numbers of one column lie; the first label is the lower one."""
    with writing(site.engine) as session:
        low, high = session.scalars(select(Label.id).order_by(Label.position))
        known = {"every": (5.0, 5.1), "of": [(low, 5.0, 5.02), (high, 5.03, 5.1)]}
        run = session.scalars(select(ScoringRun)).one()
        run.findings = {"ranges": {"width": known}}


BARS = "[data-part=content] .range-bar"


def test_a_bar_beside_a_number_says_where_it_lies_and_scripts_draw_what_the_server_drew(
    site: Site,
) -> None:
    filled = site.fill(plan())
    with_ranges(site)
    page = site.open(AMIRA, f"/review/{filled.batch_id}")
    ready(page)
    bar = page.locator(BARS)
    expect(bar).to_have_count(1)
    said = bar.locator("title").text_content() or ""
    assert re.fullmatch(r"5\.0\d: (low|usual|high) for \w+, (low|usual|high) for \w+", said)
    assert bar.locator(".range-given").count() == bar.locator(".range-suggested").count() == 1
    drawn = bar.evaluate("bar => bar.outerHTML")
    served = page.request.get(page.url).text()
    assert _pieces(served) == _pieces(drawn) and f"<title>{said}</title>" in served
    clean(page, "a row with bars")


def _pieces(markup: str) -> list[tuple[str, ...]]:
    """The rectangles of the bar, whatever the order of what is said of each."""
    found = re.findall(r'<rect([^>]*class="range-[^>]*)>', markup)
    return [tuple(sorted(re.findall(r'(\w+="[^"]*")', one))) for one in found]


def test_a_blind_reader_is_shown_the_whole_column_alone(site: Site) -> None:
    filled = site.fill(replace(plan(), mode=Mode.BLIND))
    with_ranges(site)
    page = site.open(AMIRA, f"/review/{filled.batch_id}")
    ready(page)
    said = page.locator(f"{BARS} title").text_content() or ""
    assert said.endswith("in this column")
    expect(page.locator(".range-given, .range-suggested")).to_have_count(0)


@pytest.mark.parametrize("mode", [Mode.EVERYTHING, Mode.BLIND])
def test_before_a_ranking_the_fields_have_the_room_of_what_is_not_there(
    site: Site, mode: Mode
) -> None:
    filled = site.fill(replace(plan(), mode=mode, scored=False))
    page = site.open(AMIRA, f"/review/{filled.batch_id}", viewport={"width": 1280, "height": 620})
    ready(page)
    for field in page.locator("[data-part=content] .field-list > div").all():
        expect(field).to_be_in_viewport(ratio=1)
    dock = page.locator(".dock").bounding_box()
    assert (dock["height"] if dock else 0) == (96 if mode is Mode.EVERYTHING else 0)


def test_what_stands_beside_the_id_is_whole_or_not_there(site: Site) -> None:
    about = tuple((name, f"{name} of the sample, in words") for name in ("place", "day", "shop"))
    filled = site.fill(replace(plan(), meta=about))
    page = site.open(AMIRA, f"/review/{filled.batch_id}", viewport={"width": 390, "height": 844})
    ready(page)
    line = page.locator("[data-part=meta]").bounding_box()
    parts = [one.bounding_box() for one in page.locator("[data-part=meta] > *").all()]
    assert line is not None
    seen = [one for one in parts if one and one["y"] < line["y"] + line["height"] - 1]
    assert len(seen) < len(parts)
    assert all(one["x"] + one["width"] <= line["x"] + line["width"] + 0.5 for one in seen)
