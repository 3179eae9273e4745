"""What Relabel does with a user's own arrays: check them, rank with them, leave them out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.actions.storage import Storage
from app.actions.turn import Caller, work_by_slug
from app.datasets import pushed_arrays
from app.datasets.projects import project_named
from app.datasets.pushed_arrays import Sent, array_of, arrays_of, stage_array
from app.datasets.pushed_check import check_array
from app.datasets.report import array_report_of
from app.db.engine import database_now, writing
from app.db.log import lock_project
from app.db.tables.datasets import Prediction
from app.db.tables.jobs import Job
from app.db.words import ArrayState, Role
from app.progress import Progress, quiet
from app.ranking.runs import score_anew
from app.review.books.may import check_in_use


class Asked(NamedTuple):
    """An array, and the job that checks it."""

    array: Prediction
    job: Job


class Checked(NamedTuple):
    """An array, and the job that ranks with it, where it can be used."""

    array: Prediction
    scoring: int | None


def push_array(caller: Caller, slug: str, sent: Sent) -> Asked:
    """Have a stored file checked and then ranked with; the old ranking is served until then."""
    with work_by_slug(caller, slug, Role.LEAD) as turn:
        by = turn.member.person_id
        return Asked(
            *pushed_arrays.push_array(turn.session, turn.project_id, sent, by=by, now=turn.now)
        )


def answer_questions(caller: Caller, slug: str, array_id: int, choices: Mapping[str, str]) -> Asked:
    """Answer what the check asked (code -> choice); the file is then checked again."""
    with work_by_slug(caller, slug, Role.LEAD) as turn:
        array = array_of(turn.session, turn.project_id, array_id, hold=True)
        by = turn.member.person_id
        job = pushed_arrays.answer_array(turn.session, array, choices, by=by, now=turn.now)
        return Asked(array, job)


def take_out(caller: Caller, slug: str, array_id: int) -> list[Prediction]:
    """Leave an array out of the next ranking; those that are left."""
    with work_by_slug(caller, slug, Role.LEAD) as turn:
        array = array_of(turn.session, turn.project_id, array_id, hold=True)
        pushed_arrays.take_out(array, now=turn.now)
        turn.session.flush()
        return arrays_of(turn.session, turn.project_id)


def push_from_console(engine: Engine, slug: str, sent: Sent) -> Prediction:
    """Stage an array without a job: who sits at the console has it checked there."""
    with writing(engine) as session:
        project = project_named(session, slug)
        check_in_use(project)
        return stage_array(session, project.id, sent, by=None, now=database_now(session))


def check_pushed(
    storage: Storage, array_id: int, *, by: int | None, progress: Progress = quiet
) -> Checked:
    """Read an array; one that can be used has the project ranked anew. May run twice."""
    scoring: list[int] = []

    def when_ready(session: Session, array: Prediction) -> None:
        now = database_now(session)
        scoring.append(score_anew(session, array.project_id, created_by=by, now=now).id)

    array = check_array(
        storage.engine, storage.blobs, array_id, when_ready=when_ready, progress=progress
    )
    if array.state is ArrayState.STOPPED:
        array = _without_file(storage, array)
    return Checked(array, scoring[-1] if scoring else None)


def _without_file(storage: Storage, refused: Prediction) -> Prediction:
    """A file that nobody can answer anything of is not kept: it may hold what is erased later."""
    from app.datasets.erased_files import delete_unneeded  # loads NumPy

    with writing(storage.engine) as session:
        lock_project(session, refused.project_id)
        array = session.get(Prediction, refused.id, populate_existing=True)
        if array is None:
            return refused
        stopped = array.state is ArrayState.STOPPED and bool(array.file)
        if stopped and not array_report_of(array.report)["questions"]:
            name, array.file = array.file, ""
            session.flush()
            delete_unneeded(session, storage.blobs, array.project_id, [name])
        return array
