"""JSON files that are neither an array nor an object a line, as other libraries write them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from app.db.words import ImportState
from tests.datasets.doors import Door, Sent, each_door
from tests.web.cast import Cast

ROWS = [{"text": f"some words {n}", "label": "ab"[n % 2]} for n in range(4)]
TEXTS, LABELS = [row["text"] for row in ROWS], [row["label"] for row in ROWS]


def one(value: Any) -> str:
    return json.dumps(value)


WRITTEN = {
    "an object around the rows": one({"version": 1, "data": ROWS}),
    "the same over several lines": json.dumps({"data": ROWS}, indent=2),
    "as the viewer of datasets": one({"rows": [{"row_idx": 0, "row": row} for row in ROWS]}),
    "pandas, by column": one({"text": dict(enumerate(TEXTS)), "label": dict(enumerate(LABELS))}),
    "pandas, split": one(
        {"columns": ["text", "label"], "index": [0, 1, 2, 3],
         "data": [[row["text"], row["label"]] for row in ROWS]}
    ),
    "pandas, by index": one(dict(enumerate(ROWS))),
    "pandas, table": one({"schema": {"fields": []}, "data": ROWS}),
    "lists by column": one({"text": TEXTS, "label": LABELS}),
    "objects over several lines": "\n".join(json.dumps(row, indent=2) for row in ROWS),
    "one name around them": one({"all_of_them": ROWS}),
}  # fmt: skip


@each_door
@pytest.mark.parametrize("written", WRITTEN)
def test_the_rows_are_found(cast: Cast, door: Door, written: str) -> None:
    came = door(cast, Sent("a.json", WRITTEN[written].encode()))
    assert [(row.content, row.given) for row in came.rows] == list(
        zip(TEXTS, LABELS, strict=True)
    ), came.shown


@each_door
def test_one_object_may_be_one_row(cast: Cast, door: Door) -> None:
    came = door(cast, Sent("a.jsonl", one({**ROWS[0], "spans": [{"start": 1}]}).encode()))
    assert came.given == ["a"], came.shown


@each_door
def test_a_cut_first_line_costs_one_row(cast: Cast, door: Door) -> None:
    lines = ['{"text": "cut off', *map(json.dumps, ROWS)]
    came = door(cast, Sent("a.jsonl", "\n".join(lines).encode()))
    assert (came.state, came.given) == (ImportState.DONE, LABELS), came.shown
    assert came.codes["E120"] == 1
