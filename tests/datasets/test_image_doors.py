"""Pictures come in right at every door: names of other tools, folders, deep images."""

from __future__ import annotations

import io
import json
import unicodedata
import zipfile
from array import array
from collections.abc import Mapping
from typing import Any

import pytest
from PIL import Image

from app.datasets.blobs import BlobStore
from app.db.words import DataType, ImportState
from tests.datasets.doors import Door, Sent, by_page, each_door
from tests.web.cast import Cast
from tests.web.test_imports import work


def picture(color: int = 0, kind: str = "PNG", **more: Any) -> bytes:
    target = io.BytesIO()
    Image.new("RGB", (5, 4), (color, 2, 3)).save(target, kind, **more)
    return target.getvalue()


def packed(*names: str, **contents: bytes) -> bytes:
    """A ZIP of small pictures, each of its own color."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for at, name in enumerate(names):
            archive.writestr(name, picture(at))
        for other, content in contents.items():
            archive.writestr(other, content)
    return target.getvalue()


def table(*names: str) -> bytes:
    labels = ("lab", "pug")
    rows = [f"{name},{labels[at % 2]}" for at, name in enumerate(names)]
    return ("\n".join(["image,label", *rows]) + "\n").encode()


def with_zip(file: bytes, media: bytes, **said: Any) -> Sent:
    said = {"image": "image", "label": "label", **said}
    return Sent("t.csv", file, said, {"media": ("m.zip", media)}, DataType.IMAGE)


HEIC = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(100)
NFD = unicodedata.normalize("NFD", "Übung/é0.png")
OTHER_TOOLS: Mapping[str, tuple[list[str], list[str], str]] = {
    "no ending": (["im0", "im1"], ["train/im0.png", "train/im1.png"], "W237"),
    "windows": (["images\\cat\\0.png", "images\\1.png"], ["images/cat/0.png", "images/1.png"],
                "W234"),
    "upload": (["/data/upload/1/0.png", "/data/upload/1/1a2b3c4d-1.png"],
               ["images/cat/0.png", "images/cat/1.png"], "W238"),
    "local files": (["/data/local-files/?d=images/cat/0.png"], ["images/cat/0.png"], "W238"),
    "decomposed": (["Übung/é0.png"], [NFD], "W236"),
    "quoted": (["my%20cat%200.png", "my%20cat%201.png"], ["my cat 0.png", "my cat 1.png"], "W235"),
    "case": (["A.PNG", "B.PNG"], ["a.png", "b.png"], "W226"),
    "own disk": (["/home/me/0.png", "C:/Users/me/1.png"], ["pets/0.png", "pets/1.png"], "W227"),
}  # fmt: skip


@each_door
@pytest.mark.parametrize("tool", OTHER_TOOLS)
def test_names_of_another_tool_lead_to_their_files(cast: Cast, door: Door, tool: str) -> None:
    names, files, code = OTHER_TOOLS[tool]
    came = door(cast, with_zip(table(*names), packed(*files)))
    assert came.state is ImportState.DONE, came.shown
    assert came.given == ["lab", "pug"][: len(names)]
    assert came.codes[code] == len(names)
    assert [row.columns["image"] for row in came.rows] == names
    assert len({row.content for row in came.rows}) == len(names)


@each_door
def test_two_files_that_fit_are_named_and_a_missing_one_is_not_replaced(
    cast: Cast, door: Door
) -> None:
    rows = table("a.png", "0.png", "dog/1.png", "fox/2.png", "cat/2.png", "https://x.org/9.png")
    files = packed("a.png", "cat/0.png", "dog/0.png", "cat/1.png", "cat/2.png")
    came = door(cast, with_zip(rows, files))
    assert came.state is ImportState.DONE, came.shown
    assert [row.columns["image"] for row in came.rows] == ["a.png", "fox/2.png", "cat/2.png"]
    assert came.codes["E233"] == came.codes["E219"] == came.codes["E231"] == 1
    assert came.codes["W239"] == 1


def renamed(files: bytes, **names: bytes) -> bytes:
    """A ZIP with the bytes of names exchanged, of which nothing says the encoding."""
    for plain, name in names.items():
        files = files.replace(plain.ljust(len(name), "_").encode(), name)
    return files


@each_door
def test_old_zips_hold_names_in_utf8_or_in_the_code_page_of_their_time(
    cast: Cast, door: Door
) -> None:
    files = renamed(
        packed("new________", "old_____"),
        new="größe.png".encode(),
        old="café.png".encode("cp437"),
    )
    came = door(cast, with_zip(table("größe.png", "café.png"), files))
    assert (came.state, came.given) == (ImportState.DONE, ["lab", "pug"]), came.shown
    assert came.codes["W229"] == 2


def folder(*names: str, answers: bool = True, **said: Any) -> Sent:
    return Sent("pets.zip", packed(*names), said, {}, DataType.IMAGE, answers)


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
    assert 'name="choice" value="1"' in shown and "(chosen)" in shown


def deep(kind: str, most: int) -> bytes:
    target = io.BytesIO()
    values = array("H", [most * at // 99 for at in range(100)])
    image = Image.frombytes("I;16", (10, 10), values.tobytes())
    image.save(target, kind)
    return target.getvalue()


@each_door
def test_deep_pictures_are_shown_by_what_they_use(cast: Cast, door: Door) -> None:
    files = {"a12.png": deep("PNG", 4095), "b12.tif": deep("TIFF", 4095), "c.heic": HEIC}
    came = door(cast, Sent("deep.zip", packed(**files), {}, {}, DataType.IMAGE))
    assert (came.state, came.codes["W225"], came.codes["E235"]) == (ImportState.DONE, 2, 1)
    blobs = BlobStore(cast.app.state.settings.blob_directory)
    for row in came.rows:
        with blobs.open(json.loads(row.content)["image"]) as file:
            values = Image.open(file).convert("L").tobytes()
        assert (min(values), max(values)) == (0, 255) and 120 < sum(values) / 100 < 135
    assert door is by_page or "a12.png from 0 to 4,095 (12 bits)" in came.shown


COCO: Mapping[str, Any] = {
    "info": {"year": 2024},
    "images": [
        {"id": 7, "file_name": "0.png", "width": 5, "height": 4},
        {"id": 8, "file_name": "images/1.png"},
        {"id": 9, "file_name": "2.png"},
    ],
    "annotations": [
        {"id": 1, "image_id": 7, "category_id": 1},
        {"id": 2, "image_id": 8, "category_id": 1},
        {"id": 3, "image_id": 8, "category_id": 2},
        {"id": 4, "image_id": 8, "category_id": 2},
        {"id": 5, "image_id": 9, "category_id": 2},
        {"id": 6, "image_id": 99, "category_id": 2},
    ],
    "categories": [{"id": 1, "name": "cat"}, {"id": 2, "name": "dog", "supercategory": "pet"}],
}


@each_door
@pytest.mark.parametrize("indent", [None, 2])
def test_coco_beside_its_pictures_opens_as_what_it_is(
    cast: Cast, door: Door, indent: int | None
) -> None:
    media = {"media": ("m.zip", packed("train/0.png", "train/1.png", "train/2.png"))}
    file = json.dumps(COCO, indent=indent).encode()
    came = door(cast, Sent("labels.json", file, {}, media, DataType.IMAGE))
    assert came.state is ImportState.DONE, came.shown
    assert [(row.key, row.given) for row in came.rows] == [("7", "cat"), ("8", "dog"), ("9", "dog")]
    assert (came.codes["W246"], came.codes["W247"], came.codes["W248"]) == (1, 1, 1)
    assert door is by_page or "COCO: 3 images with 5 annotations of 2 categories" in came.shown


@each_door
def test_rows_that_begin_like_coco_are_rows(cast: Cast, door: Door) -> None:
    rows = [{"info": {"k": 1}, "text": text, "label": label} for text, label in TWO]
    file = "".join(json.dumps(row) + "\n" for row in rows).encode()
    came = door(cast, Sent("r.jsonl", file))
    assert [(row.content, row.given) for row in came.rows] == TWO


TWO = [("one", "x"), ("two", "y")]


def test_a_table_without_its_zip_is_offered_the_field_for_it(cast: Cast) -> None:
    project = by_page(cast, folder("a.png")).project
    files = {"file": ("t.csv", table("x\\0.png", "x\\1.png"))}
    page = cast.lead.post(f"/p/{project.slug}/import", files=files).headers["location"]
    work(cast)
    shown = cast.lead.get(page).text
    assert "E232" in shown and f'action="{page}/media"' in shown and 'name="media"' in shown
    reply = cast.lead.post(f"{page}/media", files={"media": ("", b"")})
    assert reply.status_code == 422 and "Choose a ZIP file" in reply.text
    media = {"media": ("m.zip", packed("x/0.png", "x/1.png"))}
    assert cast.lead.post(f"{page}/media", files=media).status_code == 303
    work(cast)
    shown = cast.lead.get(page).text
    assert "Import the 2 good rows" in shown and "W234" in shown and "E232" not in shown


def test_a_program_adds_the_zip_that_was_missing(cast: Cast) -> None:
    project = by_page(cast, folder("a.png")).project
    base = f"/api/v1/projects/{project.slug}/imports"
    files = {"file": ("t.csv", table("0.png", "1.png"))}
    url = f"{base}/{cast.lead.post(base, files=files).json()['id']}"
    work(cast)
    (stop,) = cast.lead.get(url).json()["stops"]
    assert stop["code"] == "E232" and "--media" in stop["fix"] and "API" in stop["fix"]
    media = {"media": ("m.zip", packed("0.png", "1.png"))}
    assert cast.lead.post(f"{url}/media", files=media).status_code == 200
    work(cast)
    shown = cast.lead.get(url).json()
    assert (shown["ready"], shown["rows_good"]) == (True, 2)
