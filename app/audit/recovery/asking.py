"""When remedies are measured, on how many checked examples, and where the last result is kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TypedDict

from sqlalchemy import ColumnElement, and_, exists, func, select
from sqlalchemy.orm import Session, aliased

from app.audit.recovery.report import Cost, Report
from app.datasets.visible import visible_imports
from app.db.tables.audit import Recovery, Serve
from app.db.tables.datasets import Example, Project
from app.db.tables.jobs import Job
from app.db.tables.ranking import Score
from app.db.words import Status, Stream
from app.jobs.task import AskedBy, TaskName
from app.jobs.under_way import enqueue_once, job_under_way
from app.training.curves import HALF, NOISE, REVIEW
from app.training.material import FEWEST_CHECKED
from app.training.race import TRAINING

READING = "reading examples"
STEPS = (READING, TRAINING, REVIEW, NOISE, HALF)
"""As measuring tells them."""

CHECKS_OFFERED = 2 * FEWEST_CHECKED
"""What the batch of random checks asks that is offered: some may be removed, or take their time."""


class CostWritten(TypedDict):
    """A `Cost`, as a job's row holds it."""

    right: int
    given: int
    cost: float


@dataclass(frozen=True)
class RecoveryArguments:
    """What wrong labels cost where it is not 1."""

    costs: list[CostWritten] = field(default_factory=list)


RECOVERY = TaskName("recovery", RecoveryArguments)


@dataclass(frozen=True, slots=True)
class Kept:
    """What was measured last; `new` events of the log came since."""

    row: Recovery
    report: Report | None
    new: int


def was_drawn(project_id: int) -> ColumnElement[bool]:
    """Of an `Example`: whether any epoch drew it at random. Probes and the like are no draws.

    A list of them, for few are drawn of the many that are there.
    """
    drawn = select(Serve.example_id).where(
        Serve.project_id == project_id, Serve.stream == Stream.AUDIT
    )
    return Example.id.in_(drawn)


def is_checked(project: Project) -> ColumnElement[bool]:
    """Of an `Example`: a remedy can be scored on it. It came with a label, was drawn at random,
    people settled which label is right, and the ranking that is served has its vector."""
    settled = Example.status.in_((Status.CONFIRMED, Status.RELABELED))
    score = aliased(Score)
    ranked = exists().where(score.run_id == project.run_id, score.example_id == Example.id)
    return and_(
        settled,
        Example.final_label_id.is_not(None),
        Example.given_label_id.is_not(None),
        Example.import_id.in_(visible_imports(project.id)),
        was_drawn(project.id),
        ranked,
    )


def checked_so_far(session: Session, project: Project) -> int:
    """What measuring would be told from: it counts the same."""
    query = select(func.count()).where(Example.project_id == project.id, is_checked(project))
    return session.scalar(query) or 0


def missing(checked: int) -> int:
    """How many checked examples more it takes."""
    return max(0, FEWEST_CHECKED - checked)


def last_recovery(session: Session, project: Project) -> Kept | None:
    row = session.get(Recovery, project.id)
    if row is None:
        return None
    report = Report.read(row.report) if row.report else None
    return Kept(row, report, project.log_seq - row.up_to_seq)


def recovery_job(session: Session, project_id: int) -> Job | None:
    """The one that waits or runs."""
    return job_under_way(session, project_id, RECOVERY)


def _written(cost: Cost) -> CostWritten:
    return {"right": cost.right, "given": cost.given, "cost": cost.cost}


def ask_for_recovery(
    session: Session, project_id: int, costs: list[Cost], *, by: int | None, now: datetime
) -> Job:
    """The same asked twice is one job."""
    arguments = RecoveryArguments([_written(one) for one in costs])
    asked_by = AskedBy(project_id, by)
    return enqueue_once(session, RECOVERY, arguments, asked_by=asked_by, now=now)
