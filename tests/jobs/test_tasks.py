"""What every kind of long work promises: one suite for all, and a case for each."""

from __future__ import annotations

import importlib
import io
import json
import pkgutil
import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from random import Random
from typing import Any, cast

import numpy as np
import pytest
from sqlalchemy import Engine, func, select, update

import app.actions.tasks as room
from app.accounts.membership import Member
from app.accounts.people import Newcomer, create_person
from app.actions.deleting import delete_from_console
from app.actions.erasing import erase_from_console
from app.actions.model_audits import AuditAsked, open_from_console
from app.actions.releasing import make_release_at_console
from app.actions.split_audits import open_split_from_console
from app.actions.tasks.registry import TASKS
from app.audit.epochs import open_epoch
from app.audit.recovery.asking import ask_for_recovery
from app.audit.recovery.report import Cost
from app.audit.reviewers.asking import ask_for_comparison
from app.audit.study.asking import ask_for_study
from app.datasets.asking import ask_check, ask_commit
from app.datasets.blobs import BlobStore
from app.datasets.mapping import StoredFile
from app.datasets.model_check import check_model
from app.datasets.projects import KEPT
from app.datasets.pushed_arrays import Sent, push_array
from app.datasets.pushed_models import SentModel, ask_for_check, stage_model
from app.datasets.stage import check_import
from app.db.engine import database_now, reading, writing
from app.db.log import lock_project
from app.db.tables import models as tables
from app.db.tables.datasets import DataImport, Example, LeftOut, Prediction, Project
from app.db.tables.jobs import Job
from app.db.tables.models import Model, ModelPrediction
from app.db.tables.ranking import Score, ScoringRun
from app.db.tables.releases import Release
from app.db.words import ArrayState, ImportState, JobState, Role, RunState
from app.jobs.lanes import Lane
from app.jobs.queue import cancel, claim, enqueue, give_up
from app.jobs.task import (
    AskedBy,
    AtWork,
    JobInHand,
    Task,
    TaskName,
    Tasks,
    TaskWords,
    UnknownTask,
)
from app.ranking.run import score_project
from app.ranking.runs import SCORE, start_scoring
from app.releases.options import ReleaseSpec
from app.review.answering.retired_labels import FOLD_AGAIN, FoldArguments
from app.settings import Settings
from tests.datasets.bringing import stage_bytes
from tests.ranking.filled import Filled, fill, sentences

COUNT = 40


@dataclass(frozen=True)
class World:
    """A small project, and where its files lie."""

    engine: Engine
    settings: Settings
    filled: Filled
    lead: Member

    @property
    def blobs(self) -> BlobStore:
        return BlobStore(self.settings.blob_directory)


@pytest.fixture
def world(engine: Engine, tmp_path: Path) -> World:
    texts, topics = sentences(COUNT)
    filled = fill(engine, [{"text": text} for text in texts], topics)
    with writing(engine) as session:
        now = database_now(session)
        lea = create_person(session, Newcomer("Lea", "lea@example.org", admin=True), now=now)
        lead = Member(lea.id, "lea", "Lea", True, filled.project_id, Role.LEAD)
    return World(engine, Settings(data=tmp_path), filled, lead)


def _staged(world: World) -> int:
    content = b"id,text,label\n1,rain and snow,weather\n2,a goal,sports\n3,broken\n"
    with writing(world.engine) as session:
        return stage_bytes(session, world.blobs, world.filled.project_id, content).id


def _ask_check(world: World) -> None:
    staged = _staged(world)
    with writing(world.engine) as session:
        found = session.get_one(DataImport, staged)
        ask_check(session, found, by=world.lead.person_id, now=database_now(session))


def _ask_commit(world: World) -> None:
    checked = check_import(world.engine, world.blobs, _staged(world)).id
    with writing(world.engine) as session:
        found = session.get_one(DataImport, checked)
        ask_commit(session, found, by=world.lead.person_id, now=database_now(session))


def _ask_array(world: World) -> None:
    file = io.BytesIO()
    keys = np.array([f"k{row}" for row in range(1, COUNT + 1)])
    np.savez(file, embeddings=np.eye(COUNT, 8, dtype=np.float32) + 0.1, ids=keys)
    with writing(world.engine) as session:
        sent = Sent(world.blobs.put(file.getvalue()), "net")
        push_array(session, world.filled.project_id, sent, by=None, now=database_now(session))


def _ask_score(world: World) -> None:
    with writing(world.engine) as session:
        start_scoring(session, world.filled.project_id, created_by=None, now=database_now(session))


def _ask_release(world: World) -> None:
    with writing(world.engine) as session:
        project_id, now = world.filled.project_id, database_now(session)
        make_release_at_console(session, project_id, ReleaseSpec(), now=now)


def _ask_fold(world: World) -> None:
    label = next(iter(world.filled.labels.values()))
    with writing(world.engine) as session:
        asked_by = AskedBy(world.filled.project_id)
        enqueue(
            session, FOLD_AGAIN, FoldArguments(label), asked_by=asked_by, now=database_now(session)
        )


def _ask_removal(world: World) -> None:
    """As 30 days later."""
    with writing(world.engine) as session:
        delete_from_console(session, "filled", "Filled", now=database_now(session) - 2 * KEPT)


def _ask_study(world: World) -> None:
    with writing(world.engine) as session:
        ask_for_study(session, world.filled.project_id, by=None, now=database_now(session))


def _ask_recovery(world: World) -> None:
    with writing(world.engine) as session:
        costs = [Cost(1, 2, 20.0)]
        now = database_now(session)
        ask_for_recovery(session, world.filled.project_id, costs, by=None, now=now)


def _ask_comparison(world: World) -> None:
    with writing(world.engine) as session:
        ask_for_comparison(session, world.filled.project_id, by=None, now=database_now(session))


def _ask_erasure(world: World) -> None:
    with writing(world.engine) as session:
        erase_from_console(session, "filled", "k1", now=database_now(session))


def _push(world: World, name: str) -> Model:
    file = io.BytesIO(
        b"id,label\n" + b"\n".join(b"k%d,weather" % (row + 1) for row in range(COUNT))
    )
    stored = StoredFile("m.csv", world.blobs.put(file.getvalue()))
    with writing(world.engine) as session:
        sent, now = SentModel(stored, name), database_now(session)
        return stage_model(session, world.filled.project_id, sent, by=None, now=now).model


def _ask_model(world: World) -> None:
    model = _push(world, "net")
    with writing(world.engine) as session:
        ask_for_check(session, session.merge(model), by=None, now=database_now(session))


def _ask_audit(world: World) -> None:
    ids = [check_model(world.engine, world.blobs, _push(world, name).id).id for name in "ab"]
    with writing(world.engine) as session:
        open_from_console(session, "filled", AuditAsked(tuple(ids)))


def _ask_split(world: World) -> None:
    with writing(world.engine) as session:
        mine = Example.project_id == world.filled.project_id
        session.execute(update(Example).where(mine).values(split="test"))
        lock = lock_project(session, world.filled.project_id)
        open_epoch(lock, reason="import", now=database_now(session), rng=Random(1))
        lock.save()
        open_split_from_console(session, "filled", "test")


ASKED: Mapping[str, Callable[[World], None]] = {
    "import_check": _ask_check,
    "import_commit": _ask_commit,
    "array_check": _ask_array,
    "model_check": _ask_model,
    "test_audit": _ask_audit,
    "split_audit": _ask_split,
    "score": _ask_score,
    "release": _ask_release,
    "fold_again": _ask_fold,
    "remove_project": _ask_removal,
    "study": _ask_study,
    "reviewers": _ask_comparison,
    "erase_files": _ask_erasure,
    "recovery": _ask_recovery,
}
"""How each task comes about. A new task needs its line here."""

every_task = pytest.mark.parametrize("name", sorted(TASKS))


def taken(world: World, name: str) -> JobInHand:
    ASKED[name](world)
    with writing(world.engine) as session:
        job = claim(session, "w", TASKS, now=database_now(session))
    assert job is not None and job.task == name
    return job


def standing(world: World) -> dict[str, Any]:
    """What people see of a project's data."""
    with reading(world.engine) as session:
        project = session.get(Project, world.filled.project_id)
        run_id = project.run_id if project is not None else None
        scores = select(func.count()).select_from(Score).where(Score.run_id == run_id)
        return {
            "examples": session.execute(
                select(Example.key, Example.status, Example.given_label_id).order_by(Example.id)
            ).all(),
            "left_out": session.scalar(select(func.count()).select_from(LeftOut)),
            "imports": session.execute(select(DataImport.id, DataImport.state)).all(),
            "arrays": session.execute(select(Prediction.kind, Prediction.state)).all(),
            "releases": session.execute(select(Release.number, Release.state)).all(),
            "models": session.execute(select(Model.name, Model.state, Model.n_examples)).all(),
            "predicted": session.scalar(select(func.count()).select_from(ModelPrediction)),
            "compared": session.execute(
                select(tables.TestAudit.number, tables.TestAudit.report)
            ).all(),
            "ranked": session.scalar(scores),
        }


@every_task
def test_it_may_run_twice(world: World, name: str) -> None:
    job = taken(world, name)
    steps: set[str] = set()
    at = AtWork(world.engine, world.settings, job, lambda step, done, total: steps.add(step))
    told = TASKS[name].work(at)
    assert json.loads(json.dumps(told)) is not None
    first = standing(world)
    TASKS[name].work(at)
    assert standing(world) == first
    assert steps <= set(TASKS[name].words.steps), "a step that nobody is told of"


@every_task
@pytest.mark.parametrize("how", ["given up", "stopped while it waited"])
def test_when_it_ends_undone_nothing_says_that_it_is_under_way(
    world: World, name: str, how: str
) -> None:
    if how == "given up":
        job = taken(world, name)
        with writing(world.engine) as session:
            if name == SCORE.name:
                session.add(_begun(job, world))
                session.flush()
            now = database_now(session)
            state = give_up(session, job, "The disk is full.", tasks=TASKS, now=now)
        assert state is JobState.DEAD
    else:
        ASKED[name](world)
        with writing(world.engine) as session:
            job_id = session.scalars(select(Job.id).order_by(Job.id.desc())).first()
            assert job_id is not None
            state = cancel(session, job_id, tasks=TASKS, now=database_now(session))
        assert state is JobState.CANCELLED
    under_way = (
        (DataImport.state, (ImportState.CHECKING, ImportState.IMPORTING)),
        (ScoringRun.state, (RunState.RUNNING,)),
        (Release.state, (RunState.RUNNING,)),
        (Prediction.state, (ArrayState.CHECKING,)),
        (Model.state, (ArrayState.CHECKING,)),
    )
    with reading(world.engine) as session:
        for column, states in under_way:
            assert session.execute(select(column).where(column.in_(states))).all() == []


def _begun(job: JobInHand, world: World) -> ScoringRun:
    return ScoringRun(
        project_id=world.filled.project_id,
        number=1,
        state=RunState.RUNNING,
        settings={"job": job.id},
        seed=0,
        started_at=job_time(world),
    )


def job_time(world: World) -> Any:
    with reading(world.engine) as session:
        return database_now(session)


@every_task
def test_its_words_are_there(name: str) -> None:
    task = TASKS[name]
    assert re.fullmatch(r"[a-z_]{1,40}", task.name)
    assert task.words.doing[0].isupper() and not task.words.doing.endswith(".")
    assert re.fullmatch(r"(a|an|the) [a-z ]+ (of|in|into|for)", task.words.waited_for)
    assert task.words.steps and all(len(step) <= 120 for step in task.words.steps)
    assert task.words.when_dead.endswith(".")
    assert task.tries >= 1


@every_task
def test_its_arguments_come_back_from_json_as_they_went(name: str) -> None:
    kind = TASKS[name].of.arguments
    usual = (MISSING, MISSING)
    needed = [one for one in fields(kind) if (one.default, one.default_factory) == usual]
    arguments = kind(**{one.name: 7 for one in needed})
    of: TaskName[Any] = TASKS[name].of
    stored = json.loads(json.dumps(of.written(arguments)))
    assert of.read(stored) == arguments
    with pytest.raises(TypeError):
        of.read(stored | {"unheard_of": 1})


def test_every_file_of_the_room_holds_tasks_that_are_listed() -> None:
    for module in pkgutil.iter_modules(room.__path__):
        if module.name != "registry":
            found = vars(importlib.import_module(f"{room.__name__}.{module.name}")).values()
            tasks = [one for one in found if isinstance(one, Task)]
            assert [TASKS[task.name] for task in tasks] == tasks != []


def test_a_name_nobody_knows_fails_loudly() -> None:
    with pytest.raises(UnknownTask, match="'juggle'"):
        TASKS["juggle"]
    assert "juggle" not in TASKS


def test_two_tasks_never_share_a_name() -> None:
    task = Task(
        SCORE, score_project, TaskWords("Scoring", "the ranking of", ("all",), "Wait."), Lane.LONG
    )
    with pytest.raises(ValueError, match="score"):
        Tasks(task, task)


def test_tasks_of_one_series_wait_for_each_other() -> None:
    assert sorted(map(sorted, TASKS.series().values())) == [
        ["import_commit"],
        ["recovery"],
        ["reviewers"],
        ["score"],
        ["study"],
    ]


def test_nothing_is_long_that_somebody_waits_for() -> None:
    assert TASKS.long() == ["score", "remove_project", "study", "reviewers", "recovery"]


def test_a_lane_that_no_worker_has_fails_loudly() -> None:
    words = TaskWords("Scoring", "the ranking of", ("all",), "Wait.")
    with pytest.raises(ValueError, match="'slow' is not a valid Lane"):
        Task(SCORE, score_project, words, cast(Lane, "slow"))
