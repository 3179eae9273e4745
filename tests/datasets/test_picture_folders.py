"""Folders around pictures are a label, a split, or a question, at every door."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine

from app.cli.imports import refuse
from app.db.words import ImportState
from app.errors import DataProblem
from app.settings import Settings
from tests.datasets.bringing import bring_in
from tests.datasets.doors import Door, by_command, by_page, each_door
from tests.datasets.test_image_doors import folder, packed
from tests.web.cast import Cast
from tests.web.test_imports import work

BURIED = (
    *("set/cat/0.png", "set/cat/1.png", "set/dog/0.png", "set/dog/batch2/9.png"),
    *("set/dog/.ipynb_checkpoints/0-checkpoint.png", "__MACOSX/set/cat/._0.png"),
    *("set/.DS_Store", "set/cat/Thumbs.db", "set/readme.txt", "set/labels.csv"),
)


@each_door
def test_an_uneven_tree_asks_which_folder_is_the_label(cast: Cast, door: Door) -> None:
    came = door(cast, folder(*BURIED))
    assert (came.state, came.open) == (ImportState.STAGED, {"W230"}), came.shown
    assert (came.codes["W228"], came.codes["W220"]) == (4, 2)
    assert came.rows == [] and "set/dog/batch2/9.png" in came.shown
    if door is not by_command:  # it tells the choices as the next step, below
        assert "Folder 2: cat (2), dog (2)" in came.shown
        assert "The last folder: cat (2), dog (1), batch2 (1)" in came.shown


def test_the_terminal_names_the_choices(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "pets.zip").write_bytes(packed(*BURIED))
    settings = Settings(data=tmp_path / "data")
    result = bring_in(engine, settings, "pets", tmp_path / "pets.zip")
    with pytest.raises(DataProblem) as refused:
        refuse(result)
    assert "--answer W230=2" in refused.value.next_step
    assert "2: Folder 2: cat (2), dog (2); 3: Folder 3: batch2 (1)" in refused.value.next_step


@each_door
@pytest.mark.parametrize(
    ("level", "given"),
    [
        ("2", ["cat", "cat", "dog", "dog"]),
        ("last", ["cat", "cat", "dog", "batch2"]),
        ("1", ["set", "set", "set", "set"]),
        ("none", [None, None, None, None]),
    ],
)
def test_the_folder_that_was_answered_is_the_label(
    cast: Cast, door: Door, level: str, given: list[str | None]
) -> None:
    came = door(cast, folder(*BURIED, choices={"W230": level}))
    assert (came.state, came.given) == (ImportState.DONE, given), came.shown
    assert [row.key for row in came.rows] == [
        *("set/cat/0.png", "set/cat/1.png", "set/dog/0.png", "set/dog/batch2/9.png")
    ]


@each_door
def test_splits_above_labels_are_read_as_both(cast: Cast, door: Door) -> None:
    names = ("pets/train/cat/0.png", "pets/train/dog/1.png", "pets/valid/cat/2.png")
    came = door(cast, folder(*names))
    assert (came.state, came.given) == (ImportState.DONE, ["cat", "dog", "cat"]), came.shown
    assert [row.columns["split"] for row in came.rows] == ["train", "train", "valid"]
    assert came.codes["W231"] == 1
    assert door is by_page or "cat (2), dog (1)" in came.shown
    other = door(cast, folder(*names, choices={"W231": "2"}))
    assert other.given == ["train", "train", "valid"], other.shown


@each_door
def test_splits_alone_are_no_labels(cast: Cast, door: Door) -> None:
    came = door(cast, folder("train/0.png", "test/1.png"))
    assert (came.state, came.given) == (ImportState.DONE, [None, None]), came.shown
    assert [row.columns["split"] for row in came.rows] == ["test", "train"]


@each_door
def test_one_folder_alone_is_a_label_if_that_is_answered(cast: Cast, door: Door) -> None:
    came = door(cast, folder("cat/0.png", "cat/1.png"))
    assert (came.state, came.given, came.codes["W231"]) == (ImportState.DONE, [None, None], 1)
    came = door(cast, folder("cat/0.png", "cat/1.png", choices={"W231": "1"}))
    assert came.given == ["cat", "cat"], came.shown


@each_door
def test_what_is_said_of_the_columns_of_a_zip_counts(cast: Cast, door: Door) -> None:
    came = door(cast, folder("cat/0.png", "dog/1.png", label="-"))
    assert (came.state, came.given, came.labels) == (ImportState.DONE, [None, None], []), came.shown
    lacks = folder("train/0.png", "test/1.png", label="folder", split="split")
    assert door(cast, lacks).given == [None, None]
    came = door(cast, folder("cat/0.png", "dog/1.png", label="-", group="folder"))
    assert [row.columns["folder"] for row in came.rows] == ["cat", "dog"]


@each_door
def test_folders_below_one_folder_are_the_labels(cast: Cast, door: Door) -> None:
    came = door(cast, folder("pets\\cat\\0.png", "pets\\", "pets\\dog\\1.png"))
    assert (came.state, came.given) == (ImportState.DONE, ["cat", "dog"]), came.shown
    assert came.labels == ["cat", "dog"] and came.codes["W233"] == 2


@each_door
def test_two_folders_that_both_tell_pictures_apart_are_asked_about(cast: Cast, door: Door) -> None:
    names = ("a/cat/0.png", "a/dog/1.png", "b/cat/2.png")
    came = door(cast, folder(*names))
    assert came.open == {"W230"}, came.shown
    came = door(cast, folder(*names, choices={"W230": "2"}))
    assert came.given == ["cat", "dog", "cat"]


@each_door
def test_a_picture_beside_the_folders_has_no_label(cast: Cast, door: Door) -> None:
    choices = {"W230": "1", "E301": "unlabeled"}
    came = door(cast, folder("cat/0.png", "dog/1.png", "2.png", choices=choices))
    assert (came.state, came.given) == (ImportState.DONE, [None, "cat", "dog"]), came.shown


def test_the_page_says_how_folders_were_read_and_lets_it_be_changed(cast: Cast) -> None:
    came = by_page(cast, folder("a.png"))
    files = {"file": ("pets.zip", packed("train/a/0.png", "test/b/1.png"))}
    reply = cast.lead.post(f"/p/{came.project.slug}/import", files=files)
    work(cast)
    shown = cast.lead.get(reply.headers["location"]).text
    assert "label: b (1), a (1); split: test (1), train (1)" in shown
    assert 'name="choice" value="1"' in shown and "✓" in shown
