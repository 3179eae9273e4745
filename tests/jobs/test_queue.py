"""The queue's promises, on both databases."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from app.db.engine import reading, writing
from app.db.tables.jobs import Job
from app.db.words import JobState
from app.jobs.lanes import Lane
from app.jobs.queue import (
    MOST_REASON,
    TAKEOVER_SECONDS,
    JobLost,
    anything_to_do,
    beat,
    cancel,
    claim,
    enqueue,
    finish,
    hold,
    put_back,
    try_again,
)
from app.jobs.task import TRIES, AskedBy, AtWork, JobInHand, Task, Tasks, TaskWords
from app.jobs.workers import say_alive, say_goodbye, workers_alive
from tests.conftest import NOON
from tests.jobs.toy_worker import Named, named

WORDS = TaskWords("Playing", "the game in", (), "Nothing is lost.")


def nothing(at: AtWork, asked: Named) -> None:
    """The queue never runs what it hands out."""


TASKS = Tasks(
    Task(named("write"), nothing, WORDS, Lane.QUICK),
    Task(named("score"), nothing, WORDS, Lane.LONG, series="ranking"),
)
SILENT = timedelta(seconds=TAKEOVER_SECONDS + 1)


def add(engine: Engine, task: str = "write", *, project_id: int | None = None, **words: Any) -> int:
    with writing(engine) as session:
        asked_by = AskedBy(project_id)
        job = enqueue(session, named(task), Named(**words), asked_by=asked_by, now=NOON)
        return job.id


def take(engine: Engine, worker: str = "w1", *, now: datetime = NOON) -> JobInHand | None:
    with writing(engine) as session:
        return claim(session, worker, TASKS, now=now)


def taken(engine: Engine, worker: str = "w1", *, now: datetime = NOON) -> JobInHand:
    job = take(engine, worker, now=now)
    assert job is not None
    return job


def stored(engine: Engine, job_id: int) -> Job:
    with reading(engine) as session:
        return session.execute(select(Job).where(Job.id == job_id)).scalar_one()


def test_a_job_exists_only_if_the_transaction_that_needs_it_commits(engine: Engine) -> None:
    class Undone(Exception):
        pass

    with pytest.raises(Undone), writing(engine) as session:
        enqueue(session, named("write"), Named(), asked_by=AskedBy(None), now=NOON)
        raise Undone
    assert take(engine) is None


def test_jobs_are_taken_oldest_first_and_each_by_one_worker(engine: Engine) -> None:
    first, second = add(engine), add(engine)
    assert taken(engine, "w1").id == first
    assert taken(engine, "w2").id == second
    assert take(engine, "w3") is None


def test_many_workers_at_once_never_take_the_same_job(engine: Engine) -> None:
    wanted = {add(engine, name=str(n)) for n in range(24)}
    got: list[int] = []
    start = threading.Barrier(6)

    def worker(name: str) -> None:
        start.wait()
        while (job := take(engine, name)) is not None:
            got.append(job.id)

    threads = [threading.Thread(target=worker, args=(f"w{n}",)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(got) == sorted(wanted)


def test_a_finished_job_keeps_its_result(engine: Engine) -> None:
    job_id = add(engine)
    job = taken(engine)
    with writing(engine) as session:
        finish(session, job, {"rows": 3}, now=NOON)
    job_row = stored(engine, job_id)
    assert (job_row.state, job_row.result) == (JobState.DONE, {"rows": 3})


def test_a_job_whose_worker_beats_is_left_alone_and_a_silent_ones_is_taken_over(
    engine: Engine,
) -> None:
    add(engine)
    job = taken(engine, "w1")
    later = NOON + SILENT
    with writing(engine) as session:
        beat(session, job, ("folds", 1, 5), now=later)
    assert take(engine, "w2", now=later) is None
    again = taken(engine, "w2", now=later + SILENT)
    assert (again.id, again.attempt) == (job.id, 2)
    assert again.fence > job.fence


def test_the_word_of_a_worker_that_was_replaced_is_refused(engine: Engine) -> None:
    job_id = add(engine)
    stale = taken(engine, "w1")
    fresh = taken(engine, "w2", now=NOON + SILENT)
    with pytest.raises(JobLost), writing(engine) as session:
        finish(session, stale, {"by": "w1"}, now=NOON + SILENT)
    with pytest.raises(JobLost), writing(engine) as session:
        hold(session, stale)
    with pytest.raises(JobLost), writing(engine) as session:
        beat(session, stale, None, now=NOON + SILENT)
    with pytest.raises(JobLost), writing(engine) as session:
        try_again(session, stale, "late", tasks=TASKS, now=NOON + SILENT)
    with writing(engine) as session:
        finish(session, fresh, {"by": "w2"}, now=NOON + SILENT)
    assert stored(engine, job_id).result == {"by": "w2"}


def test_a_failing_job_is_tried_three_times_with_growing_pauses_then_dead(engine: Engine) -> None:
    job_id = add(engine)
    now = NOON
    pauses = []
    for _ in range(TRIES):
        job = taken(engine, now=now)
        with writing(engine) as session:
            try_again(session, job, "a" * 3_000 + "the cause", tasks=TASKS, now=now)
        row = stored(engine, job_id)
        if row.state is JobState.WAITING:
            assert take(engine, now=now) is None
            pauses.append(row.run_after - now)
            now = row.run_after
    assert row.state is JobState.DEAD
    assert len(row.message) == MOST_REASON
    assert row.message.endswith("the cause")
    assert pauses == sorted(pauses)
    assert len(set(pauses)) == len(pauses)
    assert take(engine, now=now + timedelta(days=1)) is None


def test_a_job_that_kills_its_worker_three_times_is_dead_and_the_hook_hears_of_it(
    engine: Engine,
) -> None:
    job_id = add(engine)
    now = NOON
    for attempt in range(TRIES):
        assert taken(engine, f"w{attempt}", now=now).attempt == attempt + 1
        now += SILENT
    heard = []

    def ended(
        session: Session, job: JobInHand, state: JobState, message: str, now: datetime
    ) -> None:
        heard.append((job.id, state))

    with writing(engine) as session:
        tasks = Tasks(Task(named("write"), nothing, WORDS, Lane.QUICK, ended=ended))
        assert claim(session, "w9", tasks, now=now) is None
    row = stored(engine, job_id)
    assert row.state is JobState.DEAD
    assert "3 times" in row.message
    assert heard == [(job_id, JobState.DEAD)]


def test_a_waiting_job_is_cancelled_at_once(engine: Engine) -> None:
    job_id = add(engine)
    with writing(engine) as session:
        assert cancel(session, job_id, now=NOON) is JobState.CANCELLED
    assert take(engine) is None
    assert stored(engine, job_id).finished_at == NOON


def test_a_running_job_hears_at_its_next_beat_that_it_should_stop(engine: Engine) -> None:
    job_id = add(engine)
    job = taken(engine)
    with writing(engine) as session:
        assert beat(session, job, None, now=NOON) is False
    with writing(engine) as session:
        assert cancel(session, job_id, now=NOON) is JobState.RUNNING
    with writing(engine) as session:
        assert beat(session, job, None, now=NOON) is True


def test_a_job_asked_to_stop_is_not_begun_again_when_its_worker_dies(engine: Engine) -> None:
    job_id = add(engine)
    taken(engine)
    with writing(engine) as session:
        cancel(session, job_id, now=NOON)
    assert take(engine, "w2", now=NOON + SILENT) is None
    assert stored(engine, job_id).state is JobState.CANCELLED


def test_cancelling_what_is_over_changes_nothing(engine: Engine) -> None:
    job_id = add(engine)
    job = taken(engine)
    with writing(engine) as session:
        finish(session, job, {}, now=NOON)
    with writing(engine) as session:
        assert cancel(session, job_id, now=NOON) is JobState.DONE
        assert cancel(session, job_id + 1, now=NOON) is None


def test_a_project_scores_once_at_a_time_and_other_projects_do_not_wait(engine: Engine) -> None:
    first = add(engine, "score", project_id=1)
    second = add(engine, "score", project_id=1)
    other = add(engine, "score", project_id=2)
    running = taken(engine, "w1")
    assert running.id == first
    assert taken(engine, "w2").id == other
    assert take(engine, "w3") is None
    with writing(engine) as session:
        finish(session, running, {}, now=NOON)
    assert taken(engine, "w3").id == second


def test_each_lane_takes_its_own_jobs_and_who_takes_both_begins_with_the_quick(
    engine: Engine,
) -> None:
    long, quick, unknown = add(engine, "score"), add(engine, "write"), add(engine, "unheard_of")

    def next_of(*lanes: Lane) -> int | None:
        with writing(engine) as session:
            job = claim(session, "w", TASKS, lanes=lanes, now=NOON)
            if job is not None:
                put_back(session, job, now=NOON)
        return job.id if job is not None else None

    assert next_of(Lane.LONG) == long
    assert next_of(Lane.QUICK) == quick
    assert next_of(Lane.QUICK, Lane.LONG) == quick
    assert [taken(engine).id for _ in range(3)] == [quick, unknown, long]
    assert next_of(Lane.LONG) is None


def test_racing_workers_start_one_scoring_of_a_project(engine: Engine) -> None:
    for _ in range(6):
        add(engine, "score", project_id=1)
    got: list[int] = []
    start = threading.Barrier(6)

    def worker(name: str) -> None:
        start.wait()
        job = take(engine, name)
        if job is not None:
            got.append(job.id)

    threads = [threading.Thread(target=worker, args=(f"w{n}",)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 1


def test_a_job_that_is_put_back_loses_no_attempt(engine: Engine) -> None:
    add(engine)
    job = taken(engine, "w1")
    with writing(engine) as session:
        put_back(session, job, now=NOON)
    assert taken(engine, "w2").attempt == 1


def test_progress_is_kept_with_the_name_of_the_step(engine: Engine) -> None:
    job_id = add(engine)
    job = taken(engine)
    with writing(engine) as session:
        beat(session, job, ("neighbours", 3, 7), now=NOON)
    row = stored(engine, job_id)
    assert (row.step, row.step_done, row.step_total) == ("neighbours", 3, 7)


def test_looking_for_work_agrees_with_taking_it(engine: Engine) -> None:
    with reading(engine) as session:
        assert not anything_to_do(session, TASKS, now=NOON)
    add(engine)
    with reading(engine) as session:
        assert anything_to_do(session, TASKS, now=NOON)
    taken(engine)
    with reading(engine) as session:
        assert not anything_to_do(session, TASKS, now=NOON)
        assert anything_to_do(session, TASKS, now=NOON + SILENT)


def test_workers_are_counted_while_they_speak(engine: Engine) -> None:
    with writing(engine) as session:
        say_alive(session, "w1", now=NOON)
        say_alive(session, "w2", now=NOON)
        say_alive(session, "w2", now=NOON + SILENT)
        assert workers_alive(session, now=NOON) == 2
        assert workers_alive(session, now=NOON + SILENT) == 1
        say_goodbye(session, "w2")
        assert workers_alive(session, now=NOON + SILENT) == 0
