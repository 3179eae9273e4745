"""Pictures come in right at every door: names of other tools, deep images, a missing ZIP."""

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
