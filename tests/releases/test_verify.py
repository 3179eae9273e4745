"""Whoever changes a release is found out, with the file named, and the row where there is one."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from app.cli.main import relabel
from app.db.engine import open_engine
from app.db.migrate import climb
from app.releases.formats.format import FileFormat, Flavour
from app.releases.formats.registry import FORMATS
from app.releases.manifest import manifest_bytes
from app.releases.options import Pending
from app.releases.verify import Verified, verify
from tests.releases import third_party
from tests.releases.forging import Forger, Rows
from tests.releases.worlds import History, bring, logged_world, release

FLIPS = 90


OF_OLD = Path(__file__).parent / "of_old"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """One lively project, released in each format. Files only, so one database is enough."""
    folder = tmp_path_factory.mktemp("made")
    engine = open_engine(f"sqlite:///{folder / 'relabel.sqlite'}")
    climb(engine)
    world = logged_world(engine, examples=14, confirmations=2)
    bring(world, examples=4, label="category")
    History(world, random.Random(5)).live(220)
    pending = Pending.COLUMN
    found = {
        way: release(world, folder / way, format=format, flavour=flavour, pending=pending)
        for way, format, flavour in ways()
    }
    engine.dispose()
    return found


def ways() -> list[tuple[str, FileFormat, Flavour]]:
    """Every way to write a release: each format in each of its flavours."""
    every = [(format, flavour) for format in FORMATS.values() for flavour in format.flavours]
    return [(f"{format.name}-{flavour.name}", format, flavour) for format, flavour in every]


@pytest.fixture(params=[way for way, _, _ in ways()])
def whole(request: pytest.FixtureRequest, made: dict[str, Path], tmp_path: Path) -> Path:
    """A copy of one release that a test may damage."""
    return Path(shutil.copytree(made[request.param], tmp_path / "release"))


@pytest.fixture
def lines(made: dict[str, Path], tmp_path: Path) -> Path:
    return Path(shutil.copytree(made["jsonl-exact"], tmp_path / "release"))


def files_named(found: Verified) -> set[str]:
    return {problem.file for problem in found.problems.listed}


def test_a_release_as_it_was_made_is_sound(whole: Path) -> None:
    found = verify(whole)
    assert found.problems.lines() == []
    assert found.counts["imported"] == 18 and len(found.head) == 64


def test_one_flipped_byte_anywhere_is_found_and_the_file_named(whole: Path) -> None:
    rng = random.Random(3)
    for path in sorted(whole.iterdir()):
        content = path.read_bytes()
        every = max(1, len(content) // FLIPS)
        places = {*range(0, len(content), every), len(content) - 1}
        for place in sorted(places):
            damaged = bytearray(content)
            damaged[place] ^= 1 << rng.randrange(8)
            path.write_bytes(bytes(damaged))
            assert path.name in files_named(verify(whole)), (path.name, place)
        path.write_bytes(content)
    assert verify(whole).sound


def test_every_bit_of_the_manifest_counts(lines: Path) -> None:
    path = lines / "manifest.json"
    content = path.read_bytes()
    for place in range(0, len(content), 3):
        damaged = bytearray(content)
        damaged[place] ^= 1 << (place % 8)
        path.write_bytes(bytes(damaged))
        assert "manifest.json" in files_named(verify(lines)), (place, content[place - 20 : place])


def test_a_file_cut_short_longer_or_gone_is_named(whole: Path) -> None:
    for path in sorted(whole.iterdir()):
        content = path.read_bytes()
        for damaged in (content[:-1], content[: len(content) // 2], b"", content + b"\n"):
            path.write_bytes(damaged)
            assert path.name in files_named(verify(whole)), path.name
        path.unlink()
        assert path.name in files_named(verify(whole)), path.name
        path.write_bytes(content)


def sign_again(directory: Path, *, chain: bool) -> None:
    """What somebody would do who knows the format: make the checksums agree again."""
    forger = Forger(directory)
    if chain:
        forger.sign_event()
        forger.chain()
    forger.sign()


def edit_lines(path: Path, edit: Callable[[Rows], None]) -> None:
    Forger(path.parent).rows(path.name, edit)


@pytest.mark.parametrize("chain", [False, True])
def test_a_swapped_label_is_found_by_the_fold_whatever_the_checksums_say(
    lines: Path, chain: bool
) -> None:
    head = verify(lines).head

    def swap(rows: list[dict[str, Any]]) -> None:
        rows[2]["label"] = "beta" if rows[2]["label"] != "beta" else "gamma"

    before = [orjson.loads(line) for line in (lines / "data.jsonl").read_bytes().splitlines()]
    edit_lines(lines / "data.jsonl", swap)
    sign_again(lines, chain=chain)
    found = verify(lines)
    wrong = next(p for p in found.problems.listed if p.file == "data.jsonl")
    assert (wrong.row, wrong.key) == (3, before[2]["id"])
    assert wrong.expected == before[2]["label"] and wrong.actual in ("beta", "gamma")
    assert not verify(lines, head=head).sound


@pytest.mark.parametrize("column", ["status", "verdict", "reason", "by", "at", "guideline"])
def test_what_stands_beside_the_label_is_held_against_the_log_too(lines: Path, column: str) -> None:
    def change(rows: list[dict[str, Any]]) -> None:
        rows[0][f"relabel_{column}"] = "otherwise"

    edit_lines(lines / "data.jsonl", change)
    sign_again(lines, chain=True)
    wrong = verify(lines).problems.listed[0]
    assert (wrong.file, wrong.row, wrong.actual) == ("data.jsonl", 1, "otherwise")


def test_a_dropped_row_and_one_too_many_are_found(lines: Path) -> None:
    kept = (lines / "data.jsonl").read_bytes()
    edit_lines(lines / "data.jsonl", lambda rows: rows.pop(4))
    sign_again(lines, chain=True)
    wrong = verify(lines).problems.listed[0]
    assert (wrong.file, wrong.row, wrong.what) == ("data.jsonl", 5, "is another example")
    (lines / "data.jsonl").write_bytes(kept)
    edit_lines(lines / "data.jsonl", lambda rows: rows.append(rows[0]))
    sign_again(lines, chain=True)
    assert verify(lines).problems.listed[0].what == "the row is one too many"
    edit_lines(lines / "data.jsonl", lambda rows: rows.__delitem__(slice(-2, None)))
    sign_again(lines, chain=True)
    assert verify(lines).problems.listed[0].what == "the row is missing"


def test_a_swapped_label_in_parquet_is_found_by_its_row(
    made: dict[str, Path], tmp_path: Path
) -> None:
    where = Path(shutil.copytree(made["parquet-exact"], tmp_path / "release"))
    table = pq.read_table(where / "data.parquet")
    rows = table.to_pylist()
    rows[1]["label"] = "beta" if rows[1]["label"] != "beta" else "alpha"
    pq.write_table(pa.Table.from_pylist(rows, table.schema), where / "data.parquet")
    sign_again(where, chain=True)
    wrong = verify(where).problems.listed[0]
    assert (wrong.file, wrong.row, wrong.what) == ("data.parquet", 2, "label differs")


@pytest.mark.parametrize("kind", ["decision", "policy", "import", "schema"])
def test_an_edited_event_breaks_the_chain(lines: Path, kind: str) -> None:
    head = verify(lines).head
    bodies = (lines / "events.jsonl").read_bytes().splitlines()
    place = next(n for n, body in enumerate(bodies) if f'"kind":"{kind}"'.encode() in body)
    event = orjson.loads(bodies[place])
    event["at"] += 1
    bodies[place] = orjson.dumps(event, option=orjson.OPT_SORT_KEYS)
    (lines / "events.jsonl").write_bytes(b"".join(body + b"\n" for body in bodies))
    sign_again(lines, chain=False)
    assert not verify(lines).sound
    sign_again(lines, chain=True)  # a whole new chain: only the hash kept apart tells
    assert not verify(lines, head=head).sound


def test_an_event_taken_out_is_found(lines: Path) -> None:
    bodies = (lines / "events.jsonl").read_bytes().splitlines()
    del bodies[7]
    (lines / "events.jsonl").write_bytes(b"".join(body + b"\n" for body in bodies))
    sign_again(lines, chain=True)
    assert "says seq" in str(verify(lines).problems.listed)


def test_another_given_label_is_found(lines: Path) -> None:
    def change(rows: list[dict[str, Any]]) -> None:
        rows[5]["given"] = rows[6]["given"]

    edit_lines(lines / "given.jsonl", change)
    sign_again(lines, chain=True)
    assert "given.jsonl" in files_named(verify(lines))


def test_a_label_renamed_in_labels_json_is_found(lines: Path) -> None:
    content = orjson.loads((lines / "labels.json").read_bytes())
    content["labels"][0]["name"] = "omega"
    (lines / "labels.json").write_bytes(manifest_bytes(content))
    sign_again(lines, chain=True)
    assert "labels.json" in files_named(verify(lines))


def test_counts_that_do_not_add_up_are_found(lines: Path) -> None:
    manifest = orjson.loads((lines / "manifest.json").read_bytes())
    manifest["release"]["counts"]["kept"] += 1
    (lines / "manifest.json").write_bytes(manifest_bytes(manifest))
    sign_again(lines, chain=True)
    assert "counts are not those of the log" in str(verify(lines).problems.listed)


def test_the_command_says_what_was_proved_or_exits_with_65(lines: Path) -> None:
    run = CliRunner()
    head = verify(lines).head
    said = run.invoke(relabel, ["verify", str(lines), "--head", head])
    assert said.exit_code == 0
    assert head in said.output and "18 imported" in said.output
    with (lines / "data.jsonl").open("ab") as file:
        file.write(b"{}\n")
    said = run.invoke(relabel, ["verify", str(lines)])
    assert said.exit_code == 65 and "data.jsonl" in said.output
    assert run.invoke(relabel, ["verify", str(lines / "nowhere")]).exit_code == 65


def test_verifying_loads_neither_a_database_nor_anything_heavy() -> None:
    line = (
        "import sys, app.releases.verify; "
        "print([m for m in ('sqlalchemy', 'pyarrow', 'numpy', 'pydantic', 'fastapi', 'app.db.log')"
        " if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", line], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def of_old(way: str, place: Path) -> Path:
    """A release that was made before lines bound their cells, and imports their form."""
    return Path(shutil.copytree(OF_OLD / way, place / "release"))


@pytest.mark.parametrize("way", FORMATS)
def test_a_release_of_old_is_still_proved(way: str, tmp_path: Path) -> None:
    where = of_old(way, tmp_path)
    found = verify(where)
    assert found.problems.lines() == []
    assert found.counts["imported"] == 8
    name = f"removed.{FORMATS[way].ending}"
    (where / name).write_bytes((where / name).read_bytes() + b" ")
    assert name in files_named(verify(where))


def test_a_swapped_label_in_a_release_of_old_is_found(tmp_path: Path) -> None:
    where = of_old("jsonl", tmp_path)
    edit_lines(where / "data.jsonl", lambda rows: rows[5].update(category="alpha"))
    sign_again(where, chain=True)
    wrong = verify(where).problems.listed[0]
    assert (wrong.file, wrong.row, wrong.actual) == ("data.jsonl", 6, "alpha")


def test_events_of_both_record_formats_are_taken_in(lines: Path) -> None:
    def say_more(events: list[dict[str, Any]]) -> None:
        answers = [e for e in events if e["kind"] in ("decision", "adjudicate")]
        for event in [*answers[len(answers) // 2 :], events[-1]]:
            event["v"] = 2
        for event in answers[len(answers) // 2 :]:
            event["data"] |= {
                "shown": {
                    "options": [1, 2, 3],
                    "quality": 12,
                    "difficulty": None,
                    "neighbours": [4],
                    "suggested": None,
                },
                "first_answer": {"verdict": "relabel", "labels": [1], "reason": None},
                "coins": {"second": True, "recheck": None},
            }

    path = lines / "events.jsonl"
    events = [orjson.loads(line) for line in path.read_bytes().splitlines()]
    say_more(events)
    path.write_bytes(b"".join(orjson.dumps(e, option=orjson.OPT_SORT_KEYS) + b"\n" for e in events))
    manifest = orjson.loads((lines / "manifest.json").read_bytes())
    manifest["release"]["record_format"] = 2
    (lines / "manifest.json").write_bytes(manifest_bytes(manifest))
    sign_again(lines, chain=True)
    assert verify(lines).problems.lines() == []
    third_party.verify(lines)


def test_parquet_of_another_build_is_held_by_its_values(
    made: dict[str, Path], tmp_path: Path
) -> None:
    where = Path(shutil.copytree(made["parquet-exact"], tmp_path / "release"))
    manifest = orjson.loads((where / "manifest.json").read_bytes())
    manifest["release"]["versions"]["pyarrow"] = "0.1"
    (where / "manifest.json").write_bytes(manifest_bytes(manifest))
    table = pq.read_table(where / "data.parquet")
    pq.write_table(table, where / "data.parquet", compression="gzip")
    sign_again(where, chain=True)
    assert verify(where).problems.lines() == []
    texts = ["otherwise", *table["text"].to_pylist()[1:]]
    pq.write_table(table.set_column(1, table.field("text"), [texts]), where / "data.parquet")
    sign_again(where, chain=True)
    wrong = verify(where).problems.listed[0]
    assert (wrong.row, wrong.what) == (1, "its text is not what was imported")
