"""What a release directory holds."""

from __future__ import annotations

import csv
import random
from pathlib import Path
from typing import Any

import orjson
import pyarrow.parquet as pq
import pytest
from sqlalchemy import Engine

from app.datasets.blobs import BlobStore
from app.datasets.labels import retire_label
from app.db.engine import reading, writing
from app.db.log import lock_project
from app.db.tables.datasets import Example
from app.db.tables.releases import Release
from app.db.tables.review import Event
from app.db.words import Reason, Role, RunState, Status, Verdict
from app.errors import Conflict, DataProblem
from app.labels import mapped
from app.releases.build import Stored, build_release
from app.releases.formats.csv_file import CSV
from app.releases.formats.format import EXACT, FileFormat, Flavour
from app.releases.formats.jsonl_file import JSONL
from app.releases.formats.registry import FORMATS
from app.releases.options import Pending, What
from app.releases.verify import verify
from app.review.books.fold import fold
from app.review.books.standing import marks_of
from tests.releases.worlds import History, bring, logged_world, manifest, noted, release
from tests.steps import answers_of

FILES = {"given.jsonl", "events.jsonl", "labels.json", "manifest.json"}


def rows_of(directory: Path, name: str = "data") -> list[dict[str, Any]]:
    for path in directory.glob(f"{name}.*"):
        if path.suffix == ".jsonl":
            return [orjson.loads(line) for line in path.read_bytes().splitlines()]
        if path.suffix == ".parquet":
            found: list[dict[str, Any]] = pq.read_table(path).to_pylist()
            return found
        with path.open(newline="") as file:
            return list(csv.DictReader(file))
    raise AssertionError(f"no {name} file")


def decided(engine: Engine, **more: Any) -> Any:
    """Ten rows: one relabeled, one confirmed, one removed, the rest nobody has read."""
    world = logged_world(engine, examples=10, **more)
    ann = world.person("ann", Role.EXPERT)
    one, two, three = world.examples[:3]
    world.answer(ann, None, Verdict.RELABEL, world.labels[2], example_id=one)
    world.answer(ann, None, Verdict.CONFIRM, example_id=two)
    world.answer(ann, None, Verdict.REMOVE, example_id=three, reason=Reason.DUPLICATE)
    return world


@pytest.mark.parametrize("format", FORMATS.values(), ids=FORMATS)
def test_the_file_drops_in_where_the_old_one_was(
    engine: Engine, tmp_path: Path, format: FileFormat
) -> None:
    world = decided(engine)
    made = release(world, tmp_path / "r", format=format)
    assert {path.name for path in made.iterdir()} == FILES | {
        f"data.{format.ending}",
        f"removed.{format.ending}",
    }
    rows, removed = rows_of(made), rows_of(made, "removed")
    assert list(rows[0])[:3] == ["id", "text", "label"]
    assert [row["label"] for row in rows[:4]] == ["gamma", "beta", "alpha", "beta"]
    assert [row["relabel_given"] for row in rows[:2]] == ["alpha", "beta"]
    assert [row["relabel_status"] for row in rows[:3]] == ["relabeled", "confirmed", "unreviewed"]
    assert rows[0]["relabel_by"] == "pann" and rows[0]["relabel_at"] == "2026-05-04T12:00:00.000Z"
    assert (len(rows), len(removed)) == (9, 1)
    assert removed[0]["label"] == "gamma" and removed[0]["relabel_reason"] == "duplicate"
    counts = manifest(made)["release"]["counts"]
    assert (counts["imported"], counts["kept"], counts["removed"]) == (10, 9, 1)
    assert verify(made).problems.lines() == []


def test_labels_are_written_the_way_the_file_wrote_them(engine: Engine, tmp_path: Path) -> None:
    rows = rows_of(release(decided(engine, codes=True), tmp_path / "r"))
    assert [row["label"] for row in rows[:3]] == ["2", "1", "0"]
    assert rows[0]["relabel_given"] == "0"


def test_several_files_keep_their_own_columns_in_one(engine: Engine, tmp_path: Path) -> None:
    world = decided(engine)
    bring(world, examples=3, label="category", more={"relabel_by": "me"})
    ann = world.person("bob", Role.EXPERT)
    world.answer(ann, None, Verdict.RELABEL, world.labels[2], example_id=world.examples[-3])
    made = release(world, tmp_path / "r", format=JSONL)
    rows = rows_of(made)
    assert list(rows[0])[:5] == ["id", "text", "label", "category", "relabel_by"]
    assert (rows[-3]["category"], rows[-3]["label"]) == ("gamma", None)
    assert rows[-3]["relabel_by"] == "me" and rows[-3]["relabel_relabel_by"] == "pbob"
    assert verify(made).sound


def test_a_filter_that_leaves_everything_out_says_so(engine: Engine, tmp_path: Path) -> None:
    world = logged_world(engine, examples=5)
    made = release(world, tmp_path / "r", what=What.FINAL)
    about = manifest(made)["release"]
    assert (about["counts"]["rows"], about["counts"]["left_out"]) == (0, {"unreviewed": 5})
    assert about["warnings"] == ["Every row was left out: 5 unreviewed."]
    assert rows_of(made) == [] and verify(made).sound


def test_what_a_filter_leaves_out_is_counted_by_reason(engine: Engine, tmp_path: Path) -> None:
    world = decided(engine)
    changed = release(world, tmp_path / "a", what=What.CHANGED)
    counts = manifest(changed)["release"]["counts"]
    assert (counts["rows"], counts["left_out"]) == (1, {"unchanged": 1, "unreviewed": 7})
    read = release(world, tmp_path / "b", unreviewed=False)
    assert manifest(read)["release"]["counts"]["rows"] == 2
    assert verify(changed).sound and verify(read).sound


@pytest.mark.parametrize("format", FORMATS.values(), ids=FORMATS)
def test_a_change_that_waits_stands_as_given_or_in_a_column(
    engine: Engine, tmp_path: Path, format: FileFormat
) -> None:
    world = decided(engine, confirmations=2)
    plain = release(world, tmp_path / "a", format=format)
    rows = rows_of(plain)
    assert len(rows) == 10 and rows[0]["label"] == "alpha"
    assert rows[0]["relabel_status"] == "pending" and "relabel_pending" not in rows[0]
    assert "2 changes wait for a second reader" in manifest(plain)["release"]["warnings"][0]
    column = release(world, tmp_path / "b", format=format, pending=Pending.COLUMN)
    said = [row["relabel_pending"] for row in rows_of(column)[:3]]
    assert [text or "" for text in said] == ["relabel: gamma", "", "remove: duplicate"]
    assert verify(plain).sound and verify(column).sound


ODD = ['=HYPERLINK("http://x")', " +1", "-2", "@SUM", "\t=1", "＝1", "'=1", "a\rb", 'q"q', "x\ny,z"]


@pytest.mark.parametrize("flavour", CSV.flavours, ids=str)
def test_no_spreadsheet_runs_a_cell_and_exact_is_exact(
    engine: Engine, tmp_path: Path, flavour: Flavour
) -> None:
    world = logged_world(engine, examples=1)
    for text in ODD:
        bring(world, examples=1, more={"odd": text})
    made = release(world, tmp_path / "r", flavour=flavour)
    with (made / "data.csv").open(newline="", encoding="utf-8-sig") as file:
        cells = [row["odd"] for row in csv.DictReader(file)][1:]
    if flavour is EXACT:
        assert cells == ODD
    else:
        assert [cell for cell in cells if cell[0] in "=+-@\t\r＝＋－＠"] == []
        assert [cell.removeprefix("'") for cell in cells] == ODD
    assert verify(made).sound


def test_a_retired_label_becomes_its_successor(engine: Engine, tmp_path: Path) -> None:
    world = decided(engine)
    with writing(engine) as session:
        a, _, c = world.labels
        lock = lock_project(session, world.project_id)
        retire_label(lock, c, replaced_by=a, actor=None, now=world.now)
        lock.save()
    made = release(world, tmp_path / "r")
    rows = rows_of(made)
    assert rows[0]["label"] == "alpha" and rows[0]["relabel_status"] == "confirmed"
    assert rows[4]["label"] == "alpha" and rows[4]["relabel_given"] == "gamma"
    assert verify(made).problems.lines() == []


def test_examples_without_a_label_stay_without_until_somebody_gives_one(
    engine: Engine, tmp_path: Path
) -> None:
    world = logged_world(engine, examples=4, unlabelled=2)
    ann = world.person("ann", Role.EXPERT)
    world.answer(ann, None, Verdict.RELABEL, world.labels[0], example_id=world.examples[-1])
    made = release(world, tmp_path / "r")
    assert [row["label"] for row in rows_of(made)] == ["alpha", "beta", "", "alpha"]
    assert verify(made).sound


def test_the_head_hash_binds_the_data_files(engine: Engine, tmp_path: Path) -> None:
    world = decided(engine)
    made = release(world, tmp_path / "r")
    with reading(engine) as session:
        row = session.get_one(Release, 1)
    assert row.state is RunState.COMPLETE and row.head_hash is not None
    assert verify(made, head=row.head_hash.hex()).sound
    assert not verify(made, head="0" * 64).sound
    last = orjson.loads((made / "events.jsonl").read_bytes().splitlines()[-1])
    assert last["kind"] == "release" and last["data"]["up_to"] == last["seq"] - 1
    assert last["data"]["files"]["data.csv"] == row.files["data.csv"]
    assert row.up_to_seq == last["seq"] - 1


def test_answers_given_while_it_is_made_are_not_in_it(engine: Engine, tmp_path: Path) -> None:
    world = decided(engine)
    ann = world.person("eve", Role.EXPERT)
    late = world.examples[5]

    def meanwhile(step: str, done: int, total: int) -> None:
        if step == "writing rows":
            world.answer(ann, None, Verdict.RELABEL, world.labels[0], example_id=late)

    made = noted(world)
    stored = Stored(engine, BlobStore(tmp_path / "blobs"))
    where = build_release(stored, made.id, tmp_path / "r", now=world.now, progress=meanwhile)
    about = manifest(where)["release"]
    assert manifest(where)["events"] == about["up_to"] + 2
    assert rows_of(where)[4]["relabel_status"] == "unreviewed"
    assert world.example(late).status is Status.RELABELED
    assert verify(where).problems.lines() == []


def test_a_job_that_runs_twice_makes_one_release(engine: Engine, tmp_path: Path) -> None:
    world = decided(engine)
    made = noted(world)
    stored = Stored(engine, BlobStore(tmp_path / "blobs"))
    first = build_release(stored, made.id, tmp_path / "r", now=world.now)
    before = {path.name: path.read_bytes() for path in first.iterdir()}
    world.later(hours=1)
    again = build_release(stored, made.id, tmp_path / "r", now=world.now)
    assert {path.name: path.read_bytes() for path in again.iterdir()} == before
    assert len([e for e in world.all(Event) if e.kind.value == "release"]) == 1


def test_a_directory_that_holds_something_else_is_left_alone(
    engine: Engine, tmp_path: Path
) -> None:
    world = decided(engine)
    (tmp_path / "r").mkdir()
    (tmp_path / "r" / "mine").write_text("x")
    with pytest.raises(Conflict):
        release(world, tmp_path / "r")
    assert (tmp_path / "r" / "mine").read_text() == "x"


def test_rows_changed_behind_the_back_are_not_released(engine: Engine, tmp_path: Path) -> None:
    world = decided(engine)
    with writing(engine) as session:
        session.get_one(Example, world.examples[4]).given_label_id = world.labels[2]
    with pytest.raises(DataProblem, match="not those that were imported"):
        release(world, tmp_path / "r")
    assert list(tmp_path.iterdir()) == [] or not (tmp_path / "r").exists()


def test_live_labels_equal_the_release_after_any_history(engine: Engine, tmp_path: Path) -> None:
    seeds = 12 if engine.dialect.name == "sqlite" else 2
    for seed in range(seeds):
        _live_and_release(engine, tmp_path / str(seed), seed)


def _live_and_release(engine: Engine, directory: Path, seed: int) -> None:
    rng = random.Random(seed)
    world = logged_world(engine, examples=9, confirmations=rng.choice([1, 2]), unlabelled=1)
    History(world, rng).live(150)
    if seed % 3 == 0:
        with writing(engine) as session:
            a, b, _ = world.labels
            lock = lock_project(session, world.project_id)
            retire_label(lock, b, replaced_by=a, actor=None, now=world.now)
            lock.save()
    made = release(world, directory, format=JSONL, pending=Pending.COLUMN)
    assert verify(made).problems.lines() == []
    rows = {row["id"]: row for name in ("data", "removed") for row in rows_of(made, name)}
    names = dict(zip(world.labels, ("alpha", "beta", "gamma"), strict=True))
    with reading(engine) as session:
        for example_id in world.examples:
            example = session.get_one(Example, example_id)
            given = [] if example.given_label_id is None else [example.given_label_id]
            mapping = {world.labels[1]: world.labels[0]} if seed % 3 == 0 else {}
            state = fold(
                given,
                answers_of(session, example_id),
                marks_of(session, example_id),
                mapping=mapping,
            )
            row = rows[example.key]
            assert row["relabel_status"] == state.status
            if seed % 3:
                assert state.status is example.status
            if state.status is not Status.REMOVED and state.labels != mapped(given, {}):
                assert row["label"] == names[state.labels[0]]
