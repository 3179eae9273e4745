"""Real worker processes that are killed, stopped and given bad work."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select, update

from app.db.engine import database_now, reading, writing
from app.db.tables.jobs import Job, Worker
from app.db.words import JobState
from app.jobs.queue import TAKEOVER_SECONDS, cancel, enqueue
from app.jobs.task import AskedBy
from app.jobs.work import Beside, Work
from app.settings import Settings
from app.worker import log_as_json
from tests.jobs.toy_worker import Named, named, toys

PATIENCE = 30


def until(found: Callable[[], bool]) -> None:
    """Wait for something that will come; a worker that never does it fails the test."""
    end = time.monotonic() + PATIENCE
    while not found():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)


@contextmanager
def worker(url: str, name: str, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.jobs.toy_worker", url, name, str(folder)],
        stdout=subprocess.DEVNULL,
    )
    try:
        until(lambda: (folder / f"{name}.ready").exists())
        yield process
    finally:
        process.kill()
        process.wait()


def work_of(engine: Engine, name: str, folder: Path) -> Work:
    return Work(engine, name, toys(folder), Settings(data=folder))


def add(engine: Engine, task: str, name: str) -> int:
    with writing(engine) as session:
        now = database_now(session)
        return enqueue(session, named(task), Named(name), asked_by=AskedBy(None), now=now).id


def state_of(engine: Engine, job_id: int) -> Any:
    with reading(engine) as session:
        return session.execute(select(Job.state).where(Job.id == job_id)).scalar_one()


def go_silent(engine: Engine) -> None:
    """Let the time pass after which a running job counts as abandoned."""
    with writing(engine) as session:
        past = database_now(session) - timedelta(seconds=TAKEOVER_SECONDS + 1)
        running = update(Job).where(Job.state == JobState.RUNNING).values(heartbeat_at=past)
        session.execute(running)


each_lane = pytest.mark.parametrize("lane", ["", "long_"])
"""What is promised of a job holds for the quick lane and for the long one."""


@each_lane
def test_a_job_whose_worker_is_killed_is_done_by_another(
    engine: Engine, database_url: str, tmp_path: Path, lane: str
) -> None:
    job_id = add(engine, f"{lane}linger", "a")
    with worker(database_url, "w1", tmp_path) as first:
        until((tmp_path / "a.started").exists)
        os.kill(int((tmp_path / "a.pid").read_text()), signal.SIGKILL)
        assert (first.poll() is None) == bool(lane) or first.wait(PATIENCE) < 0
    assert state_of(engine, job_id) is JobState.RUNNING
    go_silent(engine)
    with worker(database_url, "w2", tmp_path):
        until(lambda: (tmp_path / "a.started").read_text() == "2")
        (tmp_path / "a.release").touch()
        until(lambda: state_of(engine, job_id) is JobState.DONE)


@each_lane
def test_a_worker_told_to_go_puts_its_job_back_and_leaves_with_zero(
    engine: Engine, database_url: str, tmp_path: Path, lane: str
) -> None:
    job_id = add(engine, f"{lane}linger", "a")
    with worker(database_url, "w1", tmp_path) as process:
        until((tmp_path / "a.started").exists)
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
    with reading(engine) as session:
        job = session.execute(select(Job).where(Job.id == job_id)).scalar_one()
        assert (job.state, job.attempts) == (JobState.WAITING, 0)
        assert session.execute(select(Worker)).all() == []


@each_lane
def test_a_task_that_hears_nothing_is_left_behind_and_its_job_put_back(
    engine: Engine, database_url: str, tmp_path: Path, lane: str
) -> None:
    job_id = add(engine, f"{lane}deaf", "a")
    with worker(database_url, "w1", tmp_path) as process:
        until((tmp_path / "a.started").exists)
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
    assert state_of(engine, job_id) is JobState.WAITING


@each_lane
def test_a_running_task_stops_when_it_is_cancelled(
    engine: Engine, database_url: str, tmp_path: Path, lane: str
) -> None:
    job_id = add(engine, f"{lane}linger", "a")
    with worker(database_url, "w1", tmp_path):
        until((tmp_path / "a.started").exists)
        with writing(engine) as session:
            cancel(session, job_id, now=database_now(session))
        until(lambda: state_of(engine, job_id) is JobState.CANCELLED)
        good = add(engine, f"{lane}write", "b")
        until(lambda: state_of(engine, good) is JobState.DONE)


def test_a_job_that_kills_every_worker_does_not_keep_the_good_ones_from_being_done(
    engine: Engine, database_url: str, tmp_path: Path
) -> None:
    names = [f"n{number}" for number in range(10)]
    good = [add(engine, "write", name) for name in names[:5]]
    poison = add(engine, "abort", "poison")
    good += [add(engine, "write", name) for name in names[5:]]
    for attempt in range(3):
        with worker(database_url, f"w{attempt}", tmp_path) as process:
            process.wait(PATIENCE)
        go_silent(engine)
    with worker(database_url, "last", tmp_path):
        until(lambda: all(state_of(engine, job) is JobState.DONE for job in good))
        until(lambda: state_of(engine, poison) is JobState.DEAD)
    assert all((tmp_path / f"{name}.txt").read_text() == "done" for name in names)


def test_quick_jobs_are_done_while_a_long_one_runs_and_another_waits(
    engine: Engine, database_url: str, tmp_path: Path
) -> None:
    long, behind = add(engine, "long_linger", "a"), add(engine, "long_write", "b")
    with worker(database_url, "w1", tmp_path):
        until((tmp_path / "a.started").exists)
        quick = [add(engine, "write", f"q{number}") for number in range(3)]
        until(lambda: all(state_of(engine, job) is JobState.DONE for job in quick))
        assert state_of(engine, long) is JobState.RUNNING
        assert state_of(engine, behind) is JobState.WAITING
        with reading(engine) as session:
            assert [row.name for row in session.scalars(select(Worker))] == ["w1"]
        (tmp_path / "a.release").touch()
        until(lambda: state_of(engine, behind) is JobState.DONE)


def test_a_quick_job_is_done_while_the_long_one_kills_its_process_again_and_again(
    engine: Engine, database_url: str, tmp_path: Path
) -> None:
    add(engine, "long_abort", "poison")
    with worker(database_url, "w1", tmp_path) as process:
        until((tmp_path / "poison.started").exists)
        linger = add(engine, "linger", "a")
        until((tmp_path / "a.started").exists)
        go_silent(engine)
        until(lambda: (tmp_path / "poison.started").read_text() == "2")
        assert process.poll() is None
        (tmp_path / "a.release").touch()
        until(lambda: state_of(engine, linger) is JobState.DONE)
        with reading(engine) as session:
            assert session.get_one(Job, linger).attempts == 1


def test_two_workers_do_two_long_jobs_and_never_the_same(
    engine: Engine, database_url: str, tmp_path: Path
) -> None:
    jobs = [add(engine, "long_linger", name) for name in "abc"]
    with worker(database_url, "w1", tmp_path), worker(database_url, "w2", tmp_path):
        until(lambda: (tmp_path / "a.started").exists() and (tmp_path / "b.started").exists())
        assert (tmp_path / "a.pid").read_text() != (tmp_path / "b.pid").read_text()
        quick = add(engine, "write", "q")
        until(lambda: state_of(engine, quick) is JobState.DONE)
        assert state_of(engine, jobs[2]) is JobState.WAITING  # one long job a worker
        for name in "abc":
            (tmp_path / f"{name}.release").touch()
        until(lambda: all(state_of(engine, job) is JobState.DONE for job in jobs))
    assert [(tmp_path / f"{name}.started").read_text() for name in "abc"] == ["1", "1", "1"]


def test_a_worker_that_is_killed_takes_its_long_lane_with_it_and_the_job_goes_on_elsewhere(
    engine: Engine, database_url: str, tmp_path: Path
) -> None:
    job_id = add(engine, "long_linger", "a")
    with worker(database_url, "w1", tmp_path) as first:
        until((tmp_path / "a.started").exists)
        first.kill()
        first.wait()
        until(lambda: state_of(engine, job_id) is JobState.WAITING)
    (tmp_path / "a.release").touch()
    with worker(database_url, "w2", tmp_path):
        until(lambda: state_of(engine, job_id) is JobState.DONE)


def test_a_task_run_twice_leaves_what_one_run_leaves(engine: Engine, tmp_path: Path) -> None:
    job_id = add(engine, "write", "a")
    work = work_of(engine, "w1", tmp_path)
    assert work.until_idle() == 1
    with writing(engine) as session:
        session.execute(update(Job).where(Job.id == job_id).values(state=JobState.WAITING))
    assert work_of(engine, "w2", tmp_path).until_idle() == 1
    assert (tmp_path / "a.txt").read_text() == "done"
    assert state_of(engine, job_id) is JobState.DONE


def test_a_task_that_raises_is_tried_again_later_and_says_so_in_words(
    engine: Engine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    job_id = add(engine, "raises", "a")
    log_as_json("ERROR")
    assert work_of(engine, "w1", tmp_path).until_idle() == 1
    with reading(engine) as session:
        job = session.execute(select(Job).where(Job.id == job_id)).scalar_one()
    assert job.state is JobState.WAITING
    assert "Something went wrong on our side." in job.message
    assert not re.search(r"Traceback|Error|File \"|bottom", job.message)
    reference = re.search(r"reference ([0-9A-F]{8})\.", job.message)
    assert reference is not None
    logged = capsys.readouterr().err
    assert reference.group(1) in logged and "the bottom of it" in logged


def test_a_task_that_meets_a_full_disk_says_so_and_is_tried_again(
    engine: Engine, tmp_path: Path
) -> None:
    job_id = add(engine, "fills", "a")
    assert work_of(engine, "w1", tmp_path).until_idle() == 1
    with reading(engine) as session:
        job = session.execute(select(Job).where(Job.id == job_id)).scalar_one()
    assert job.state is JobState.WAITING
    assert job.message.startswith("The disk is full. Nothing was stored. Make room")


def test_a_task_that_needs_too_much_memory_is_not_tried_again(
    engine: Engine, tmp_path: Path
) -> None:
    job_id = add(engine, "greedy", "a")
    work_of(engine, "w1", tmp_path).until_idle()
    with reading(engine) as session:
        job = session.execute(select(Job).where(Job.id == job_id)).scalar_one()
    assert job.state is JobState.DEAD
    assert job.message.startswith("out_of_memory")


def test_a_task_nobody_knows_is_not_passed_over_in_silence(engine: Engine, tmp_path: Path) -> None:
    job_id = add(engine, "unheard_of", "a")
    work_of(engine, "w1", tmp_path).until_idle()
    with reading(engine) as session:
        job = session.execute(select(Job).where(Job.id == job_id)).scalar_one()
    assert job.state is JobState.DEAD
    assert "does not know the task 'unheard_of'" in job.message


def test_a_worker_whose_parent_is_gone_leaves(engine: Engine, tmp_path: Path) -> None:
    beside = Beside(parent_lives=lambda: False)
    work = Work(engine, f"w{os.getpid()}", toys(tmp_path), Settings(data=tmp_path), beside)
    assert work.until_told_to_go() is True
