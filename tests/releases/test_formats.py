"""What every file format promises: one suite for all, each in each of its flavours."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from app.cli.main import relabel
from app.releases.formats.csv_file import CSV, SPREADSHEET
from app.releases.formats.format import EXACT, Cell, FileFormat, Flavour, RowShape
from app.releases.formats.registry import FLAVOURS, FORMATS, flavour_named, format_named
from app.releases.options import ReleaseSpec
from tests.web.cast import Cast

WAYS = [(known, flavour) for known in FORMATS.values() for flavour in known.flavours]
IDS = [f"{known.name}-{flavour.name}" for known, flavour in WAYS]
every_way = pytest.mark.parametrize(("format", "flavour"), WAYS, ids=IDS)

TEXT = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=12)
NUMBER = st.floats(allow_nan=False, allow_infinity=False, width=32)
ROW = st.tuples(TEXT, TEXT.filter(bool), NUMBER | st.none(), st.integers(-9, 2**40) | st.none())
SHAPE = RowShape(("a", "b", "relabel_quality", "relabel_guideline"), {
    "relabel_quality": float,
    "relabel_guideline": int,
})  # fmt: skip


def shape_in(flavour: Flavour, separator: str = ",") -> RowShape:
    return RowShape(SHAPE.columns, SHAPE.numbers, flavour, separator)


def written(path: Path, format: FileFormat, shape: RowShape, *rows: list[tuple[Cell, ...]]) -> Path:
    with path.open("wb") as file, format.create(file, shape) as into:
        for some in rows:
            into.write(some)
    return path


def as_text(cells: object) -> list[str]:
    """A format may keep numbers or write them down: what counts is what they say."""
    assert isinstance(cells, tuple)
    return ["" if cell is None else str(cell) for cell in cells]


@every_way
@pytest.mark.parametrize("separator", [",", ";", "\t"])
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rows=st.lists(ROW, min_size=1, max_size=6))
def test_what_is_written_is_read_back(
    tmp_path: Path,
    format: FileFormat,
    flavour: Flavour,
    separator: str,
    rows: list[tuple[Cell, ...]],
) -> None:
    shape = shape_in(flavour, separator)
    path = written(tmp_path / "rows", format, shape, rows[:2], [], rows[2:])
    back = list(format.read(path, shape))
    assert [tuple(row) for row in back] == [shape.columns] * len(rows)
    assert [as_text(tuple(row.values())) for row in back] == [as_text(row) for row in rows]


@every_way
def test_a_file_without_rows_is_a_file(
    tmp_path: Path, format: FileFormat, flavour: Flavour
) -> None:
    shape = shape_in(flavour)
    assert list(format.read(written(tmp_path / "rows", format, shape), shape)) == []


@every_way
def test_the_same_rows_are_the_same_bytes(
    tmp_path: Path, format: FileFormat, flavour: Flavour
) -> None:
    """An interrupted release is made again byte for byte."""
    rows: list[tuple[Cell, ...]] = [("=x", "ü", 0.25, 7), ("", "b", None, None)]
    once, twice = (
        written(tmp_path / name, format, shape_in(flavour), rows).read_bytes() for name in "ab"
    )
    assert once == twice


@every_way
def test_damage_is_a_value_error(tmp_path: Path, format: FileFormat, flavour: Flavour) -> None:
    """Whatever is done to a file, reading it ends, and only in the errors that `verify` expects."""
    rows: list[tuple[Cell, ...]] = [(f"a{n}", "b\nc", n / 7, n) for n in range(40)]
    shape = shape_in(flavour)
    whole = written(tmp_path / "rows", format, shape, rows).read_bytes()
    for place in range(0, len(whole), max(1, len(whole) // 60)):
        damaged = bytearray(whole)
        damaged[place] ^= 0x80
        for content in (bytes(damaged), whole[:place]):
            (tmp_path / "rows").write_bytes(content)
            try:
                list(format.read(tmp_path / "rows", shape))
            except (ValueError, OSError):
                continue


def test_names_and_endings_are_their_own() -> None:
    assert [known.name for known in FORMATS.values()] == list(FORMATS)
    assert [known.name for known in FLAVOURS.values()] == list(FLAVOURS)
    for told in ("words", "ending", "media_type"):
        assert len({getattr(known, told) for known in FORMATS.values()}) == len(FORMATS)
    assert all("/" in known.media_type and known.flavours for known in FORMATS.values())


@every_way
def test_a_spec_names_them(format: FileFormat, flavour: Flavour) -> None:
    spec = ReleaseSpec(format, flavour)
    assert ReleaseSpec.of(spec.as_json()) == spec
    assert (spec.as_json()["format"], spec.as_json()["flavour"]) == (format.name, flavour.name)


def test_an_unknown_name_says_what_there_is() -> None:
    with pytest.raises(ValueError, match="'xls': choose csv or jsonl or parquet"):
        format_named("xls")
    with pytest.raises(ValueError, match="'bold': choose exact or spreadsheet"):
        flavour_named("bold")


def test_program_and_console_offer_what_there_is(cast: Cast) -> None:
    api = f"/api/v1/projects/{cast.project.slug}/releases"
    schemas = cast.lead.get("/api/v1/openapi.json").json()["components"]["schemas"]
    asked = schemas["ReleasePayload"]["properties"]
    assert asked["format"]["enum"] == list(FORMATS)
    assert asked["flavour"]["enum"] == list(FLAVOURS)
    refused = cast.lead.post(api, json={"format": "xls"})
    assert refused.status_code == 422
    assert all(f"'{name}'" in refused.text for name in FORMATS)
    said = CliRunner().invoke(
        relabel, ["release", "x", "--out", "nowhere", "--format", "xls"], env={"COLUMNS": "200"}
    )
    assert said.exit_code == 2
    assert all(name in said.output for name in FORMATS)


UNSEEN = (
    "",
    " ",
    "   ",
    "\t",
    "\n",
    "\r",
    "\r\n",
    "\u00a0",
    "\u3000",
    "\ufeff",
    "\u200b",
    "\u2060 \n",
)
RUN = [before + sign + "1+1" for before in UNSEEN for sign in "=+-@＝＋－＠﹦﹢﹣﹫"]
PLAIN = ["a=1", "3", "word - word", "me@example.org", "", " a", "“=1”"]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_what_a_spreadsheet_might_run_begins_with_an_apostrophe_and_comes_back(
    tmp_path: Path, separator: str
) -> None:
    """Only in the flavour that says so: what programs read is never touched."""
    cells = [*RUN, *PLAIN, "'=1", "''", "\ttab", "\nline", "\rline"]
    for flavour in (SPREADSHEET, EXACT):
        shape = RowShape(("a",), {}, flavour, separator)
        path = written(tmp_path / "rows", CSV, shape, [(cell,) for cell in cells])
        encoding = "utf-8-sig" if flavour is SPREADSHEET else "utf-8"
        with path.open(encoding=encoding, newline="") as file:
            stored = [row[0] if row else "" for row in csv.reader(file, delimiter=separator)][1:]
        assert [row["a"] for row in CSV.read(path, shape)] == cells
        if flavour is EXACT:
            assert stored == cells
        else:
            assert stored[: len(RUN)] == [f"'{cell}" for cell in RUN]
            assert stored[len(RUN) : len(RUN) + len(PLAIN)] == PLAIN
