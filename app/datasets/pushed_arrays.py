"""Arrays pushed to a project that is there: kept, asked to be checked, taken out again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.datasets.array_kinds import ARRAY_KINDS
from app.datasets.names import checked_name
from app.datasets.report import array_report_of
from app.datasets.stage import obstacles
from app.db.dialects import locked
from app.db.tables.datasets import Prediction
from app.db.tables.jobs import Job
from app.db.words import ArrayState
from app.errors import Conflict, DataProblem, Invalid, NotFound
from app.jobs.task import AskedBy, TaskName
from app.jobs.under_way import ask_once, jobs_under_way

LONGEST_NAME = 200
MOST_LISTED = 500


@dataclass(frozen=True)
class ArrayArguments:
    array_id: int


CHECK = TaskName("array_check", ArrayArguments)


@dataclass(frozen=True)
class Sent:
    """A stored file and what was said of it; without a kind the file's own word counts."""

    file: str
    name: str
    kind: str = ""
    choices: Mapping[str, str] = field(default_factory=dict)


def arrays_of(session: Session, project_id: int) -> list[Prediction]:
    """What was given and not taken out, the newest first."""
    return list(
        session.scalars(
            select(Prediction)
            .where(Prediction.project_id == project_id, Prediction.removed_at.is_(None))
            .order_by(Prediction.id.desc())
            .limit(MOST_LISTED)
        )
    )


def array_of(session: Session, project_id: int, array_id: int, *, hold: bool = False) -> Prediction:
    """One array that was not taken out; `hold` it to change it."""
    query = select(Prediction).where(
        Prediction.id == array_id,
        Prediction.project_id == project_id,
        Prediction.removed_at.is_(None),
    )
    array = session.scalars(locked(query) if hold else query).one_or_none()
    if array is None:
        raise NotFound()
    return array


def stage_array(
    session: Session, project_id: int, sent: Sent, *, by: int | None, now: datetime
) -> Prediction:
    """Keep a file to be checked; the newest of a model pushed again is the same array."""
    if sent.kind and sent.kind not in ARRAY_KINDS:
        raise Invalid(
            f"There is no kind of array called {sent.kind!r}.",
            next_step=f"Use one of {', '.join(ARRAY_KINDS)}.",
            code="array_kind",
        )
    name = _checked_name(sent.name)
    array = session.scalars(
        locked(
            select(Prediction)
            .where(
                Prediction.project_id == project_id,
                Prediction.name == name,
                Prediction.removed_at.is_(None),
                *([Prediction.kind == sent.kind] if sent.kind else []),
            )
            .order_by(Prediction.id.desc())
            .limit(1)
        )
    ).one_or_none()
    if array is None or array.file != sent.file:
        array = Prediction(
            project_id=project_id,
            kind=sent.kind,
            name=name,
            blob="",
            file=sent.file,
            rows=0,
            created_by=by,
            created_at=now,
        )
        session.add(array)
    array.state, array.choices = ArrayState.CHECKING, dict(sent.choices)
    session.flush()
    return array


def _checked_name(name: str) -> str:
    return checked_name(
        name,
        of="model",
        longest=LONGEST_NAME,
        next_step="Give it a shorter name without line breaks.",
        code="array_name",
    )


def push_array(
    session: Session, project_id: int, sent: Sent, *, by: int | None, now: datetime
) -> tuple[Prediction, Job]:
    """Keep a file and ask the worker to check it."""
    array = stage_array(session, project_id, sent, by=by, now=now)
    return array, _ask(session, array, by=by, now=now)


def answer_array(
    session: Session,
    array: Prediction,
    choices: Mapping[str, str],
    *,
    by: int | None,
    now: datetime,
) -> Job:
    """Answer what the check asked (code -> choice); the file is then checked again."""
    if not array.file:
        raise Conflict(
            "The file of this array is not kept: it came with an import, where its questions were "
            "answered, or an example of it was erased.",
            next_step="Push it again to have it checked by itself.",
            code="array_imported",
        )
    array.choices = {**array.choices, **choices}
    array.state = ArrayState.CHECKING
    session.flush()
    return _ask(session, array, by=by, now=now)


def take_out(array: Prediction, *, now: datetime) -> None:
    """Leave it out of the next ranking; runs that used it keep its bytes."""
    array.removed_at = now


def check_job(session: Session, array: Prediction) -> Job | None:
    """The check that waits or runs."""
    jobs = reversed(jobs_under_way(session, array.project_id, CHECK))
    return next((job for job in jobs if job.arguments.get("array_id") == array.id), None)


def _ask(session: Session, array: Prediction, *, by: int | None, now: datetime) -> Job:
    asked_by = AskedBy(array.project_id, by)
    return ask_once(session, CHECK, ArrayArguments(array.id), asked_by=asked_by, now=now)


def refuse_array(array: Prediction) -> None:
    """Raise what keeps an array out (exit code 65)."""
    if array.state is ArrayState.READY:
        return
    first = next(iter(obstacles(array_report_of(array.report))), None)
    if first is not None:
        raise DataProblem(first["message"], next_step=first["fix"], code=first["code"])
    raise DataProblem(
        array.report.get("message") or "The array is not used, as was chosen.",
        next_step="Look for a damaged part in the file, or push another.",
        code="array_stopped",
    )
