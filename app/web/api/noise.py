"""What kind of noise it is, for programs; the same words as under Insights."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel

from app.actions.studying import study_again
from app.audit.study.asking import Kept, last_study, study_job
from app.db.words import Role
from app.insights.noise_words import told
from app.web.who import Acting, Looking, at

router = APIRouter()


class NoiseShown(BaseModel):
    """`report` is null while too little is decided; `new` events of the log came since.

    Labels, sources and examples are named by their ids.
    """

    looking: bool
    made_at: datetime | None
    as_of_seq: int | None
    new: int
    words: list[str]
    report: dict[str, Any] | None


class LookShown(BaseModel):
    job_id: int


def _shown(kept: Kept | None, *, looking: bool) -> NoiseShown:
    report = kept.report if kept is not None else None
    said = told(report) if report is not None else None
    return NoiseShown(
        looking=looking,
        made_at=kept.row.made_at if kept is not None else None,
        as_of_seq=kept.row.up_to_seq if kept is not None else None,
        new=kept.new if kept is not None else 0,
        words=[said.title, said.meaning, said.advice, said.reach, said.basis] if said else [],
        report=report.written() if report is not None else None,
    )


@router.get("/api/v1/projects/{slug}/noise")
def read_noise(slug: str, caller: Looking) -> NoiseShown:
    """What was found last, of pairs of labels, groups and sources, and what it means."""
    project = at(caller, slug, Role.LEAD).project
    looking = study_job(caller.session, project.id) is not None
    return _shown(last_study(caller.session, project), looking=looking)


@router.post("/api/v1/projects/{slug}/noise", status_code=202)
def look_for_noise(slug: str, caller: Acting) -> LookShown:
    """Look for patterns now; asked again while it runs, it is the same job."""
    return LookShown(job_id=study_again(caller, slug).id)
