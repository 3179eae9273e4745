"""What became of planted errors, counted from the decisions."""

from __future__ import annotations

from pathlib import Path

import orjson
from sqlalchemy import Engine, update

from app.db.engine import reading, writing
from app.db.tables.datasets import Example
from app.db.words import Status
from app.insights.planted import planted_errors, sidecar
from tests.ranking.filled import fill


def test_planted_errors_are_found_removed_missed_or_open(engine: Engine, tmp_path: Path) -> None:
    filled = fill(engine, [{"text": str(n)} for n in range(6)], ["a", "b"] * 3)
    truth = {f"k{number}": "b" for number in (1, 2, 3, 4, 5)}
    path = sidecar(tmp_path, filled.project_id)
    path.parent.mkdir()
    path.write_bytes(orjson.dumps({"kind": "swapped", "rate": 0.05, "truth": truth}))
    outcomes = {
        0: (Status.RELABELED, "b"),
        1: (Status.REMOVED, None),
        2: (Status.CONFIRMED, "a"),
        3: (Status.PENDING, None),
    }
    with writing(engine) as session:
        for row, (status, label) in outcomes.items():
            final = None if label is None else filled.labels[label]
            session.execute(
                update(Example)
                .where(Example.id == filled.examples[row])
                .values(status=status, final_label_id=final)
            )
    with reading(engine) as session:
        found = planted_errors(session, filled.project_id, data=tmp_path)
    assert found is not None
    assert (found.kind, found.rate, found.total) == ("swapped", 0.05, 5)
    assert (found.found, found.removed, found.missed, found.open) == (1, 1, 1, 2)


def test_a_project_of_ones_own_has_no_planted_errors(engine: Engine, tmp_path: Path) -> None:
    filled = fill(engine, [{"text": "x"}], ["a"])
    with reading(engine) as session:
        assert planted_errors(session, filled.project_id, data=tmp_path) is None
