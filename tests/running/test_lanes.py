"""A real worker: what somebody waits for at the screen never waits for a scoring."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine

from app.actions.releasing import make_release_at_console
from app.datasets.asking import ask_check, ask_commit
from app.datasets.blobs import BlobStore
from app.db.engine import database_now, reading, writing
from app.db.tables.datasets import DataImport
from app.db.tables.jobs import Job
from app.db.words import ImportState, JobState
from app.ranking.runs import start_scoring
from app.releases.options import ReleaseSpec
from app.settings import Settings
from tests.datasets.bringing import stage_bytes
from tests.ranking.filled import fill, sentences
from tests.running.processes import ROOT, clean_environment, until


@contextmanager
def worker(url: str, folder: Path) -> Iterator[None]:
    place = {"RELABEL_DATABASE": url, "RELABEL_DATA": str(folder), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "app.worker"]
    process = subprocess.Popen(
        command, env=clean_environment(**place, RELABEL_LOG_LEVEL="ERROR"), cwd=folder
    )
    try:
        yield
    finally:
        process.terminate()
        assert process.wait(20) == 0


def job(engine: Engine, job_id: int) -> Job:
    with reading(engine) as session:
        return session.get_one(Job, job_id)


def test_a_file_is_checked_and_imported_and_released_while_a_scoring_stands_still(
    engine: Engine, database_url: str, tmp_path: Path
) -> None:
    texts, topics = sentences(200)
    project_id = fill(engine, [{"text": text} for text in texts], topics).project_id
    blobs = BlobStore(Settings(data=tmp_path).blob_directory)
    with writing(engine) as session:
        now = database_now(session)
        scoring = start_scoring(session, project_id, created_by=None, now=now).id
    with worker(database_url, tmp_path):
        until(lambda: job(engine, scoring).state is JobState.RUNNING)
        with writing(engine):  # it holds no lock of the database when it is stopped
            scorer = int(job(engine, scoring).worker.split(":")[1])
            os.kill(scorer, signal.SIGSTOP)
        try:
            staged = _checked(engine, blobs, project_id)
            _imported(engine, staged)
            _released(engine, project_id)
            assert job(engine, scoring).state is JobState.RUNNING
        finally:
            os.kill(scorer, signal.SIGCONT)
        until(lambda: job(engine, scoring).state is JobState.DONE)
    assert job(engine, scoring).result["scored"] == 200


def _state(engine: Engine, import_id: int) -> ImportState:
    with reading(engine) as session:
        return session.get_one(DataImport, import_id).state


def _checked(engine: Engine, blobs: BlobStore, project_id: int) -> int:
    content = b"id,text,label\n1,rain and snow,news\n2,a goal,fiction\n"
    with writing(engine) as session:
        staged = stage_bytes(session, blobs, project_id, content)
        ask_check(session, staged, by=None, now=database_now(session))
        import_id = staged.id
    until(lambda: _state(engine, import_id) is ImportState.STAGED)
    return import_id


def _imported(engine: Engine, import_id: int) -> None:
    with writing(engine) as session:
        staged = session.get_one(DataImport, import_id)
        ask_commit(session, staged, by=None, now=database_now(session))
    until(lambda: _state(engine, import_id) is ImportState.DONE)


def _released(engine: Engine, project_id: int) -> None:
    with writing(engine) as session:
        made = make_release_at_console(
            session, project_id, ReleaseSpec(), now=database_now(session)
        )
        asked = made.job.id
    until(lambda: job(engine, asked).state is JobState.DONE)
