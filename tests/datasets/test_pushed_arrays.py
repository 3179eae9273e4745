"""A pushed array under interruptions: checked twice, answered meanwhile, taken out, ended."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import Engine, update

from app.datasets import pushed_check
from app.datasets.blobs import BlobStore
from app.datasets.erased_files import take_from_arrays
from app.datasets.parse_job import ParseJob
from app.datasets.parsing import read_array
from app.datasets.pushed_arrays import Sent, answer_array, array_of, push_array, take_out
from app.datasets.pushed_check import array_check_ended, check_array
from app.datasets.report import ArrayReport
from app.db.engine import reading, writing
from app.db.tables.datasets import Example, Prediction
from app.db.words import ArrayState, JobState, Status
from app.errors import Conflict, NotFound
from app.jobs.task import JobInHand
from app.progress import Progress
from tests.conftest import NOON
from tests.ranking.filled import fill

COUNT = 12


class Pushed:
    """A project of twelve examples, and losses pushed to it without ids."""

    def __init__(self, engine: Engine, folder: Path, rows: int = COUNT) -> None:
        self.engine, self.blobs, self.ready = engine, BlobStore(folder), list[int]()
        contents = [{"text": f"text {n}"} for n in range(COUNT)]
        self.filled = fill(engine, contents, ["a", "b"] * (COUNT // 2))
        held = io.BytesIO()
        np.savez(held, losses=np.ones((rows, 2)))
        sent = Sent(self.blobs.put(held.getvalue()), "net")
        with writing(engine) as session:
            found, job = push_array(session, self.filled.project_id, sent, by=None, now=NOON)
            self.id = found.id
            self.job = JobInHand(job.id, 1, job.task, job.arguments, job.project_id, None, 1)

    def check(self, meanwhile: object = None) -> Prediction:
        def progress(*told: object) -> None:
            if callable(meanwhile) and told[0] == "starting":
                meanwhile()

        return check_array(
            self.engine,
            self.blobs,
            self.id,
            when_ready=lambda _, found: self.ready.append(found.id),
            progress=progress,
        )

    def now(self) -> Prediction:
        with reading(self.engine) as session:
            return session.get_one(Prediction, self.id)


@pytest.fixture
def pushed(engine: Engine, tmp_path: Path) -> Pushed:
    return Pushed(engine, tmp_path)


def test_a_check_that_runs_twice_has_the_project_scored_once(pushed: Pushed) -> None:
    assert pushed.check(meanwhile=pushed.check).state is ArrayState.READY
    assert pushed.check().state is ArrayState.READY
    assert pushed.ready == [pushed.id]


def test_an_array_taken_out_while_it_is_checked_stays_out(pushed: Pushed) -> None:
    def leave() -> None:
        with writing(pushed.engine) as session:
            found = session.get_one(Prediction, pushed.id)
            if found.removed_at is None:
                take_out(found, now=NOON)

    pushed.check(meanwhile=leave)
    assert (pushed.now().state, pushed.ready) == (ArrayState.STOPPED, [])
    with reading(pushed.engine) as session, pytest.raises(NotFound):
        array_of(session, pushed.filled.project_id, pushed.id)


def test_a_check_that_was_overtaken_leaves_no_file_behind(
    pushed: Pushed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An example was erased while the file was read: what would be stored still has its id."""

    def read_and_erase(job: ParseJob, progress: Progress) -> ArrayReport:
        report = read_array(job, progress)
        assert [one["rows"] for one in report["arrays"]] == [COUNT]
        with writing(pushed.engine) as session:
            for name in take_from_arrays(session, pushed.blobs, pushed.filled.project_id):
                pushed.blobs.remove(name)
        return report

    monkeypatch.setattr(pushed_check, "read_array", read_and_erase)
    assert pushed.check().state is ArrayState.STOPPED
    assert pushed.ready == []
    assert list(pushed.blobs.directory.rglob("?" * 64)) == []


def test_an_answer_given_during_the_check_is_heeded_by_the_next(pushed: Pushed) -> None:
    def answered() -> None:
        with writing(pushed.engine) as session:
            found = array_of(session, pushed.filled.project_id, pushed.id, hold=True)
            answer_array(session, found, {"E505": "partial"}, by=None, now=NOON)

    assert pushed.check(meanwhile=answered).state is ArrayState.CHECKING
    assert pushed.ready == []
    assert pushed.check().state is ArrayState.READY


def test_a_check_that_ends_unfinished_says_so_on_the_array(pushed: Pushed) -> None:
    with writing(pushed.engine) as session:
        array_check_ended(session, pushed.job, JobState.DEAD, "The worker ended.", NOON)
    found = pushed.now()
    assert (found.state, found.report) == (ArrayState.STOPPED, {"message": "The worker ended."})


def test_a_removed_example_keeps_its_row_and_needs_none(pushed: Pushed) -> None:
    with writing(pushed.engine) as session:
        gone = update(Example).where(Example.id == pushed.filled.examples[3])
        session.execute(gone.values(status=Status.REMOVED))
    assert pushed.check().rows == COUNT


def test_fewer_rows_than_examples_pair_with_none(engine: Engine, tmp_path: Path) -> None:
    found = Pushed(engine, tmp_path, COUNT - 1).check()
    assert [one["code"] for one in found.report["stops"]] == ["E505"]


def test_an_array_of_an_import_is_not_asked_again(pushed: Pushed) -> None:
    with writing(pushed.engine) as session:
        found = session.get_one(Prediction, pushed.id)
        found.file = ""
        with pytest.raises(Conflict, match="came with an import"):
            answer_array(session, found, {}, by=None, now=NOON)
