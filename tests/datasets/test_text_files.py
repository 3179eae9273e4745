"""Texts in files of their own: folders are labels, nothing is lost on the way."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

import pytest

from app.datasets.text_files import are_texts
from tests.datasets.doors import Door, Sent, each_door
from tests.web.cast import Cast


def packed(files: Mapping[str, str | bytes]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return held.getvalue()


FILMS = {
    f"films/{split}/{kind}/{at}_7{ending}": f"A {kind} film, {split} {at}\nof two lines\n"
    for split, ending in (("train", ".txt"), ("test", ""))
    for kind in ("pos", "neg")
    for at in range(3)
}


@each_door
def test_folders_are_label_and_split(cast: Cast, door: Door) -> None:
    beside = {"films/README.md": "about", "films/__MACOSX/._a": b"\0", "films/words.feat": "1:2"}
    came = door(cast, Sent("films.zip", packed({**FILMS, **beside})))
    assert {(row.key, row.content, row.given, row.columns["split"]) for row in came.rows} == {
        (name, text.rstrip("\n"), name.split("/")[2], name.split("/")[1])
        for name, text in FILMS.items()
    }
    assert came.codes["W179"] == 2


@each_door
def test_an_encoding_is_asked_for_and_a_bad_text_costs_itself(cast: Cast, door: Door) -> None:
    texts: dict[str, str | bytes] = {
        f"{kind}/{at}.txt": f"größe {at}".encode("cp1252") for kind in "ab" for at in range(4)
    }
    asked = door(cast, Sent("old.zip", packed(texts)))
    assert not asked.rows
    assert "a/0.txt" in asked.shown, "it says which file"
    came = door(cast, Sent("old.zip", packed(texts), {"encoding": "cp1252"}))
    assert sorted(row.content for row in came.rows) == sorted(
        f"größe {at}" for _ in "ab" for at in range(4)
    )
    bad = {f"{kind}/{at}.txt": "words" + " of it" * at for kind in "ab" for at in range(3)}
    bad |= {"a/nul.txt": "a word\0of it", "b/large.txt": "x" * (1 << 20) + "y", "b/empty.txt": ""}
    came = door(cast, Sent("bad.zip", packed(bad)))
    texts_here = {"words", "words of it", "words of it of it", ""}
    assert {row.content for row in came.rows} == texts_here, "an empty text is one, as in a table"
    assert (came.codes["E101"], came.codes["E145"]) == (1, 1)


@pytest.mark.parametrize(
    "names",
    [
        ["data/train.txt", "data/test.txt"],
        ["train/data.txt", "valid/data.txt", "test/data.txt"],
        [f"cats/{at}.png" for at in range(9)] + ["cats/readme.txt"],
        [f"{at}.txt" for at in range(9)],
        [],
    ],
)
def test_what_is_no_collection_of_texts(names: list[str]) -> None:
    assert not are_texts(names)
    assert are_texts(list(FILMS))
