"""Pictures come in right at every door: names of other tools, folders, deep images."""

from __future__ import annotations

import io
import unicodedata
import zipfile
from collections.abc import Mapping
from typing import Any

import pytest
from PIL import Image

from app.db.words import DataType, ImportState
from tests.datasets.doors import Door, Sent, each_door
from tests.web.cast import Cast


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
