"""A job that waits says for what, and about how long."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine

from app.actions.tasks.registry import TASKS
from app.datasets.asking import COMMIT, ImportArguments
from app.datasets.projects import ProjectPlan, create_project
from app.db.engine import reading, writing
from app.db.tables.jobs import Job
from app.db.words import DataType
from app.jobs.queue import beat, claim, enqueue, finish, try_again
from app.jobs.task import AskedBy, JobInHand
from app.jobs.waiting import Look, waits_for
from app.jobs.workers import say_alive
from app.ranking.runs import SCORE, ScoreArguments
from tests.conftest import NOON

MINUTE = timedelta(minutes=1)
SETTINGS = {"eps": 0.2, "seed": 0, "eps_measured": False}


class Queue:
    """A queue that is looked at as time goes by."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.now = NOON

    def project(self, name: str) -> int:
        with writing(self.engine) as session:
            return create_project(session, ProjectPlan(name, DataType.TEXT), now=NOON).id

    def score(self, project_id: int) -> int:
        with writing(self.engine) as session:
            arguments = ScoreArguments("vpv", SETTINGS, False)  # type: ignore[arg-type]  # as stored
            asked_by = AskedBy(project_id)
            return enqueue(session, SCORE, arguments, asked_by=asked_by, now=self.now).id

    def commit(self, project_id: int) -> int:
        with writing(self.engine) as session:
            asked_by = AskedBy(project_id)
            return enqueue(session, COMMIT, ImportArguments(1), asked_by=asked_by, now=self.now).id

    def workers(self, *names: str) -> None:
        with writing(self.engine) as session:
            for name in names:
                say_alive(session, name, now=self.now)

    def take(self) -> JobInHand:
        with writing(self.engine) as session:
            job = claim(session, "w", TASKS, now=self.now)
        assert job is not None
        return job

    def pass_time(self, span: timedelta, *running: JobInHand, step: str = "folds") -> None:
        self.now += span
        with writing(self.engine) as session:
            for job in running:
                beat(session, job, (step, 1, 2), now=self.now)

    def words(self, job_id: int, *, everywhere: bool = False) -> str:
        self.workers("w1")
        with reading(self.engine) as session:
            look = Look(session, TASKS, self.now, everywhere)
            return waits_for(look, session.get_one(Job, job_id))


@pytest.fixture
def queue(engine: Engine) -> Queue:
    return Queue(engine)


def test_it_waits_for_the_ranking_of_its_own_project_about_as_long_as_the_last_one_took(
    queue: Queue,
) -> None:
    intents = queue.project("Support intents")
    queue.score(intents)
    last = queue.take()
    queue.pass_time(5 * MINUTE, last)
    with writing(queue.engine) as session:
        finish(session, last, {}, now=queue.now)
    queue.score(intents)
    behind = queue.score(intents)
    running = queue.take()
    queue.pass_time(2 * MINUTE, running)
    told = "waits for the ranking of Support intents, about 3 minutes left"
    assert queue.words(behind) == told
    queue.pass_time(4 * MINUTE, running)
    assert queue.words(behind) == "waits for the ranking of Support intents", "longer than the last"
    assert queue.words(running.id) == ""


def test_a_first_run_is_guessed_from_the_steps_that_are_behind_it(queue: Queue) -> None:
    first = queue.project("Support intents")
    queue.score(first)
    running = queue.take()
    waiting = queue.score(first)
    queue.pass_time(10 * MINUTE, running, step="features")  # the third of eight steps, half done
    assert queue.words(waiting).endswith("about 22 minutes left")


def test_another_project_is_named_to_those_alone_who_may_know_it(queue: Queue) -> None:
    queue.score(queue.project("Secret plans"))
    running = queue.take()
    waiting = queue.score(queue.project("Support intents"))
    third = queue.score(queue.project("Third"))
    queue.pass_time(MINUTE, running, step="reading examples")
    assert queue.words(waiting) == "waits for the ranking of another project"
    assert queue.words(third) == "waits for the ranking of another project and 1 more before it"
    assert queue.words(waiting, everywhere=True) == "waits for the ranking of Secret plans"


def test_a_quick_job_does_not_wait_for_a_scoring(queue: Queue) -> None:
    intents = queue.project("Support intents")
    queue.score(intents)
    queue.take()
    assert queue.words(queue.commit(intents)) == "waits for a worker"


def test_a_second_worker_is_free_for_the_next(queue: Queue) -> None:
    queue.score(queue.project("One"))
    queue.take()
    queue.workers("w1", "w2")
    assert queue.words(queue.score(queue.project("Two"))) == "waits for a worker"


def test_what_waits_behind_what_waits_says_for_what_that_waits(queue: Queue) -> None:
    intents = queue.project("Support intents")
    first, second = queue.commit(intents), queue.commit(intents)
    with reading(queue.engine) as session:
        look = Look(session, TASKS, queue.now)
        for job_id in (first, second):
            alone = waits_for(look, session.get_one(Job, job_id))
            assert alone == "waits for a worker: none is running"
    assert queue.words(first) == "waits for a worker"
    behind = "waits for an import into Support intents, which waits for a worker"
    assert queue.words(second) == behind


def test_a_job_that_failed_says_when_it_is_tried_again(queue: Queue) -> None:
    queue.commit(queue.project("Support intents"))
    job = queue.take()
    with writing(queue.engine) as session:
        try_again(session, job, "The disk is full.", tasks=TASKS, now=queue.now)
    assert queue.words(job.id) == "tries again in less than a minute"
