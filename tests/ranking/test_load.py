"""What of a project is scored: only what can be seen."""

from __future__ import annotations

from sqlalchemy import Engine

from app.datasets.labels import NOT_YET, NewLabel, add_labels
from app.db.engine import reading, writing
from app.ranking.load import load
from tests.ranking.filled import fill


def test_the_labels_of_an_import_under_way_are_not_there_yet(engine: Engine) -> None:
    filled = fill(engine, [{"text": "a"}, {"text": "b"}], ["x", "y"])
    with writing(engine) as session:
        add_labels(session, filled.project_id, [NewLabel("z")], revision=NOT_YET)
    with reading(engine) as session:
        data = load(session, filled.project_id)
    assert data.label_names == ["x", "y"]
    assert data.label_ids == [filled.labels["x"], filled.labels["y"]]
    assert data.given.tolist() == [0, 1]
