"""Parquet columns of every type: one that nobody needs stops no file."""

from __future__ import annotations

import io
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from app.db.words import ImportState
from tests.datasets.doors import Door, Sent, each_door
from tests.web.cast import Cast


def parquet(metadata: dict[bytes, bytes] | None = None, **columns: Any) -> bytes:
    rows = len(next(iter(columns.values())))
    plain = {"text": [f"some words {n}" for n in range(rows)], "label": list("ab" * rows)[:rows]}
    made = pa.table({**plain, **columns}).replace_schema_metadata(metadata)
    sink = io.BytesIO()
    pq.write_table(made, sink)
    return sink.getvalue()


NOON = datetime(2026, 1, 1, 12, 30, tzinfo=UTC)
ODD: dict[str, tuple[Any, list[str | None]]] = {
    "timestamp": (pa.array([NOON.replace(tzinfo=None), None]), ["2026-01-01T12:30:00", None]),
    "zone": (
        pa.array([NOON, NOON], pa.timestamp("us", tz="Europe/Berlin")),
        ["2026-01-01T12:30:00Z"] * 2,
    ),
    "nanoseconds": (
        pa.array([1_767_225_600_000_000_001, 0], pa.timestamp("ns")),
        ["2026-01-01T00:00:00.000000001", "1970-01-01T00:00:00"],
    ),
    "date": (pa.array([date(2026, 1, 1), None]), ["2026-01-01", None]),
    "far date": (pa.array([0, 3_000_000], pa.int32()).view(pa.date32()), ["1970-01-01", "3000000"]),
    "time": (
        pa.array([3_723_000_000, 0], pa.time64("us")),
        ["3723000000", "0"],
    ),  # as it is written again
    "list": (pa.array([["a", "b"], []]), ['["a","b"]', "[]"]),
    "struct": (
        pa.array([{"a": 1, "b": [1.5, None]}, {"a": None, "b": []}]),
        ['{"a":1,"b":[1.5,null]}', '{"a":null,"b":[]}'],
    ),
    "map": (pa.array([[("k", 1)], []], pa.map_(pa.string(), pa.int64())), ['[["k",1]]', "[]"]),
    "decimal": (pa.array([Decimal("1.10"), Decimal("2.00")]), ["1.10", "2.00"]),
    "bytes": (pa.array([b"\x00\xff", b"x" * 2000 + b"\x01"]), ["AP8=", "2,001 bytes"]),
    "words": (pa.array([b"plain words", "ä".encode()]), ["plain words", "ä"]),
    "duration": (pa.array([1_000, 0], pa.duration("ms")), ["1000", "0"]),
    "categories": (
        pa.array([["a"], ["b"]]),
        ['["a"]', '["b"]'],
    ),
}


@each_door
@pytest.mark.parametrize("kind", ODD)
def test_a_column_without_a_role_stops_nothing(cast: Cast, door: Door, kind: str) -> None:
    column, texts = ODD[kind]
    came = door(cast, Sent("a.parquet", parquet(extra=column)))
    assert (came.state, came.given) == (ImportState.DONE, ["a", "b"]), came.shown
    assert [row.columns.get("extra") for row in came.rows] == texts
    assert came.codes.get("W151", 0) == (0 if kind == "words" else 1)


@each_door
def test_bytes_are_no_text_and_no_label(cast: Cast, door: Door) -> None:
    file = parquet(extra=pa.array([b"\x00\xff", b"\x01"]))
    for role in ("text", "label"):
        came = door(cast, Sent("a.parquet", file, {role: "extra"}))
        assert (came.state, came.codes.get("E130")) == (ImportState.STAGED, 1), came.shown


@each_door
def test_a_list_of_one_and_a_path_are_labels(cast: Cast, door: Door) -> None:
    came = door(cast, Sent("a.parquet", parquet(label=pa.array([["x"], ["y"], []]))))
    assert came.given == ["x", "y"], came.shown
    inner = parquet(it=pa.array([{"kind": "x"}, {"kind": "y"}]))
    came = door(cast, Sent("b.parquet", inner, {"label": "it.kind"}))
    assert came.given == ["x", "y"], came.shown


@each_door
def test_names_of_classes_stand_in_the_file(cast: Cast, door: Door) -> None:
    feature = {"names": ["World", "Sports", "Business"], "_type": "ClassLabel"}
    about = json.dumps({"info": {"features": {"text": {"dtype": "string"}, "label": feature}}})
    file = parquet({b"huggingface": about.encode()}, label=pa.array([1, 0, -1, 1]))
    came = door(cast, Sent("a.parquet", file, {"choices": {"E301": "unlabeled"}}))
    assert came.given == ["Sports", "World", None, "Sports"], came.shown
    assert came.labels == ["World", "Sports", "Business"]
    assert came.rows[0].columns["label"] == "1"
