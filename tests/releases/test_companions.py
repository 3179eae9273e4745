"""Files beside a release, as other tools read its rows: one suite for all, then each by itself."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import Engine

from app.db.words import Reason, Role, Verdict
from app.releases.companions.companion import Companion
from app.releases.companions.registry import COMPANIONS, companion_named
from app.releases.formats.registry import FORMATS
from app.releases.options import ReleaseSpec
from app.releases.verify import verify
from tests.datasets.doors import Sent
from tests.datasets.doors import by_api as brought
from tests.releases import third_party
from tests.releases.shelves import make_waiting
from tests.releases.worlds import logged_world, release
from tests.review.conftest import World
from tests.web.cast import Cast
from tests.web.console import command

EVERY = tuple(COMPANIONS.values())
each = pytest.mark.parametrize("companion", EVERY, ids=lambda one: one.name)


def reviewed(engine: Engine) -> World:
    """Of six examples (alpha, beta, gamma, …) one is relabeled, one confirmed, one removed."""
    world = logged_world(engine, examples=6)
    ann, alpha = world.person("ann", Role.EXPERT), world.labels[0]
    world.answer(ann, None, Verdict.RELABEL, alpha, example_id=world.examples[1])
    world.answer(ann, None, Verdict.CONFIRM, example_id=world.examples[2])
    world.answer(ann, None, Verdict.REMOVE, example_id=world.examples[3], reason=Reason.PRIVATE)
    return world


@pytest.fixture
def beside(engine: Engine, tmp_path: Path) -> Path:
    """All of them beside a CSV."""
    return release(reviewed(engine), tmp_path / "r", companions=EVERY)


def table(path: Path) -> list[list[str]]:
    return list(csv.reader(io.StringIO(path.read_text(), newline="")))


def test_names_and_files_are_their_own() -> None:
    for told in ("name", "words", "file_name"):
        assert len({getattr(one, told) for one in EVERY}) == len(EVERY)
    row_files = {form.file_name(stem) for form in FORMATS.values() for stem in ("data", "removed")}
    assert not row_files & {one.file_name for one in EVERY}
    with pytest.raises(ValueError, match="'xls': choose changes or weights or soft"):
        companion_named("xls")


@each
@pytest.mark.parametrize("format", FORMATS.values(), ids=list(FORMATS))
def test_the_same_rows_are_the_same_bytes_in_every_format(
    engine: Engine, tmp_path: Path, companion: Companion, format
) -> None:
    if engine.dialect.name != "sqlite":
        pytest.skip("the bytes do not depend on the database")
    world = reviewed(engine)
    how = {"format": format, "companions": (companion,)}
    once, twice = (release(world, tmp_path / name, **how) for name in "ab")
    assert verify(once).problems.lines() == []
    one, other = ((made / companion.file_name).read_text("latin-1") for made in (once, twice))
    assert one.replace("Release 1,", "Release 2,") == other
    spec = ReleaseSpec(format, companions=(companion,))
    assert ReleaseSpec.of(spec.as_json()) == spec


@each
def test_a_changed_one_is_found(beside: Path, companion: Companion) -> None:
    assert verify(beside).problems.lines() == []
    third_party.verify(beside)
    path = beside / companion.file_name
    path.write_bytes(path.read_bytes() + b" ")
    assert [problem.file for problem in verify(beside).problems.listed] == [companion.file_name]
    path.unlink()
    assert companion.file_name in {problem.file for problem in verify(beside).problems.listed}


def test_only_what_changed(beside: Path) -> None:
    [names, line] = table(beside / "changes.csv")
    assert names == ["id", "given", "final", "why"]
    assert line[1:] == ["beta", "alpha", "relabeled"] and line[0].endswith("-1")


def test_weights_and_soft_labels(beside: Path) -> None:
    weights = table(beside / "weights.csv")[1:]
    assert [line[1:] for line in weights] == [
        [label, "1.000000"] for label in ("alpha", "alpha", "gamma", "beta", "gamma")
    ]
    soft = table(beside / "soft_labels.csv")[1:]
    assert [line[1:] for line in soft][1] == ["alpha", "1.000000"]


def test_arrays_need_no_pickle(beside: Path) -> None:
    with np.load(beside / "arrays.npz", allow_pickle=False) as arrays:
        assert arrays["classes"].tolist() == ["alpha", "beta", "gamma"]
        assert arrays["y"].tolist() == [0, 0, 2, 1, 2]
        assert arrays["y_given"].tolist() == [0, 1, 2, 1, 2]
        assert [one[-2:] for one in arrays["ids"]] == ["-0", "-1", "-2", "-4", "-5"]
        assert arrays["weights"].tolist() == [1.0] * 5


def test_tasks_of_label_studio(beside: Path) -> None:
    tasks = json.loads((beside / "tasks.json").read_text())
    assert [one["data"]["text"] for one in tasks][:2] == ["example 0", "example 1"]
    [result] = tasks[1]["annotations"][0]["result"]
    assert (result["type"], result["value"]) == ("choices", {"choices": ["alpha"]})
    assert (tasks[1]["meta"]["given"], tasks[1]["meta"]["status"]) == ("beta", "relabeled")


def test_the_dataset_card_names_classes_and_counts(beside: Path) -> None:
    card = (beside / "README.md").read_text()
    front = card.split("---\n")[1]
    assert '    path: "data.csv"\n' in front
    assert "          '0': \"alpha\"\n          '1': \"beta\"\n          '2': \"gamma\"\n" in front
    assert '  - name: "relabel_quality"\n    dtype: float64\n' in front
    assert "Of 6 examples people decided 3: 1 labels were" in card


def test_the_dataset_card_says_which_labels_changed(beside: Path) -> None:
    card = (beside / "README.md").read_text()
    assert "| from | to | rows |\n|---|---|---|\n| beta | alpha | 1 |\n" in card
    assert "| alpha |  | 2 |\n| beta |  | 1 |\n| gamma |  | 2 |\n" in card


def test_the_dataset_card_names_what_numbers_stand_for(cast: Cast, tmp_path: Path) -> None:
    """Names with commas, quotes and marks; a label that no row has keeps its number."""
    names = ["neg", "pos, really", 'say "so" | *x*']
    listed = io.StringIO()
    csv.writer(listed).writerows([("name", "code"), *zip(names, "012", strict=True)])
    beside = {"labels": ("labels.csv", listed.getvalue().encode())}
    came = brought(cast, Sent("q.csv", b"text,label\na b,2\nc d,0\n", beside=beside))
    out = tmp_path / "out"
    command(cast, "release", came.project.slug, "--out", str(out), "--beside", "huggingface")
    assert verify(out).problems.lines() == []
    front = (out / "README.md").read_text().split("---\n")[1]
    for number, name in enumerate(names):
        assert f"          '{number}': {json.dumps(name)}\n" in front
    assert "| neg | 0 | 1 |\n| pos, really | 1 | 0 |\n" in (out / "README.md").read_text()
    assert r'| say "so" \| \*x\* | 2 | 1 |' in (out / "README.md").read_text()


def test_every_door_offers_them(cast: Cast, tmp_path: Path) -> None:
    came = brought(cast, Sent("q.csv", b"id,text,label\n1,a b,cat\n2,c d,dog\n"))
    slug, names = came.project.slug, list(COMPANIONS)
    files = {one.file_name for one in EVERY}
    page = cast.lead.get(f"/p/{slug}/releases").text
    assert all(f'name="companions" value="{name}"' in page for name in names)
    form = {"format": "jsonl", "unreviewed": "true", "companions": names}
    assert cast.lead.post(f"/p/{slug}/releases", data=form).status_code == 303
    make_waiting(cast)
    said = {"format": "parquet", "companions": names}
    assert cast.lead.post(f"/api/v1/projects/{slug}/releases", json=said).status_code == 201
    make_waiting(cast)
    told = cast.lead.get(f"/api/v1/projects/{slug}/releases").json()["releases"]
    assert all(files < {file["name"] for file in one["files"]} for one in told) and len(told) == 2
    tasks = cast.lead.get(f"/p/{slug}/releases/1/files/tasks.json")
    assert [one["data"]["text"] for one in tasks.json()] == ["a b", "c d"]
    out = tmp_path / "out"
    beside = [part for name in names for part in ("--beside", name)]
    command(cast, "release", slug, "--out", str(out), *beside)
    assert all((out / name).is_file() for name in files)
    assert verify(out).problems.lines() == []
