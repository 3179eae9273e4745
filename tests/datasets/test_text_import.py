"""A CSV of texts, from the file to examples that everyone sees."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import Engine, select

from app.cli.imports import ImportResult
from app.datasets.given import GivenRow
from app.datasets.labels import labels_of
from app.datasets.visible import visible_imports
from app.db.engine import reading
from app.db.tables.datasets import Example, LeftOut, Project
from app.db.tables.review import Event
from app.db.words import EventKind, ImportState
from app.settings import Settings
from tests.datasets.bringing import bring_in


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path / "data")


@pytest.fixture
def bring(engine: Engine, settings: Settings, tmp_path: Path) -> Any:
    def bring(content: str, **more: Any) -> ImportResult:
        path = tmp_path / more.pop("name", "file.csv")
        path.write_text(content)
        result: ImportResult = bring_in(engine, settings, "Cards", path, **more)
        return result

    return bring


SMALL = "id,text,label\na1,where is my card,arrival\na2,it is lost,lost\na3,,lost\n"


def test_rows_become_examples_with_their_labels(engine: Engine, bring: Any) -> None:
    result = bring(SMALL)
    assert result.state is ImportState.DONE
    with reading(engine) as session:
        project = session.scalars(select(Project)).one()
        rows = session.scalars(select(Example).order_by(Example.id)).all()
        labels = {label.id: label.name for label in labels_of(session, project.id)}
    assert [(row.key, row.row, row.content, labels[row.given_label_id or 0]) for row in rows] == [
        ("a1", 2, {"text": "where is my card"}, "arrival"),
        ("a2", 3, {"text": "it is lost"}, "lost"),
        ("a3", 4, {"text": ""}, "lost"),
    ]
    assert rows[0].columns == {"id": "a1", "text": "where is my card", "label": "arrival"}


def test_the_log_binds_every_row(engine: Engine, bring: Any) -> None:
    bring(SMALL)
    with reading(engine) as session:
        events = session.scalars(select(Event).order_by(Event.seq)).all()
        rows = session.scalars(select(Example).order_by(Example.row)).all()
    kinds = [event.kind for event in events]
    assert kinds == [EventKind.POLICY, EventKind.SCHEMA, EventKind.IMPORT, EventKind.EPOCH]
    digest = hashlib.sha256()
    for row in rows:
        assert row.salt is not None
        cells = [row.columns[name] for name in ("id", "text", "label")]
        line = GivenRow(row.id, row.key, row.row, [row.given_label_id or 0], row.salt, cells)
        digest.update(line.hash)
    data = orjson.loads(events[-2].body)["data"]
    assert data["lines"] == digest.hexdigest()
    assert (data["rows"], data["left_out"]) == (3, 0)
    assert "where is my card" not in "".join(event.body for event in events)


def test_the_same_file_again_is_the_same_import(engine: Engine, bring: Any) -> None:
    first, second = bring(SMALL), bring(SMALL)
    assert second.already_there and second.import_id == first.import_id
    with reading(engine) as session:
        assert len(session.scalars(select(Example.id)).all()) == 3


def test_bad_rows_are_left_out_and_listed(engine: Engine, bring: Any) -> None:
    result = bring("id,text,label\n1,a b,x\n1,c,x\n,d,x\n4,e\n5,f,\n6,g,y\n", id="id")
    assert (result.rows_good, result.rows_left_out) == (2, 4)
    with reading(engine) as session:
        left = session.execute(select(LeftOut.row, LeftOut.code).order_by(LeftOut.row)).all()
    assert [tuple(row) for row in left] == [(3, "E114"), (4, "E115"), (5, "E110"), (6, "E301")]


def test_a_second_file_may_bring_more_rows_but_no_used_id(engine: Engine, bring: Any) -> None:
    bring(SMALL)
    result = bring("id,text,label\na3,again,lost\na4,new,stolen\n", name="second.csv")
    assert (result.rows_good, result.codes["E114"]) == (1, 1)
    with reading(engine) as session:
        project = session.scalars(select(Project)).one()
        seen = select(Example.key).where(Example.import_id.in_(visible_imports(project.id)))
        assert sorted(session.scalars(seen)) == ["a1", "a2", "a3", "a4"]
        assert [label.name for label in labels_of(session, project.id)] == [
            "arrival",
            "lost",
            "stolen",
        ]


def test_rows_without_an_id_column_are_numbered(engine: Engine, bring: Any) -> None:
    bring("text,label\none thing,x\nanother,y\n")
    bring("text,label\na third,x\n", name="second.csv")
    with reading(engine) as session:
        keys = session.scalars(select(Example.key).order_by(Example.id)).all()
    assert keys[:2] == ["row-2", "row-3"] and keys[2].endswith("row-2") and keys[2] != "row-2"
