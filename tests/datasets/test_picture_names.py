"""Names of pictures lead to the one file that fits, however another tool wrote them."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.datasets.picture_names import NoFile, PictureNames, SeveralFiles, Way

DECOMPOSED = unicodedata.normalize("NFD", "Übung/é0.png")


@pytest.mark.parametrize(
    ("wanted", "there", "ways"),
    [
        ("a.png", "a.png", set()),
        ("./a.png", "a.png", set()),
        ("im1", "train/im1.jpg", {Way.FOLDER, Way.EXTENSION}),
        ("cat/v1.2", "cat/v1.2.png", {Way.EXTENSION}),
        ("cat/1.jpeg", "cat/1.JPG", {Way.EXTENSION}),
        ("images\\cat\\0.png", "images/cat/0.png", {Way.BACKSLASH}),
        ("C:\\Users\\me\\pets\\0.png", "pets/0.png", {Way.BACKSLASH, Way.FOLDER}),
        ("../data/pets/0.png", "pets/0.png", {Way.FOLDER}),
        ("/home/me/pets/0.png", "0.png", {Way.FOLDER}),
        ("/data/upload/1/0.png", "images/cat/0.png", {Way.TOOL}),
        ("/data/upload/12/1a2b3c4d-my_cat.png", "my_cat.png", {Way.TOOL}),
        ("/data/upload/12/1a2b3c4d-a.png", "1a2b3c4d-a.png", {Way.TOOL}),
        ("/data/upload/12/1a2b3c4d-my_cat_1.png", "pets/My cat (1).png", {Way.TOOL}),
        ("/data/local-files/?d=images/cat/0.png", "images/cat/0.png", {Way.TOOL}),
        ("/data/local-files/?d=images%2Fcat/a%20b.png", "images/cat/a b.png", {Way.TOOL}),
        ("http://localhost:8080/data/upload/3/0.png", "0.png", {Way.TOOL}),
        ("https://x.org/pets/0.png?token=1", "pets/0.png", {Way.TOOL}),
        ("s3://bucket/pets/0.png", "0.png", {Way.TOOL}),
        ("Übung/é0.png", DECOMPOSED, {Way.UNICODE}),
        ("my%20cat%200.png", "my cat 0.png", {Way.QUOTED}),
        ("my cat 0.png", "my%20cat%200.png", {Way.QUOTED}),
        ("100%.png", "100%.png", set()),
        ("pets/100%.PNG", "Pets/100%.png", {Way.CASE}),
        ("A.PNG", "b/a.png", {Way.CASE, Way.FOLDER}),
        ("STRASSE.png", "straße.png", {Way.CASE}),
        ("a.png ", "a.png", {Way.UNICODE}),
    ],
)
def test_a_name_leads_to_its_file(wanted: str, there: str, ways: set[Way]) -> None:
    found = PictureNames.of([there, "else/9.png"]).find(wanted)
    assert (found.name, set(found.ways)) == (there, ways)


@pytest.mark.parametrize(
    ("wanted", "there"),
    [
        ("0.png", ["cat/0.png", "dog/0.png"]),
        ("cat/0.png", ["a/cat/0.png", "b/cat/0.png"]),
        ("im1", ["im1.png", "im1.jpg"]),
        ("x y.png", ["X Y.png", "x%20Y.png"]),
    ],
)
def test_two_files_that_fit_are_both_named(wanted: str, there: list[str]) -> None:
    with pytest.raises(SeveralFiles) as several:
        PictureNames.of(there).find(wanted)
    assert several.value.names == sorted(there)


@pytest.mark.parametrize(
    ("wanted", "there"),
    [
        ("dog/1.png", ["cat/1.png", "dog/2.png"]),  # its folder is there, the file is not
        ("train/cat/1.png", ["train/cat/2.png", "val/cat/1.png"]),
        ("images/1.jpg", ["images/2.jpg", "masks/1.png"]),
        ("lost.png", ["cat/1.png"]),
        ("C:a.png", ["a.png"]),
        ("my_cat.png", ["my cat.png"]),
        ("http://[::1/b.png", ["a.png"]),
        ("http://", ["a.png"]),
        ("/data/upload/1/1a2b3c4d-b.png", ["a.png"]),
        ("", ["a.png"]),
        ("data:image/png;base64,AAAA/a.png", ["cat/b.png"]),
    ],
)
def test_a_file_that_is_missing_is_not_replaced(wanted: str, there: list[str]) -> None:
    with pytest.raises(NoFile):
        PictureNames.of(there).find(wanted)


@pytest.mark.parametrize(
    ("wanted", "there", "meant"),
    [
        ("images/cat/0.png", ["train/cat/0.png", "train/dog/0.png"], "train/cat/0.png"),
        ("0.png", ["cat/0.png", "0.png"], "0.png"),
        ("x/A.png", ["a.png", "A.png"], "A.png"),
        ("data/images/0.png", ["images/cat/0.png", "images/1.png"], "images/cat/0.png"),
    ],
)
def test_the_file_that_fits_the_furthest_is_meant(
    wanted: str, there: list[str], meant: str
) -> None:
    assert PictureNames.of(there).find(wanted).name == meant


PIECES = st.sampled_from(
    ["a", "A", ".png", ".PNG", "/", "\\", "%20", "%", " ", "..", ".", "é", "e\u0301", "ß",
     "1a2b3c4d-", "http://", "[", "/data/upload/1/", "/local-files/?d=", "&d=", "C:", "\0",
     "\ud800"]
)  # fmt: skip
NAMES = st.lists(PIECES, max_size=6).map("".join)


@given(wanted=NAMES, there=st.lists(NAMES.filter(bool), max_size=5, unique=True))
def test_any_name_leads_to_one_file_or_to_words(wanted: str, there: list[str]) -> None:
    names = PictureNames.of(there)
    try:
        assert names.find(wanted).name in there
    except SeveralFiles as several:
        assert len(several.names) > 1 and set(several.names) <= set(there)
    except NoFile:
        assert wanted.removeprefix("./") not in there
    for name in there:
        if not name.startswith("./"):
            assert names.find(name).name == name
