"""Audits of one split, for programs: how many of its labels are wrong."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel, Field

from app.actions.split_audits import (
    MOST_DRAWS,
    close_split_audit,
    draw_more,
    open_split_audit,
    tell_split_again,
)
from app.actions.turn import Caller
from app.audit.splits.audits import DRAWS_OFFERED
from app.audit.splits.report import Cost
from app.datasets.pushed_models import LONGEST_SPLIT
from app.db.words import Role
from app.insights.split_audits import SplitStanding, standings
from app.web.api.jobs import JobShown, job_shown
from app.web.api.test_audits import ReadsShown
from app.web.payloads import Payload
from app.web.who import Acting, Looking, at

router = APIRouter()
AUDITS = "/api/v1/projects/{slug}/split-audits"


class SplitPayload(Payload):
    """A split by its name."""

    split: str = Field(min_length=1, max_length=LONGEST_SPLIT)


class DrawPayload(SplitPayload):
    """How many more random examples of the split are read."""

    count: int = Field(default=DRAWS_OFFERED, ge=1, le=MOST_DRAWS)


class LabelsLeft(BaseModel):
    """Wrong labels that are still in the split lie between `low` and `high` (95 %, whenever it is
    looked at), of `size` labels; null where no number fits. `found` were wrong and are mended or
    removed. `costs`: between what so many more random reads would likely leave these bounds."""

    size: int
    found: int
    draws: int
    open_draws: int
    low: int | None
    middle: float | None
    high: int | None
    costs: list[Cost]


class SplitAuditShown(BaseModel):
    """The newest audit of a split. Of its random draws `open` are undecided; `unread` examples of
    its pool nobody was handed. What was told last stands as of `made_at`, `new_events` of the log
    came since. One that is not `running` was closed, or ended when the estimate began anew."""

    number: int
    split: str
    pool: int
    running: bool
    opened_at: datetime
    closed_at: datetime | None
    drawn: int
    open: int
    unread: int
    made_at: datetime | None
    new_events: int
    words: str
    cost: str
    left: LabelsLeft | None
    job: JobShown | None


def _shown(caller: Caller, told: SplitStanding) -> SplitAuditShown:
    row, report = told.row, told.report
    return SplitAuditShown(
        number=row.number,
        split=row.split,
        pool=row.pool,
        running=told.is_open,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        drawn=told.progress.drawn,
        open=told.progress.open,
        unread=told.progress.unread,
        made_at=row.made_at,
        new_events=told.new,
        words=told.words,
        cost=told.costs,
        left=None
        if report is None
        else LabelsLeft(
            size=report.size,
            found=report.wrong_so_far,
            draws=report.draws,
            open_draws=report.open_draws,
            low=report.low,
            middle=report.middle,
            high=report.high,
            costs=report.costs,
        ),
        job=None if told.job is None else job_shown(caller.session, told.job, caller.now),
    )


def _every(caller: Caller, slug: str) -> list[SplitAuditShown]:
    project = at(caller, slug, Role.LEAD).project
    found = standings(caller.session, project.id, log_seq=project.log_seq)
    return [_shown(caller, told) for told in found]


@router.get(AUDITS)
def list_split_audits(slug: str, caller: Looking) -> list[SplitAuditShown]:
    """The newest audit of every split that was audited, by the names of the splits."""
    return _every(caller, slug)


@router.post(AUDITS, status_code=201)
def begin_split_audit(slug: str, payload: SplitPayload, caller: Acting) -> SplitAuditShown:
    """Open one: pool and random order are fixed. One of the split that is open ends."""
    open_split_audit(caller, slug, payload.split)
    return _of(caller, slug, payload.split)


@router.post(AUDITS + "/read", status_code=201)
def read_split(slug: str, payload: DrawPayload, caller: Acting) -> ReadsShown:
    """Make a blind batch of the next random examples of the split."""
    batch = draw_more(caller, slug, payload.split, payload.count)
    return ReadsShown(batch=batch.number, size=batch.size)


@router.post(AUDITS + "/again", status_code=202)
def count_split_again(slug: str, payload: SplitPayload, caller: Acting) -> JobShown:
    """Have it told from what is decided now."""
    job = tell_split_again(caller, slug, payload.split)
    return job_shown(caller.session, job, caller.now)


@router.post(AUDITS + "/close")
def end_split_audit(slug: str, payload: SplitPayload, caller: Acting) -> SplitAuditShown:
    """End it. What was found stays, and another can be opened."""
    close_split_audit(caller, slug, payload.split)
    return _of(caller, slug, payload.split)


def _of(caller: Caller, slug: str, split: str) -> SplitAuditShown:
    return next(one for one in _every(caller, slug) if one.split == split)
