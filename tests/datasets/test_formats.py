"""What every file format keeps to; the same table comes in the same way through each of them."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import get_args, get_type_hints

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from sqlalchemy import Engine, select

from app.datasets.array_kinds import ARRAY_KINDS
from app.datasets.findings import Findings, Stop
from app.datasets.formats.csv import CSV
from app.datasets.formats.file_format import FileFormat
from app.datasets.formats.opening import open_file, open_table
from app.datasets.formats.registry import (
    FORMATS,
    TABLES,
    ending_of,
    format_named,
    format_of,
    formats_for,
    in_words,
)
from app.datasets.mapping import Reading
from app.db.engine import reading
from app.db.tables.datasets import Example, LeftOut
from app.db.words import DataType, ImportState
from app.settings import Settings
from app.web.uploads import sent_array
from tests.datasets.bringing import bring_in
from tests.datasets.test_image_import import picture
from tests.datasets.test_xlsx import workbook

EVERY = pytest.mark.parametrize("one", FORMATS.values(), ids=FORMATS)
EVERY_TABLE = pytest.mark.parametrize("one", TABLES, ids=lambda one: one.name)

HEADER = ("id", "text", "label", "split")
ROWS = [
    ("a1", "where is, my card", "card", "train"),
    ("a2", "naïve ünïcode 👋", "top up", "test"),
    ("a1", "the id comes twice", "card", "train"),  # E114
    ("a4", "no label", "", "train"),  # E301
    ("", "no id", "card", "train"),  # E115
    ("a6", 'a "quoted" word', "card", ""),
    ("a7", "a label of spaces", "   ", "test"),  # E309
]
CODES = {"E114": 1, "E115": 1, "E301": 1, "E309": 1}
Cells = Sequence[Sequence[str]]


def separated(mark: str) -> Callable[[Cells], bytes]:
    def write(rows: Cells) -> bytes:
        quoted = [['"' + cell.replace('"', '""') + '"' for cell in row] for row in rows]
        return "\r\n".join(mark.join(row) for row in quoted).encode()

    return write


def as_jsonl(rows: Cells) -> bytes:
    header, *rest = rows
    return b"\n".join(json.dumps(dict(zip(header, row, strict=True))).encode() for row in rest)


def as_table(rows: Cells) -> pa.Table:
    header, *rest = rows
    return pa.table({name: [row[at] for row in rest] for at, name in enumerate(header)})


def as_parquet(rows: Cells) -> bytes:
    held = io.BytesIO()
    pq.write_table(as_table(rows), held)
    return held.getvalue()


def as_arrow(rows: Cells) -> bytes:
    held, made = io.BytesIO(), as_table(rows)
    with pa.ipc.new_stream(held, made.schema) as writer:
        writer.write_table(made)
    return held.getvalue()


def as_folder(rows: Cells) -> bytes:
    """Two shards of one dataset, as they lie in a folder."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for at, some in enumerate((rows[1:4], rows[4:])):
            archive.writestr(f"set/data-{at:05}-of-00002.arrow", as_arrow([rows[0], *some]))
    return held.getvalue()


def as_zip(rows: Cells) -> bytes:
    """Images named like the rows: what a ZIP has instead of a table."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for at, row in enumerate(rows[1:]):
            archive.writestr(f"{row[2].strip() or 'none'}/{at}.png", picture(color=(at, 0, 0)))
    return held.getvalue()


def as_fasttext(table: Cells) -> bytes:
    named = [(label.strip().replace(" ", "-"), text) for _, text, label, *_ in table[1:]]
    lines = [f"__label__{label} {text}\n" if label else f"{text}\n" for label, text in named]
    return "".join(lines).encode()


def as_xlsx(rows: Cells) -> bytes:
    return workbook(Data=[list(cells) for cells in rows])


def as_text_files(rows: Cells) -> bytes:
    """A file for each text; the folder says its label."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for at, row in enumerate(rows[1:]):
            archive.writestr(f"texts/{row[2].strip() or 'none'}/{at}.txt", row[1])
    return held.getvalue()


HELD = {
    "datasets": ["data-00000-of-00001.arrow"],
    "text_files": [f"{label}/{at}.txt" for label in "ab" for at in range(3)],
}
"""What a ZIP of a format without an ending holds."""

WRITERS: dict[str, Callable[[Cells], bytes]] = {
    "csv": separated(","),
    "tsv": separated("\t"),
    "jsonl": as_jsonl,
    "parquet": as_parquet,
    "arrow": as_arrow,
    "fasttext": as_fasttext,
    "xlsx": as_xlsx,
    "datasets": as_folder,
    "text_files": as_text_files,
    "zip": as_zip,
}


def usual_ending(one: FileFormat) -> str:
    """A folder has none; it is packed into a ZIP."""
    return one.endings[0] if one.endings else "zip"


def written(one: FileFormat, folder: Path, ending: str = "") -> Path:
    path = folder / f"rows.{ending or usual_ending(one)}"
    path.write_bytes(WRITERS[one.name]([HEADER, *ROWS]))
    return path


def test_every_format_has_a_writer_here() -> None:
    assert WRITERS.keys() == FORMATS.keys()


@EVERY
def test_a_format_is_described_and_claims_endings_of_its_own(one: FileFormat) -> None:
    assert FORMATS[one.name] is one and one.words and one.data_types
    for ending in one.endings:
        assert format_named(f"A File.{ending.upper()}") is one
        assert format_named(f"rows.{ending}.gz") is one
    others = {ending for other in FORMATS.values() if other is not one for ending in other.endings}
    assert not others & set(one.endings)
    assert set(one.asks) <= set(Reading.__dataclass_fields__)


@EVERY
def test_a_file_is_known_by_its_bytes_or_else_by_its_name(one: FileFormat) -> None:
    head = WRITERS[one.name]([HEADER, *ROWS])[:8192]
    assert one.endings or one.holds(HELD[one.name])
    if one.endings:
        assert format_of(head, f"rows.{one.endings[0]}") is one
    if one.recognises(head):
        assert format_of(head, "rows.csv") is one
        assert format_of(head, "rows.unheard") is one


@EVERY
def test_every_ending_opens(one: FileFormat, tmp_path: Path) -> None:
    read = formats_for(next(iter(one.data_types)))
    for ending in one.endings:
        path = written(one, tmp_path, ending)
        into = (tmp_path, Reading())
        with open_file(path, path.name, Findings({}), read=read, into=into) as opened:
            assert len(list(opened.table.rows)) == len(ROWS)


@EVERY
def test_damage_is_told_and_never_a_crash(one: FileFormat, tmp_path: Path) -> None:
    whole = WRITERS[one.name]([HEADER, *ROWS])
    path = tmp_path / f"rows.{usual_ending(one)}"
    for content in (b"", whole[: len(whole) // 2], whole[:5], b"\0" * 64, b"\xff" * 64):
        path.write_bytes(content)
        read, into = formats_for(next(iter(one.data_types))), (tmp_path, Reading())
        try:
            with open_file(path, path.name, Findings({}), read=read, into=into) as opened:
                list(opened.table.rows)
        except Stop as stop:
            assert stop.code.startswith("E")


@EVERY_TABLE
@pytest.mark.usefixtures("started_anew")
def test_the_same_table_gives_the_same_rows_and_the_same_left_out_codes(
    engine: Engine, tmp_path: Path, one: FileFormat
) -> None:
    settings = Settings(data=tmp_path / "data")
    result = bring_in(engine, settings, "Same", written(one, tmp_path), id="id")
    assert result.state is ImportState.DONE, result
    assert (result.rows_read, result.rows_good, result.codes) == (len(ROWS), 3, CODES)
    with reading(engine) as session:
        rows = session.scalars(select(Example).order_by(Example.row)).all()
        left = session.execute(select(LeftOut.row, LeftOut.code).order_by(LeftOut.row)).all()
    assert [(row.key, row.content, row.split) for row in rows] == [
        ("a1", {"text": ROWS[0][1]}, "train"),
        ("a2", {"text": ROWS[1][1]}, "test"),
        ("a6", {"text": ROWS[5][1]}, ""),
    ]
    first = rows[0].row  # the header takes a line of its own where there is one
    assert [(row - first, code) for row, code in left] == [
        (2, "E114"),
        (3, "E301"),
        (4, "E115"),
        (6, "E309"),
    ]


@EVERY_TABLE
def test_a_packed_table_is_unpacked_or_refused(one: FileFormat, tmp_path: Path) -> None:
    content = WRITERS[one.name]([HEADER, *ROWS])
    for ending, pack in (("gz", gzip.compress), ("zst", zstandard.compress)):
        path = tmp_path / f"rows.{usual_ending(one)}.{ending}"
        path.write_bytes(pack(content))
        if one.may_be_packed:
            with open_file(path, path.name, Findings({}), read=TABLES) as opened:
                assert len(list(opened.table.rows)) == len(ROWS)
        else:
            with pytest.raises(Stop) as stopped, open_table(path, path.name, Findings({})):
                pass
            assert stopped.value.code == "E116"


@pytest.mark.parametrize("name", ["rows.docx", "rows.csv.bak", "rows.unheard.gz"])
def test_an_unknown_ending_is_refused_with_the_list_of_what_is_read(
    engine: Engine, tmp_path: Path, name: str
) -> None:
    content = b"id,text,label\n1,one,a\n2,two,b\n"
    path = tmp_path / name
    path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    result = bring_in(engine, Settings(data=tmp_path / "data"), "Odd", path)
    assert (result.state, set(result.codes)) == (ImportState.STAGED, {"E117"})
    told = result.obstacles[0]
    assert f".{ending_of(name)}" in told["message"]
    for one in formats_for(DataType.TEXT):
        assert one.words in told["fix"]
        assert all(f".{ending}" in told["fix"] for ending in one.endings)


def test_a_file_without_an_ending_is_taken_for_text_in_rows(tmp_path: Path) -> None:
    assert format_of(b"id,text\n", "rows") is CSV


def test_what_is_read_is_told_in_words() -> None:
    every = "CSV, TSV, JSONL, Parquet, Arrow, fastText, Excel (XLSX), "
    every += "Hugging Face datasets, ZIP of text files or ZIP"
    assert in_words(FORMATS.values()) == every
    assert in_words([CSV]) == "CSV"


def test_the_kinds_of_arrays_that_are_sent_are_those_that_are_checked() -> None:
    sent = get_type_hints(sent_array)["kind"]
    assert set(get_args(sent)) == {"", *ARRAY_KINDS}
    assert all(kind.words and ARRAY_KINDS[kind.name] is kind for kind in ARRAY_KINDS.values())
