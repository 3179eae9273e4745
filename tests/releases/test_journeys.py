"""In, out, in and out again: files of every type, drawn at random, lose nothing on the way.

`RELABEL_JOURNEYS` says how many files of each format are tried: few in the suite, 170 for 500.
"""

from __future__ import annotations

import csv
import io
import json
import math
import os
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select

from app.datasets.arrow_cells import cells_of, column_of
from app.datasets.cell import imported
from app.db.engine import open_engine, reading
from app.db.migrate import climb
from app.db.tables.datasets import Project
from app.db.words import ImportState
from app.releases.formats.csv_file import CSV
from app.releases.formats.jsonl_file import JSONL
from app.releases.formats.parquet_file import PARQUET
from app.releases.verify import verify
from app.settings import Settings
from tests.datasets.bringing import bring_in
from tests.releases import third_party
from tests.releases.worlds import release
from tests.review.conftest import World

MANY = int(os.environ.get("RELABEL_JOURNEYS", "6"))
often = settings(
    max_examples=MANY,
    deadline=None,
    database=None,
    derandomize=MANY < 50,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
_number = count(1)

LETTERS = st.characters(exclude_categories=("Cs", "Cc"))
TEXT = st.text(LETTERS, max_size=8) | st.sampled_from(["", " ", "a\nb", 'say "x"', "=1+1", "\r"])
NAME = st.text(st.characters(categories=("L", "N", "Zs")), min_size=1, max_size=6)
PLAIN = st.none() | st.booleans() | st.integers(-(10**30), 10**30) | TEXT
PLAIN |= st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    PLAIN,
    lambda one: st.lists(one, max_size=3) | st.dictionaries(TEXT, one, max_size=3),
    max_leaves=5,
)
LABELS = st.sampled_from([["a", "b"], [0, 1], [True, False], [1.5, 2.5], ["1", "true "]])


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Engine, Path]]:
    place = tmp_path_factory.mktemp("journeys")
    engine = open_engine(f"sqlite:///{place / 'relabel.sqlite'}")
    climb(engine)
    yield engine, place
    engine.dispose()


def through(shared: tuple[Engine, Path], content: bytes, format: Any) -> bytes:
    """Import a file into a project of its own, release it, and give what came out."""
    engine, place = shared
    number = next(_number)
    file = place / f"file-{number}.{format.ending}"
    file.write_bytes(content)
    said: dict[str, Any] = {"text": "text", "label": "label", "id": "id"}
    how = {"W303": "keep", "W304": "keep", "W306": "keep", "W307": "confirm"}
    came = bring_in(
        engine, Settings(data=place / "data"), f"journey {number}", file, **said, choices=how
    )
    assert came.state is ImportState.DONE, came
    world = World(engine)
    with reading(engine) as session:
        world.project_id = session.scalars(
            select(Project.id).order_by(Project.id.desc()).limit(1)
        ).one()
    made = release(world, place / f"made-{number}", format=format)
    assert verify(made).problems.lines() == []
    if format is not PARQUET:
        third_party.verify(made)
    return (made / format.file_name("data")).read_bytes()


def twice(shared: tuple[Engine, Path], content: bytes, format: Any) -> tuple[bytes, bytes]:
    first = through(shared, content, format)
    return first, through(shared, first, format)


@st.composite
def json_files(draw: st.DrawFn) -> bytes:
    labels = draw(LABELS)
    names = draw(st.lists(NAME.map(lambda name: f"c {name}"), unique=True, max_size=4))
    lines = []
    for row in range(draw(st.integers(2, 5))):
        members: list[tuple[str, Any]] = [
            ("id", f"k{row}" if draw(st.booleans()) else row),
            ("text", f"text {row} {draw(TEXT)}"),
            ("label", labels[row % 2]),
        ]
        members += [(name, draw(JSON)) for name in names if draw(st.booleans())]
        members = draw(st.permutations(members)) if draw(st.booleans()) else members
        lines.append(json.dumps(dict(members), ensure_ascii=draw(st.booleans())))
    return "".join(line + "\n" for line in lines).encode()


@given(content=json_files())
@often
def test_json_lines(shared: tuple[Engine, Path], content: bytes) -> None:
    def letters(line: bytes) -> dict[str, Any]:
        said: dict[str, Any] = json.loads(
            line, parse_int=lambda text: ("n", text), parse_float=lambda text: ("n", text)
        )
        return said

    first, second = twice(shared, content, JSONL)
    for before, once, again in zip(*map(bytes_lines, (content, first, second)), strict=True):
        was = letters(before)
        for after in map(letters, (once, again)):
            assert list(after)[: len(was)] == list(was)
            assert {name: after[name] for name in was} == was
            assert len(after) == len(was) + 9


def bytes_lines(content: bytes) -> list[bytes]:
    return content.split(b"\n")[:-1]


@st.composite
def csv_files(draw: st.DrawFn) -> tuple[list[list[str]], bytes]:
    names = draw(st.lists(NAME.map(lambda name: f" c {name}"), unique_by=str.strip, max_size=3))
    rows = [["id", "text", "label", *names, ""]]
    for row in range(draw(st.integers(2, 5))):
        cells = [draw(TEXT) for _ in names]
        rows.append([f"k{row}", f"text {row} {draw(TEXT)}", f"l{row % 2}", *cells, draw(TEXT)])
    text = io.StringIO(newline="")
    odd = any("\r" in cell for row in rows for cell in row)  # Python quotes no lone one
    quoting = csv.QUOTE_ALL if odd else draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
    csv.writer(
        text, quoting=quoting, lineterminator=draw(st.sampled_from(["\n", "\r\n"]))
    ).writerows(rows)
    return rows, text.getvalue().encode()


@given(file=csv_files())
@often
def test_csv(shared: tuple[Engine, Path], file: tuple[list[list[str]], bytes]) -> None:
    rows, content = file
    for after in twice(shared, content, CSV):
        table = list(csv.reader(io.StringIO(after.decode(), newline=""), strict=True))
        assert [row[: len(rows[0])] for row in table] == rows
        assert {len(row) for row in table} == {len(rows[0]) + 9}


def moments(kind: pa.DataType, most: int) -> st.SearchStrategy[pa.Array]:
    width = pa.int32() if kind.bit_width == 32 else pa.int64()
    numbers = st.lists(st.none() | st.integers(-most, most), min_size=4, max_size=4)
    return numbers.map(lambda some: pa.array(some, width).view(kind))


def column(kind: pa.DataType, value: st.SearchStrategy[Any]) -> st.SearchStrategy[pa.Array]:
    cells = st.lists(st.none() | value, min_size=4, max_size=4)
    return cells.map(lambda some: pa.array(some, kind))


def whole(bits: int) -> st.SearchStrategy[int]:
    return st.integers(-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)


WHOLE = (pa.int8(), pa.int16(), pa.int32(), pa.int64())
PAIR = st.fixed_dictionaries({"a": st.integers(-9, 9), "b": TEXT})
COLUMNS = st.one_of(
    *(column(kind, whole(kind.bit_width)) for kind in WHOLE),
    column(pa.uint64(), st.integers(0, 2**64 - 1)),
    column(pa.float64(), st.floats()),
    column(pa.float32(), st.floats(width=32)),
    column(pa.bool_(), st.booleans()),
    column(pa.string(), TEXT),
    column(pa.large_string(), TEXT),
    column(pa.list_(pa.int32()), st.lists(st.none() | st.integers(-9, 9), max_size=3)),
    column(pa.list_(pa.float64()), st.lists(st.floats(), max_size=3)),
    column(pa.struct([("a", pa.int64()), ("b", pa.string())]), PAIR),
    column(pa.decimal128(9, 2), st.decimals(-99, 99, places=2)),
    column(pa.string(), st.sampled_from("xyz")).map(lambda one: one.dictionary_encode()),
    moments(pa.timestamp("ns"), 2**62),
    moments(pa.timestamp("us", "Europe/Berlin"), 2**50),
    moments(pa.date32(), 10**6),
    moments(pa.time64("us"), 10**9),
    st.just(pa.nulls(4)),
)  # fmt: skip


@st.composite
def tables(draw: st.DrawFn) -> pa.Table:
    labels = draw(
        st.sampled_from(
            [
                pa.array(["a", "b", "a", "b"]),
                pa.array(["a", "b", "a", "b"]).dictionary_encode(),
                pa.array([0, 1, 1, 0], pa.int8()),
                pa.array([True, False, True, True]),
            ]
        )
    )
    columns = {
        "id": pa.array(["k1", "k2", "k3", "k4"]),
        "text": pa.array([f"text {place} {draw(TEXT)}" for place in range(4)]),
        "label": labels,
    }
    for place in range(draw(st.integers(1, 4))):
        columns[f"c{place}"] = draw(COLUMNS)
    table = pa.table(columns)
    said = draw(st.sampled_from([None, {b"pandas": b"{}"}, {b"huggingface": b'{"info": {}}'}]))
    return table.replace_schema_metadata(said)


@given(table=tables())
@often
def test_parquet(shared: tuple[Engine, Path], table: pa.Table) -> None:
    sink = io.BytesIO()
    pq.write_table(table, sink, row_group_size=3)
    before = pq.read_table(io.BytesIO(sink.getvalue()))
    for content in twice(shared, sink.getvalue(), PARQUET):
        after = pq.read_table(io.BytesIO(content))
        assert after.column_names[: table.num_columns] == table.column_names
        assert after.num_columns == table.num_columns + 9
        assert after.schema.metadata == before.schema.metadata
        for name in table.column_names:
            assert after.schema.field(name).type == before.schema.field(name).type, name
            assert same(before[name].to_pylist(), after[name].to_pylist()), name


@given(array=COLUMNS)
@settings(max_examples=150, deadline=None, derandomize=True)
def test_a_column_comes_back_from_its_cells(array: pa.Array) -> None:
    back = column_of([imported(cell) for cell in cells_of(array)], array.type)
    assert back.type == array.type
    assert same(back.to_pylist(), array.to_pylist())


def same(one: Any, other: Any) -> bool:
    """Equal in type too; not a number is itself."""
    if isinstance(one, float) and isinstance(other, float) and math.isnan(one):
        return math.isnan(other)
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        return all(map(same, one, other))
    return type(one) is type(other) and repr(one) == repr(other)
