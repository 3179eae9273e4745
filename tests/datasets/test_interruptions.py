"""Killed, cancelled, run twice: an import is staged, absent or done, never half there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func, select

from app.datasets import commit
from app.datasets.blobs import BlobStore
from app.datasets.cancel import cancel_import
from app.datasets.commit import Along, commit_import
from app.datasets.labels import labels_of
from app.datasets.projects import ProjectPlan, create_project
from app.datasets.remapping import answer
from app.datasets.stage import can_import, check_import
from app.datasets.visible import visible_imports
from app.db.engine import reading, writing
from app.db.tables.datasets import DataImport, Example, Label, LeftOut
from app.db.tables.review import Event
from app.db.words import DataType, EventKind, ImportState
from app.errors import Conflict, DataProblem
from tests.conftest import NOON
from tests.datasets.bringing import stage_bytes

ROWS = 50


class Killed(Exception):
    """Stands for kill -9: whatever is not committed is gone."""


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commit, "CHUNK", 10)


@pytest.fixture
def blobs(tmp_path: Path) -> BlobStore:
    return BlobStore(tmp_path / "blobs")


def staged(engine: Engine, blobs: BlobStore, *, name: str = "a", check: bool = True) -> DataImport:
    lines = [f"{name}{row},text {row},label {row % 3}" for row in range(ROWS)]
    lines[7] = f"{name}7,no label"
    content = ("id,text,label\n" + "\n".join(lines)).encode()
    with writing(engine) as session:
        project = session.scalar(select(DataImport.project_id).limit(1))
        if project is None:
            project = create_project(
                session, ProjectPlan("P", DataType.TEXT, confirmations=1), now=NOON
            ).id
        found = stage_bytes(session, blobs, project, content, f"{name}.csv")
    return check_import(engine, blobs, found.id) if check else found


def state_of(engine: Engine, found: DataImport) -> tuple[ImportState, int, int, int]:
    with reading(engine) as session:
        now = session.get_one(DataImport, found.id)
        seen = session.scalar(
            select(func.count())
            .select_from(Example)
            .where(Example.import_id.in_(visible_imports(found.project_id)))
        )
        stored = session.scalar(select(func.count()).select_from(Example))
        left = session.scalar(select(func.count()).select_from(LeftOut))
    return now.state, seen or 0, stored or 0, left or 0


def stop_after(steps: int) -> Any:
    left = [steps]

    def progress(step: str, done: int, total: int) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise Killed

    return progress


@pytest.mark.parametrize("steps", range(7))
def test_an_import_killed_anywhere_goes_on_where_it_stopped(
    engine: Engine, blobs: BlobStore, steps: int
) -> None:
    found = staged(engine, blobs)
    with pytest.raises(Killed):
        commit_import(engine, blobs, found.id, now=NOON, along=Along(stop_after(steps)))
    state, seen, _, _ = state_of(engine, found)
    assert state is ImportState.IMPORTING and seen == 0
    with reading(engine) as session:
        assert labels_of(session, found.project_id) == []
    commit_import(engine, blobs, found.id, now=NOON)
    commit_import(engine, blobs, found.id, now=NOON)
    assert state_of(engine, found) == (ImportState.DONE, ROWS - 1, ROWS - 1, 1)
    with reading(engine) as session:
        ids = session.scalars(select(Example.id).order_by(Example.row)).all()
        kinds = session.scalars(select(Event.kind).order_by(Event.seq)).all()
    assert list(ids) == sorted(ids)
    assert kinds == [EventKind.POLICY, EventKind.SCHEMA, EventKind.IMPORT]


def test_a_failure_of_what_follows_undoes_the_last_step_only(
    engine: Engine, blobs: BlobStore
) -> None:
    found = staged(engine, blobs)

    def fails(session: Any, found: DataImport) -> None:
        raise Killed

    with pytest.raises(Killed):
        commit_import(engine, blobs, found.id, now=NOON, along=Along(after_import=fails))
    assert state_of(engine, found)[:2] == (ImportState.IMPORTING, 0)
    commit_import(engine, blobs, found.id, now=NOON)
    assert state_of(engine, found)[:2] == (ImportState.DONE, ROWS - 1)


def test_a_cancelled_import_leaves_nothing_and_can_be_done_again(
    engine: Engine, blobs: BlobStore
) -> None:
    found = staged(engine, blobs)
    with pytest.raises(Killed):
        commit_import(engine, blobs, found.id, now=NOON, along=Along(stop_after(3)))
    cancel_import(engine, found.id, now=NOON)
    assert state_of(engine, found) == (ImportState.CANCELLED, 0, 0, 0)
    with reading(engine) as session:
        assert session.scalars(select(Label)).all() == []
    with pytest.raises(Conflict):
        commit_import(engine, blobs, found.id, now=NOON)
    again = staged(engine, blobs)
    assert again.id == found.id and can_import(again)
    commit_import(engine, blobs, again.id, now=NOON)
    assert state_of(engine, again)[:2] == (ImportState.DONE, ROWS - 1)


def test_what_a_failed_import_left_behind_does_not_reach_the_next(
    engine: Engine, blobs: BlobStore
) -> None:
    first = staged(engine, blobs)
    with pytest.raises(Killed):
        commit_import(engine, blobs, first.id, now=NOON, along=Along(stop_after(3)))
    second = staged(engine, blobs, name="b")
    with pytest.raises(Conflict):
        commit_import(engine, blobs, second.id, now=NOON)
    with writing(engine) as session:
        session.get_one(DataImport, first.id).state = ImportState.FAILED
    commit_import(engine, blobs, second.id, now=NOON)
    assert state_of(engine, second) == (ImportState.DONE, ROWS - 1, ROWS - 1, 1)


def test_a_check_that_was_stopped_can_be_run_again(engine: Engine, blobs: BlobStore) -> None:
    found = staged(engine, blobs, check=False)
    with pytest.raises(Killed):
        check_import(engine, blobs, found.id, progress=stop_after(0))
    assert state_of(engine, found)[0] is ImportState.CHECKING
    assert check_import(engine, blobs, found.id).rows_good == ROWS - 1
    assert not list((blobs.directory / "unfinished").iterdir())


def test_a_question_waits_for_its_answer(engine: Engine, blobs: BlobStore) -> None:
    content = b"id,text,label\n1,a,cat\n2,b,Cat\n3,c,cat\n"
    with writing(engine) as session:
        project = create_project(
            session, ProjectPlan("P", DataType.TEXT, confirmations=1), now=NOON
        )
        found = stage_bytes(session, blobs, project.id, content)
    found = check_import(engine, blobs, found.id)
    assert not can_import(found)
    with pytest.raises(DataProblem) as refused:
        commit_import(engine, blobs, found.id, now=NOON)
    assert refused.value.code == "W304"
    with writing(engine) as session:
        found = answer(session, found, {"W304": "merge"})
    assert can_import(check_import(engine, blobs, found.id))
    commit_import(engine, blobs, found.id, now=NOON)
    with reading(engine) as session:
        assert [label.name for label in labels_of(session, found.project_id)] == ["cat"]
