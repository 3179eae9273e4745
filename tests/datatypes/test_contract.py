"""What every data type keeps to, from the file to the desk: this suite runs over the registry."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import select

from app.datasets.blobs import BlobStore
from app.datasets.roles import ROLES, roles_for
from app.datatypes.column_role import Part
from app.datatypes.data_type import TypeOfData
from app.datatypes.registry import TYPES, WORDS, type_named, type_stored
from app.datatypes.shown import EXCERPT, content_of, excerpt_of, glimpse_of, picture_of
from app.db.engine import reading
from app.db.tables.datasets import Example
from app.db.words import DataType
from app.progress import quiet
from app.ranking.features.feature_maker import Examples
from app.ranking.features.registry import FEATURES, features_of
from app.ranking.load import Dataset
from app.settings import shipped
from app.web.render import make_templates
from tests.datasets.test_image_import import packed, picture
from tests.web.cast import Actor, Cast
from tests.web.test_imports import work

VALUE = "Sankt Pölten & more"
UGLY = (
    "",
    "x" * 300,
    "\u05e9\u05dc\u05d5\u05dd \u202eabc",
    "\U0001f469\U0001f3fd\u200d\U0001f52c\u0301",
    "<b onclick=\"x('1')\">&amp;</b>",
    " \u00a0\t\n ",
    "a" + "\u0301" * 40,
    "x" * 30_000,
)


@dataclass(frozen=True)
class Trial:
    """One type as it is tried: what is stored of a value, and a file that holds one."""

    stored: Callable[[str | None], dict[str, Any]]
    file: Callable[[Path], Path]
    says: bool = True  # its words are on the page; else there is a picture


def table(path: Path, *rows: tuple[str, ...]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    return path


def images(folder: Path) -> Path:
    colors = {"hen/1.png": (200, 0, 0), "owl/2.png": (0, 0, 200)}
    files = {name: picture(size=(4, 3), color=color) for name, color in colors.items()}
    return packed(folder / "birds.zip", files)


TRIALS: Mapping[DataType, Trial] = {
    DataType.TEXT: Trial(
        lambda value: {"text": value, "lang": "de"},
        lambda folder: table(
            folder / "t.csv", ("text", "label"), (VALUE, "town"), ("Rosinen, zwei Pfund", "food")
        ),
    ),
    DataType.IMAGE: Trial(
        lambda value: {"image": "0" * 64, "original": "1" * 64, "width": 28, "height": 20},
        images,
        says=False,
    ),
    DataType.TABULAR: Trial(
        lambda value: {"fields": [["age", "30"], ["town", value], ["<i>", value, True]]},
        lambda folder: table(
            folder / "t.csv",
            ("town", "rooms", "label"),
            (VALUE, "3", "kept"),
            ("Graz", "4", "left"),
        ),
    ),
}
EVERY = pytest.mark.parametrize("kind", TYPES.values(), ids=TYPES)


def test_every_type_is_registered_has_words_of_its_own_and_is_tried() -> None:
    assert set(TYPES) == set(TRIALS) == set(DataType)
    assert all(TYPES[name].name is name for name in TYPES)
    for what in ("words", "choice", "hint", "stored_as", "role"):
        assert len({getattr(one, what) for one in TYPES.values()}) == len(TYPES)
        assert all(getattr(one, what) for one in TYPES.values())
    assert {name: one.words for name, one in TYPES.items()} == WORDS


def test_an_unknown_type_is_told_and_not_taken_for_another() -> None:
    with pytest.raises(LookupError, match="smell"):
        type_named("smell")
    with pytest.raises(LookupError, match="smell"):
        content_of(1, {"smell": "of roses"})
    assert content_of(1, {}) == {"type": "text", "text": "", "lang": None}, "erased"


@EVERY
def test_its_role_is_offered_for_it_alone(kind: TypeOfData) -> None:
    assert ROLES[kind.role.name] is kind.role and kind.role.part is Part.CONTENT
    offered = [role for role in roles_for(kind.name) if role.part is Part.CONTENT]
    assert offered == [kind.role]


@EVERY
def test_what_is_stored_is_drawn_with_all_its_parts(kind: TypeOfData) -> None:
    stored = TRIALS[kind.name].stored(VALUE)
    assert type_stored(stored) is kind
    shown = content_of(7, stored)
    assert shown["type"] == kind.name
    told = json.dumps(shown, ensure_ascii=False)
    if TRIALS[kind.name].says:
        assert VALUE in told
    assert bool(picture_of(stored)) is kind.pictures
    assert ("/media/7" in told) is kind.pictures
    for part in ("width", "height", "lang"):
        assert shown.get(part) == stored.get(part), part
    if "fields" in stored:
        assert shown["fields"] == [
            ("age", "30", False), ("town", VALUE, False), ("<i>", VALUE, True)
        ]  # fmt: skip
        unusual = content_of(7, stored, unusual=["age"])["fields"]
        assert [marked for _, _, marked in unusual] == [True, False, True]


@EVERY
def test_a_glimpse_and_an_excerpt_hold_something(kind: TypeOfData) -> None:
    shown = content_of(7, TRIALS[kind.name].stored(VALUE))
    glimpse, excerpt = glimpse_of(shown), excerpt_of(shown)
    assert glimpse.get("text") or glimpse.get("url")
    assert excerpt.text or excerpt.picture
    if TRIALS[kind.name].says:
        assert VALUE in glimpse["text"] and VALUE in excerpt.text


@EVERY
@pytest.mark.parametrize("ugly", [None, *UGLY], ids=range(len(UGLY) + 1))
def test_ugly_values_come_through_and_are_never_markup(kind: TypeOfData, ugly: str | None) -> None:
    trial = TRIALS[kind.name]
    shown = content_of(7, trial.stored(ugly))
    assert "null" not in json.dumps({**shown, "lang": ""})
    if ugly and trial.says:
        assert ugly in json.dumps(shown, ensure_ascii=False) or ugly in _strings(shown)
    assert len(json.dumps(glimpse_of(shown), ensure_ascii=False)) < 2_500
    excerpt = excerpt_of(shown)
    assert len(excerpt.text) <= EXCERPT and "\n" not in excerpt.text
    drawn = make_templates().get_template(f"examples/types/_{shown['type']}.html").module
    for markup in (drawn.desk(shown), drawn.tile(shown), drawn.page(shown, "")):  # type: ignore[attr-defined]
        assert "<b onclick" not in markup and "<i>" not in markup


def _strings(shown: Mapping[str, Any]) -> list[str]:
    fields = [value for _, value, _ in shown.get("fields", [])]
    return [*fields, *(value for value in shown.values() if isinstance(value, str))]


@EVERY
def test_every_tile_of_a_page_has_a_key_of_its_own(kind: TypeOfData) -> None:
    keys = "".join(kind.tiles)
    assert keys and len(set(keys)) == len(keys)
    assert re.fullmatch("[0-9A-Z]+", keys)
    assert len({len(row) for row in kind.tiles}) == 1


@EVERY
def test_a_template_and_a_script_draw_it(kind: TypeOfData) -> None:
    drawn = make_templates().get_template(f"examples/types/_{kind.name}.html").module
    assert {"tools", "stage", "desk", "tile", "page"} <= set(dir(drawn))
    scripts = shipped("static") / "review" / "types"
    script = (scripts / f"{kind.name}.js").read_text(encoding="utf-8")
    drawers = {"show", "compare", "tile", "large"}
    assert drawers <= set(re.findall(r"^export (?:function|const) (\w+)", script, re.MULTILINE))
    listed = re.search(r"DRAWERS = {(.+)}", (scripts / "registry.js").read_text(encoding="utf-8"))
    assert listed and kind.name in re.findall(r"\w+", listed[1])


@EVERY
def test_models_have_something_to_learn_from(kind: TypeOfData, tmp_path: Path) -> None:
    assert kind.learned_as in FEATURES
    contents = [TRIALS[kind.name].stored(f"{VALUE} {row % 3}") for row in range(12)]
    data = replace(EMPTY, data_type=kind.name, contents=contents, keys=[""] * len(contents))
    maker = features_of(kind.name)
    made = maker.make(Examples(data, BlobStore(tmp_path), 1, quiet))
    assert made.features.n_examples == len(contents)
    assert (made.pictures is not None) is kind.pictures
    assert all(0 <= row < len(contents) for row in maker.fields(data).unusual)


NONE = np.zeros(0, dtype=np.int64)
EMPTY = Dataset(
    project_id=1,
    data_type=DataType.TEXT,
    log_seq=0,
    label_ids=[],
    label_names=[],
    example_ids=NONE,
    keys=[],
    contents=[],
    given=NONE,
    standing=NONE,
    decided=np.zeros(0, dtype=np.bool_),
    unread=np.zeros(0, dtype=np.bool_),
    content_groups=NONE,
    sources=NONE,
    splits=NONE,
    split_names=[],
)


def made_of(cast: Cast, kind: TypeOfData, folder: Path) -> tuple[str, list[Example]]:
    """A project with what the tiny file holds; its slug and its examples."""
    new = {"name": f"Tiny {kind.words}", "data_type": kind.name.value}
    slug = _sent(cast.lead, "/api/v1/projects", json=new)["slug"]
    file = TRIALS[kind.name].file(folder)
    here = f"/api/v1/projects/{slug}/imports"
    files = {"file": (file.name, io.BytesIO(file.read_bytes()))}
    brought = _sent(cast.lead, here, files=files)
    work(cast)
    _sent(cast.lead, f"{here}/{brought['id']}/commit")
    work(cast)
    with reading(cast.engine) as session:
        query = select(Example).where(Example.import_id == brought["id"]).order_by(Example.row)
        return slug, list(session.scalars(query))


def _sent(who: Actor, url: str, **more: Any) -> dict[str, Any]:
    reply = who.post(url, **more)
    assert reply.status_code < 300, reply.text
    told: dict[str, Any] = reply.json()
    return told


@EVERY
def test_a_tiny_file_is_imported_and_its_value_is_on_every_page(
    cast: Cast, kind: TypeOfData, tmp_path: Path
) -> None:
    slug, examples = made_of(cast, kind, tmp_path)
    assert len(examples) == 2
    first = examples[0]
    assert type_stored(first.content) is kind
    seen = "Sankt Pölten &amp; more" if TRIALS[kind.name].says else f'src="/media/{first.id}"'
    listed = cast.lead.get(f"/p/{slug}/examples").text
    assert seen in listed and f"{kind.column}</th>" in listed
    assert seen in cast.lead.get(f"/p/{slug}/examples/{first.id}").text
    batch = _sent(cast.lead, f"/api/v1/projects/{slug}/batches", json={"by": "priority"})["id"]
    claimed = _sent(cast.lead, f"/api/v1/batches/{batch}/claim", json={"want": 2})["examples"]
    assert {one["content"]["type"] for one in claimed} == {kind.name}
    desks = [_desk(cast.lead, batch, lease) for lease in [one["lease"] for one in claimed]]
    assert any(seen in desk for desk in desks)
    if kind.pictures:
        got = cast.lead.get(f"/media/{first.id}")
        assert got.status_code == 200 and got.headers["content-type"] == "image/png"
        assert cast.stranger.get(f"/media/{first.id}").status_code == 404


def _desk(who: Actor, batch: int, lease: str) -> str:
    """The desk's page as it is served, before any script; the example on it is then skipped."""
    page = who.get(f"/review/{batch}").text
    assert who.post("/api/v1/leases/skip", json={"key": lease, "lease": lease}).status_code == 200
    return page.partition('data-part="content"')[2]


@EVERY
def test_it_is_found_by_its_words_or_by_its_name(
    cast: Cast, kind: TypeOfData, tmp_path: Path
) -> None:
    slug, (first, second) = made_of(cast, kind, tmp_path)
    for words, id_ in ((VALUE if kind.found_by else first.key, first.id), (second.key, second.id)):
        listed = cast.lead.get(f"/api/v1/projects/{slug}/examples", params={"q": words})
        assert [one["id"] for one in listed.json()["examples"]] == [id_], words
