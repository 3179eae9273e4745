"""A file goes out as it came in: only the label column is another, and what the lead answered."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tests.datasets.doors import Door, Sent, each_door
from tests.datasets.doors import by_api as through_api
from tests.releases.shelves import Release, by_api, csv_rows, each_release, json_rows, relabel_as
from tests.releases.third_party import verify as verify_by_the_page
from tests.releases.worlds import manifest
from tests.web.cast import Cast


class Letters(str):
    """A number as it was written, and no text."""

    def __eq__(self, other: object) -> bool:
        return type(other) is Letters and str(self) == str(other)

    __hash__ = str.__hash__


def in_letters(line: str) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(line, parse_int=Letters, parse_float=Letters)
    return said


SPELLED = (
    "text,label\na b 1,cat\na b 2,cat \na b 3,cat\u00a0\na b 4,Cat\na b 5,dog\na b 6,cat\n"
    "a b 7,cafe\u0301\na b 8,true\na b 9,1\n"
)
MERGED = {"choices": {"W303": "merge", "W304": "merge", "W306": "merge"}}


@each_door
def test_forms_that_the_lead_called_one_label_are_one(
    cast: Cast, door: Door, tmp_path: Path
) -> None:
    came = door(cast, Sent("pets.csv", SPELLED.encode(), MERGED))
    assert came.labels == ["cat", "dog", "café", "true"], came.shown
    made = by_api(cast, came.project, tmp_path, "csv")
    verify_by_the_page(made)
    rows = csv_rows(made)
    assert [(row["label"], row["relabel_given"]) for row in rows] == [
        ("cat", "cat"),
        ("cat", "cat "),
        ("cat", "cat\u00a0"),
        ("cat", "Cat"),
        ("dog", "dog"),
        ("cat", "cat"),
        ("cafe\u0301", "cafe\u0301"),
        ("true", "true"),
        ("true", "1"),
    ]


@each_release
def test_a_merge_reaches_the_file_at_every_door(
    cast: Cast, release: Release, tmp_path: Path
) -> None:
    came = through_api(cast, Sent("pets.csv", SPELLED.encode(), MERGED))
    made = release(cast, came.project, tmp_path, "jsonl")
    verify_by_the_page(made)
    assert [row["label"] for row in json_rows(made)][:4] == ["cat"] * 4


TYPED = (
    '{"id": 0, "text": "tt 0", "label": false, "big": 9007199254740993, "f": 1e-07, "l": [1, 2], '
    '"o": {"a": {"b": 1.50}}, "s": "é "}\n'
    '{"id": 1, "text": "tt 1", "label": true, "n": null, "big": 123456789012345678901234567890, '
    '"f": 1.0, "l": [], "o": {}, "s": ""}\n'
    '{"text": "tt 2", "id": 2, "label": false, "n": "1", "s": null, "\u00a0k": true}\n'
    '{"id": 3, "text": "tt 3", "label": true, "n": 1.5, "o": null, "s": "\\u0001\\"\\\\ \u2028"}\n'
)


@each_door
def test_json_values_leave_as_they_came(cast: Cast, door: Door, tmp_path: Path) -> None:
    said = {"id": "id", "text": "text", "label": "label"}
    came = door(cast, Sent("typed.jsonl", TYPED.encode(), said))
    assert len(came.rows) == 4, came.shown
    made = by_api(cast, came.project, tmp_path, "jsonl")
    verify_by_the_page(made)
    lines = (made / "data.jsonl").read_text().split("\n")
    for before, after in zip(TYPED.split("\n")[:-1], lines[:-1], strict=True):
        was, now = in_letters(before), in_letters(after)
        assert list(now)[: len(was)] == list(was)
        assert {name: now[name] for name in was} == was
        assert all(name.startswith("relabel_") for name in list(now)[len(was) :])
    table = csv_rows(by_api(cast, came.project, tmp_path, "csv"))
    assert [row["big"] for row in table][:2] == [
        "9007199254740993",
        "123456789012345678901234567890",
    ]
    assert [row["n"] for row in table] == ["", "", "1", "1.5"]


NOON = 1_767_270_600_123  # milliseconds: 2026-01-01T12:30:00.123
TIMES = {
    "at": ["2026-01-01T12:30:00.123", "", "1970-01-01T00:00:00"],
    "zone": ["2026-01-01T12:30:00.123Z", "1969-12-31T23:59:59.999Z", ""],
    "fine": ["1970-01-01T00:00:00.000000001", "", "1970-01-01T00:00:00.000001"],
    "day": ["2026-01-01", "", "1969-12-31"],
    "far": ["-800000", "3000000", "1970-01-01"],
}


def arrow_table() -> pa.Table:
    words = pa.array(["x", "y", None]).dictionary_encode()
    table = pa.table(
        {
            "z": pa.array([3, None, -(2**62)], pa.int64()),
            "text": pa.array(["a b", "c d", "e f"], pa.large_string()),
            "label": pa.array([1, 0, 1], pa.int8()),
            "yes": pa.array([True, None, False]),
            "f": pa.array([0.1, float("nan"), None], pa.float32()),
            "kind": words.cast(pa.dictionary(pa.int8(), pa.string())),
            "none": pa.nulls(3),
            "at": pa.array([NOON, None, 0], pa.timestamp("ms")),
            "zone": pa.array([NOON, -1, None], pa.timestamp("ms", tz="Europe/Berlin")),
            "fine": pa.array([1, None, 1_000], pa.timestamp("ns")),
            "day": pa.array([20_454, None, -1], pa.date32()),
            "far": pa.array([-800_000, 3_000_000, 0], pa.int32()).view(pa.date32()),
        }
    )
    said = {
        b"huggingface": b'{"info": {"features": {"z": {"dtype": "int64", "_type": "Value"}}}}',
        b"pandas": b'{"index_columns": [], "columns": []}',
    }
    return table.replace_schema_metadata(said)


def parquet(table: pa.Table) -> bytes:
    sink = io.BytesIO()
    pq.write_table(table, sink)
    return sink.getvalue()


def same_columns(before: pa.Table, after: pa.Table) -> None:
    assert after.column_names[: before.num_columns] == before.column_names
    for name in before.column_names:
        assert after.schema.field(name).type == before.schema.field(name).type, name
        was, now = (_as_stored(one[name]).to_pylist() for one in (before, after))
        assert repr(was) == repr(now), name  # not a number is not itself
    assert after.schema.metadata == before.schema.metadata


def _as_stored(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Python has no dates out of the calendar, and no nanoseconds."""
    wide = {pa.date32(): pa.int32(), pa.timestamp("ns"): pa.int64()}.get(column.type)
    return column.cast(wide) if wide else column


@each_door
def test_columns_of_parquet_keep_their_types(cast: Cast, door: Door, tmp_path: Path) -> None:
    before = arrow_table()
    came = door(cast, Sent("t.parquet", parquet(before), {"text": "text", "label": "label"}))
    assert len(came.rows) == 3, came.shown
    made = by_api(cast, came.project, tmp_path, "parquet")
    same_columns(before, pq.read_table(made / "data.parquet"))
    for format in ("csv", "jsonl"):
        verify_by_the_page(by_api(cast, came.project, tmp_path, format))
    table = csv_rows(by_api(cast, came.project, tmp_path, "csv"))
    assert {name: [row[name] for row in table] for name in TIMES} == TIMES


def test_a_label_of_another_type_makes_the_column_text(cast: Cast, tmp_path: Path) -> None:
    rows = '{"id": 1, "text": "a b", "label": 1}\n{"id": 2, "text": "c d", "label": 0}\n'
    came = through_api(cast, Sent("n.jsonl", rows.encode(), {"text": "text", "label": "label"}))
    relabel_as(cast, came.project, "0", example="1")
    whole = by_api(cast, came.project, tmp_path, "jsonl")
    assert [row["label"] for row in json_rows(whole)] == [0, 0]
    assert [row["relabel_given"] for row in json_rows(whole)] == ["1", "0"]
    relabel_as(cast, came.project, "unsure", example="2")
    made = by_api(cast, came.project, tmp_path, "jsonl")
    assert [row["label"] for row in json_rows(made)] == ["0", "unsure"]
    for directory in (whole, made):
        verify_by_the_page(directory)
    [note] = [one for one in manifest(made)["release"]["warnings"] if "unsure" in one]
    assert "“label”" in note and "whole numbers" in note


@each_door
def test_names_of_columns_leave_as_they_stood(cast: Cast, door: Door, tmp_path: Path) -> None:
    content = ',id, text ,label\n0,"a",x y,1\n1,b,"z ""w""",2\n'
    came = door(cast, Sent("n.csv", content.encode(), {"text": "text", "label": "label"}))
    assert len(came.rows) == 2, came.shown
    made = by_api(cast, came.project, tmp_path, "csv")
    verify_by_the_page(made)
    lines = (made / "data.csv").read_text().splitlines()
    assert lines[0].startswith(",id, text ,label,relabel_given,")
    assert lines[1].startswith("0,a,x y,1,1,")


@each_door
def test_a_release_that_comes_in_again_has_its_columns_once(
    cast: Cast, door: Door, tmp_path: Path
) -> None:
    came = door(cast, Sent("typed.jsonl", TYPED.encode(), {"text": "text", "label": "label"}))
    first = by_api(cast, came.project, tmp_path, "jsonl")
    again = door(
        cast,
        Sent("data.jsonl", (first / "data.jsonl").read_bytes(), {"text": "text", "label": "label"}),
    )
    assert [row.key for row in again.rows] == ["0", "1", "2", "3"], again.shown
    second = by_api(cast, again.project, tmp_path, "jsonl")
    for before, after in zip(json_rows(first), json_rows(second), strict=True):
        assert list(before) == list(after)
        assert after == before | {"relabel_given": after["relabel_given"]}
    verify_by_the_page(second)
