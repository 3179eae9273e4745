"""`relabel push`: an array of one's own joins a project that is there."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from app.datasets.projects import project_by_slug
from app.datasets.pushed_arrays import arrays_of
from app.db.engine import open_engine, reading
from app.errors import DataProblem, Invalid, NotFound
from app.ranking.runs import current_run, scoring_job
from tests.cli.test_commands import place, run, topics_file
from tests.ranking.filled import TOPICS, sentences

__all__ = ["place"]

COUNT = 60
NAMES = sorted(TOPICS)


def model(folder: Path, name: str = "model.npz", **more: object) -> str:
    _, topics = sentences(COUNT)
    probs = np.full((COUNT, len(NAMES)), 0.1)
    probs[np.arange(COUNT), [NAMES.index(topic) for topic in topics]] = 0.7
    probs[::9] = 0.25
    ids = np.array([f"t{n}" for n in range(COUNT)])
    arrays = {"pred_probs": probs, "classes": np.array(NAMES), "ids": ids} | more
    np.savez(folder / name, **{key: value for key, value in arrays.items() if value is not None})
    return str(folder / name)


@pytest.fixture
def topics(place: list[str], tmp_path: Path) -> list[str]:
    run("import", "Topics", str(topics_file(tmp_path, COUNT)), "--label", "label", "--yes", *place)
    return place


def test_a_push_that_waits_ends_with_a_new_ranking(topics: list[str], tmp_path: Path) -> None:
    said = run("push", "topics", model(tmp_path), "--name", "vit", "--wait", *topics)
    assert "60 rows of pred_probs are in topics as vit." in said
    assert "60 of 60 examples are ranked." in said
    engine = open_engine(topics[-1])
    with reading(engine) as session:
        project = project_by_slug(session, "topics")
        served = current_run(session, project.id)
    assert served is not None and "uploaded_pred_probs_1" in served.artefacts
    engine.dispose()


def test_a_push_without_waiting_leaves_the_scoring_to_a_worker(
    topics: list[str], tmp_path: Path
) -> None:
    losses = np.linspace(0, 2, COUNT * 3).reshape(COUNT, 3)
    file = model(tmp_path, pred_probs=None, classes=None, losses=losses)
    said = run("push", "topics", file, *topics)
    assert "60 rows of losses are in topics as model.npz." in said
    assert "No worker is running" in said
    engine = open_engine(topics[-1])
    with reading(engine) as session:
        assert scoring_job(session, project_by_slug(session, "topics").id) is not None
    engine.dispose()


def test_what_is_wrong_is_told_by_its_code_and_stays_out(topics: list[str], tmp_path: Path) -> None:
    file = model(tmp_path, ids=None, pred_probs=np.full((9, len(NAMES)), 0.25))
    with pytest.raises(DataProblem) as refused:
        run("push", "topics", file, *topics)
    assert refused.value.code == "E505"
    engine = open_engine(topics[-1])
    with reading(engine) as session:
        (found,) = arrays_of(session, project_by_slug(session, "topics").id)
    assert found.state == "stopped"
    engine.dispose()


def test_a_question_is_answered_on_the_line(topics: list[str], tmp_path: Path) -> None:
    file = model(tmp_path, pred_probs=np.random.default_rng(0).normal(size=(COUNT, len(NAMES))) * 4)
    with pytest.raises(DataProblem) as refused:
        run("push", "topics", file, *topics)
    assert refused.value.code == "E502"
    assert "60 rows" in run("push", "topics", file, "--choice", "E502=softmax", *topics)
    with pytest.raises(Invalid, match="CODE=ANSWER"):
        run("push", "topics", file, "--choice", "softmax", *topics)


def test_a_kind_or_project_that_does_not_exist_is_an_ordinary_failure(
    topics: list[str], tmp_path: Path
) -> None:
    with pytest.raises(Invalid, match="no kind of array"):
        run("push", "topics", model(tmp_path), "--kind", "scores", *topics)
    with pytest.raises(NotFound):
        run("push", "nothing", model(tmp_path), *topics)
    with pytest.raises(Invalid, match="There is no file"):
        run("push", "topics", str(tmp_path / "missing.npz"), *topics)


def test_a_group_column_is_kept_with_the_examples(place: list[str], tmp_path: Path) -> None:
    from sqlalchemy import select

    from app.db.tables.datasets import Example

    file = tmp_path / "visits.csv"
    file.write_text("id,text,label,visit\n1,one fish,a,v1\n2,two fish,b,v1\n3,red fish,a,\n")
    run("import", "Visits", str(file), "--group", "visit", "--yes", *place)
    engine = open_engine(place[-1])
    with reading(engine) as session:
        found = session.scalars(select(Example.group_key).order_by(Example.id)).all()
    assert list(found) == ["v1", "v1", ""]
    engine.dispose()
