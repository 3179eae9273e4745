"""Every bad array again, pushed to a project that is there: the same codes as beside an import."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import Engine

from app.datasets.blobs import BlobStore
from app.datasets.projects import project_by_slug
from app.datasets.pushed_arrays import Sent, stage_array
from app.datasets.pushed_check import check_array
from app.db.engine import writing
from app.db.tables.datasets import Prediction
from app.db.words import ArrayState
from app.settings import Settings
from tests.datasets.bringing import bring_in
from tests.nasty.array_cases import ARRAY_CASES, COUNT, NAMES, npy, npz, probs
from tests.nasty.conftest import on_both
from tests.nasty.making import Case
from tests.web.cast import NOON

IDS = np.array([f"k{row}" for row in range(COUNT)])
LOSSES = np.linspace(0, 3, COUNT * 4, dtype=np.float32).reshape(COUNT, 4)
NEGATIVE, UNKNOWN = LOSSES - 1, LOSSES.copy()
UNKNOWN[3, 1] = np.nan


@dataclass
class Door:
    engine: Engine
    blobs: BlobStore
    project_id: int
    ready: list[int]

    def push(
        self, content: bytes, name: str, kind: str = "", choices: dict[str, str] | None = None
    ) -> Prediction:
        sent = Sent(self.blobs.put(content), name, kind, choices or {})
        with writing(self.engine) as session:
            staged = stage_array(session, self.project_id, sent, by=None, now=NOON)
        return check_array(
            self.engine, self.blobs, staged.id, when_ready=lambda _, one: self.ready.append(one.id)
        )


@pytest.fixture(scope="module")
def doors(both: list[Engine], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Door]:
    made = {}
    for engine in both:
        folder = tmp_path_factory.mktemp("push")
        lines = [f"k{row},text {row},{NAMES[row % 3]}" for row in range(COUNT)]
        (folder / "a.csv").write_text("id,text,label\n" + "\n".join(lines) + "\n")
        settings = Settings(data=folder)
        bring_in(engine, settings, "pushed to", folder / "a.csv")
        with writing(engine) as session:
            project_id = project_by_slug(session, "pushed-to").id
        blobs = BlobStore(settings.blob_directory)
        made[engine.dialect.name] = Door(engine, blobs, project_id, [])
    return made


@pytest.mark.parametrize("case", ARRAY_CASES, ids=lambda case: case.id)
def test_a_bad_array_is_told_as_beside_an_import(
    both: list[Engine], doors: dict[str, Door], tmp_path: Path, case: Case
) -> None:
    given = case.make(tmp_path)
    path = given.options["pred_probs"]
    choices = given.options.get("choices", {})

    def pushed(engine: Engine) -> None:
        door = doors[engine.dialect.name]
        found = door.push(path.read_bytes(), path.name, "pred_probs", choices)
        assert set(found.report["counts"]) == case.codes, found.report
        told = [*found.report["stops"], *found.report["questions"]]
        assert all(one["message"] and one["fix"] and "?" not in one["message"] for one in told[:1])
        if case.id == "P10":
            assert found.state is ArrayState.STOPPED
            found = door.push(path.read_bytes(), path.name, "pred_probs", {"W341": "use"})
        assert (found.state is ArrayState.READY) == bool(case.good)
        assert found.rows == case.good
        assert (found.id in door.ready) == bool(case.good)

    on_both(both, pushed)


@pytest.mark.parametrize(
    ("content", "name", "codes", "rows"),
    [
        (npz(losses=LOSSES, ids=IDS), "l.npz", "", COUNT),
        (npz(losses=LOSSES[:, :1].astype(">f8"), ids=IDS), "l.npz", "", COUNT),
        (npz(losses=LOSSES), "l.npz", "", COUNT),
        (npz(losses=LOSSES[:9], ids=IDS[:9]), "l.npz", "W506", 9),
        (npz(losses=LOSSES[:9]), "l.npz", "E505", 0),
        (npz(losses=LOSSES, ids=np.array([f"x{n}" for n in range(COUNT)])), "l.npz", "E505", 0),
        (npz(losses=NEGATIVE, ids=IDS), "l.npz", "E510", 0),
        (npz(losses=UNKNOWN, ids=IDS), "l.npz", "E501", 0),
        (npz(losses=LOSSES[:, :0], ids=IDS), "l.npz", "E511", 0),
        (npz(losses=LOSSES[:, 0], ids=IDS), "l.npz", "E508", 0),
        (npz(losses=LOSSES, ids=IDS, classes=np.array(NAMES)), "l.npz", "E243", 0),
        (npz(losses=LOSSES.astype(object), ids=IDS), "l.npz", "E241", 0),
        (b"", "l.npz", "E105", 0),
        (npz(embeddings=LOSSES, ids=IDS), "e.npz", "", COUNT),
    ],
)
def test_losses_and_embeddings_are_checked_by_their_own_rules(
    both: list[Engine], doors: dict[str, Door], content: bytes, name: str, codes: str, rows: int
) -> None:
    def pushed(engine: Engine) -> None:
        found = doors[engine.dialect.name].push(content, name)
        assert set(found.report["counts"]) == set(codes.split()), found.report
        assert (found.state is ArrayState.READY, found.rows) == (bool(rows), rows)
        assert not rows or found.kind == ("losses" if name == "l.npz" else "embeddings")

    on_both(both, pushed)


def test_losses_of_another_kind_of_file_need_their_kind_said(doors: dict[str, Door]) -> None:
    door = doors["sqlite"]
    table = "id,first,second\n" + "\n".join(f"k{row},0.5,{row}" for row in range(COUNT))
    assert door.push(table.encode(), "t.csv", "losses").report["columns"] == 2
    assert door.push(npy(LOSSES), "t.npy", "losses").state is ArrayState.READY


def test_a_part_of_the_examples_is_taken_by_choice_only(doors: dict[str, Door]) -> None:
    door = doors["sqlite"]
    content: Any = npz(pred_probs=probs()[:20], classes=np.array(NAMES), ids=IDS[:20])
    refused = door.push(content, "part.npz")
    assert [one["code"] for one in refused.report["questions"]] == ["E505"]
    found = door.push(content, "part.npz", choices={"E505": "partial"})
    assert (found.id, found.state, found.rows) == (refused.id, ArrayState.READY, 20)
    assert set(found.report["counts"]) == {"W506"}
