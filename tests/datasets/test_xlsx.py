"""Excel workbooks, as Excel's files are written, at every door."""

from __future__ import annotations

import io
from datetime import date, datetime
from typing import Any

import pytest
from openpyxl import Workbook

from app.db.words import ImportState
from tests.datasets.doors import Door, Sent, each_door
from tests.web.cast import Cast

HALF_PAST_NINE = datetime.fromisoformat("2026-03-01T09:30:00")  # Excel knows no zones
ROWS: list[list[Any]] = [
    ["No", "said", "label", "when", "sure"],
    [1, "where is my card", "card", date(2026, 3, 1), True],
    [2, 'line one\nline two, with "quotes"', "top_up", HALF_PAST_NINE, False],
    [3.5, "=no formula, only text", "card", None, None],
]


def workbook(**sheets: list[list[Any]]) -> bytes:
    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for at, cells in enumerate(rows, start=1):
            for place, value in enumerate(cells, start=1):
                cell = sheet.cell(at, place, value)
                if isinstance(value, str):
                    cell.data_type = "s"  # text, though it begins as a formula does
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


@each_door
def test_cells_are_the_texts_a_person_sees(cast: Cast, door: Door) -> None:
    came = door(
        cast, Sent("kept.xlsx", workbook(Data=ROWS, Notes=[]), {"text": "said", "id": "No"})
    )
    assert came.state is ImportState.DONE, came.shown
    assert [(row.key, row.content, row.given) for row in came.rows] == [
        ("1", "where is my card", "card"),
        ("2", 'line one\nline two, with "quotes"', "top_up"),
        ("3.5", "=no formula, only text", "card"),
    ]
    when = [row.columns.get("when") for row in came.rows]
    assert when[:2] == ["2026-03-01", "2026-03-01T09:30:00"] and not when[2]
    assert [row.columns.get("sure") for row in came.rows][:2] == ["TRUE", "FALSE"]
    assert "Excel (XLSX), 3 rows" in came.shown


@each_door
def test_of_several_sheets_one_is_chosen(cast: Cast, door: Door) -> None:
    other = [["text", "label"], ["from the second sheet", "b"], ["another one", "a"]]
    content = workbook(First=ROWS, Second=other)
    waiting = door(cast, Sent("two.xlsx", content, {"text": "said"}, answers=False))
    assert "W163" in waiting.open
    came = door(cast, Sent("two.xlsx", content, {"choices": {"W163": "Second"}}))
    assert [(row.content, row.given) for row in came.rows] == [
        ("from the second sheet", "b"),
        ("another one", "a"),
    ]


@each_door
@pytest.mark.parametrize("content", [workbook(Data=ROWS)[:900], b"PK\x03\x04xl/workbook.xml" * 9])
def test_a_broken_workbook_is_told(cast: Cast, door: Door, content: bytes) -> None:
    came = door(cast, Sent("cut.xlsx", content))
    assert (came.state, set(came.codes)) == (ImportState.STAGED, {"E136"})
    assert "not an Excel workbook that can be read, or it has a password" in came.shown
