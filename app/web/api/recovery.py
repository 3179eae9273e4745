"""Which remedy works on this data, for programs; the same numbers as under Recovery advice."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from app.actions.recovering import MOST_COSTS, measure_again
from app.audit.recovery.asking import checked_so_far, last_recovery, missing, recovery_job
from app.audit.recovery.report import Cost
from app.audit.recovery.words import told
from app.datasets.sources import source_names
from app.db.tables.datasets import Project
from app.db.words import Role
from app.web.payloads import LARGEST_ID, Payload
from app.web.who import Acting, Looking, at

router = APIRouter()


class CostPayload(Payload):
    """To give `given` where `right` is right costs so many times as much as other wrong labels."""

    right: int = Field(ge=1, le=LARGEST_ID)
    given: int = Field(ge=1, le=LARGEST_ID)
    cost: float


class MeasurePayload(Payload):
    """Costs of wrong labels, 1 where nothing is said."""

    costs: list[CostPayload] = Field(default_factory=list, max_length=MOST_COSTS)


class AdviceShown(BaseModel):
    """One piece of advice, and the rule that speaks."""

    name: str
    words: str
    rule: str


class RecoveryShown(BaseModel):
    """`report` is null while nothing was measured; `new` events of the log came since.

    `checked` examples were drawn at random and settled; `missing` more are needed. Shares are of
    checked examples, each with its 95 % interval; labels and sources are named by their ids.
    """

    job_id: int | None
    checked: int
    missing: int
    made_at: datetime | None
    as_of_seq: int | None
    new: int
    words: list[str]
    advice: list[AdviceShown]
    report: dict[str, Any] | None


class MeasureBegun(BaseModel):
    job_id: int


def _shown(session: Session, project: Project) -> RecoveryShown:
    kept, job = last_recovery(session, project), recovery_job(session, project.id)
    checked = checked_so_far(session, project)
    report = kept.report if kept is not None else None
    names = source_names(session, project.id)
    said = told(report, names) if report is not None else None
    return RecoveryShown(
        job_id=job.id if job is not None else None,
        checked=checked,
        missing=missing(checked),
        made_at=kept.row.made_at if kept is not None else None,
        as_of_seq=kept.row.up_to_seq if kept is not None else None,
        new=kept.new if kept is not None else 0,
        words=said.lines if said else [],
        advice=[AdviceShown(**asdict(one)) for one in said.advice] if said else [],
        report=report.written() if report is not None else None,
    )


@router.get("/api/v1/projects/{slug}/recovery")
def read_recovery(slug: str, caller: Looking) -> RecoveryShown:
    """What each remedy brought when it was last measured, the two curves, and advice."""
    return _shown(caller.session, at(caller, slug, Role.LEAD).project)


@router.post("/api/v1/projects/{slug}/recovery", status_code=202)
def measure_remedies(slug: str, payload: MeasurePayload, caller: Acting) -> MeasureBegun:
    """Measure the remedies now; asked again while it runs, it is the same job."""
    costs = [Cost(one.right, one.given, one.cost) for one in payload.costs]
    return MeasureBegun(job_id=measure_again(caller, slug, costs).id)
