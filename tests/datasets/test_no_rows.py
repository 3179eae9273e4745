"""Files that hold no rows say so; files that are no JSON say where."""

from __future__ import annotations

import json

import pyarrow as pa
import pytest

from app.db.words import ImportState
from tests.datasets.doors import Door, Sent, by_api, each_door
from tests.datasets.test_xlsx import workbook
from tests.nasty.json_cases import parquet
from tests.web.cast import Cast

EMPTY: dict[str, bytes] = {
    "list.json": b"[]",
    "list in lines.json": b"[\n\n]\n",
    "object.json": b"{}",
    "objects.json": b"[{}, {}]",
    "lines.jsonl": b"{}\n{}\n",
    "blank.jsonl": b"\n \n\t\n",
    "wrapped.json": b'{"data": []}',
    "named.json": b'{"version": 2, "examples": []}',
    "columns.json": b'{"text": [], "label": []}',
    "records.json": b'{"text": {}, "label": {}}',
    "split.json": b'{"columns": ["text", "label"], "index": [], "data": []}',
    "mark.json": b"\xef\xbb\xbf[]",
    "header.csv": b"text,label\n",
}


@each_door
@pytest.mark.parametrize("name", EMPTY)
def test_a_file_without_rows_says_so(cast: Cast, door: Door, name: str) -> None:
    came = door(cast, Sent(name, EMPTY[name]))
    assert came.state is not ImportState.DONE and came.codes == {"E106": 1}, came.shown
    assert "The file has no data rows." in came.shown
    assert "E109" not in came.shown


def test_other_files_without_rows(cast: Cast) -> None:
    none = pa.table({"text": pa.array([], pa.string()), "label": pa.array([], pa.int64())})
    files = {
        "a.parquet": parquet(none),
        "b.parquet": parquet(pa.table({})),
        "c.xlsx": workbook(Data=[]),
        "d.xlsx": workbook(Data=[["text", "label"]]),
    }
    for name, content in files.items():
        came = by_api(cast, Sent(name, content))
        assert came.codes == {"E106": 1}, (name, came.shown)


@each_door
def test_rows_after_many_empty_objects(cast: Cast, door: Door) -> None:
    rows = [{}] * 250 + [{"text": f"some words {at}", "label": "ab"[at % 2]} for at in range(4)]
    came = door(cast, Sent("a.json", json.dumps(rows).encode(), {"label": "label"}))
    assert came.given == ["a", "b", "a", "b"], came.shown
    assert came.codes["E301"] == 250


@each_door
@pytest.mark.parametrize("content", [b"[1, 2]", b"[null]", b'"words"\n"more"\n', b"{text: 1}\n{}"])
def test_a_file_of_no_objects_says_what_is_needed(cast: Cast, door: Door, content: bytes) -> None:
    came = door(cast, Sent("a.json", content))
    assert came.state is not ImportState.DONE and set(came.codes) == {"E120"}, came.shown


@each_door
def test_rows_without_a_text_are_not_offered_as_unlabeled(cast: Cast, door: Door) -> None:
    rows = [{"text": None, "label": "a"}, {"text": "aa bb", "label": "b"}]
    content = "\n".join(map(json.dumps, rows)).encode()
    came = door(cast, Sent("a.jsonl", content, {"choices": {"E301": "unlabeled"}}))
    assert came.given == ["b"] and came.codes["E301"] == 1, came.shown
    assert "Import as unlabeled" not in came.shown
    assert "where a label is expected" not in came.shown


@each_door
def test_a_file_of_rows_without_labels_offers_to_import_them(cast: Cast, door: Door) -> None:
    rows = [{"text": f"words {at}", "label": None} for at in range(3)]
    content = "\n".join(map(json.dumps, rows)).encode()
    came = door(cast, Sent("a.jsonl", content, {"label": "label"}))
    assert came.codes == {"E301": 3, "E107": 1}, came.shown
    assert "3 rows have an empty cell where a label is expected." in came.shown
    said = {"label": "label", "choices": {"E301": "unlabeled"}}
    kept = door(cast, Sent("b.jsonl", content + b"\n", said))
    assert kept.given == [None] * 3 and kept.codes["W301"] == 3, kept.shown


@each_door
@pytest.mark.parametrize("choice", ["unlabeled", "leave_out", ""])
def test_a_label_of_null_becomes_what_is_said(cast: Cast, door: Door, choice: str) -> None:
    rows = [{"text": f"words {at}", "label": [0.0, None, 1.0][at % 3]} for at in range(6)]
    content = "\n".join(map(json.dumps, [*rows, {"text": None, "label": None}])).encode()
    said = {"choices": {"E301": choice}} if choice else {}
    came = door(cast, Sent("a.jsonl", content, said))
    if choice == "unlabeled":
        assert came.given == ["0", None, "1", "0", None, "1"], came.shown
        assert (came.codes["W301"], came.codes["E301"]) == (2, 1)
    else:
        assert came.given == ["0", "1", "0", "1"], came.shown
        assert came.codes["E301"] == 3 and "W301" not in came.codes
