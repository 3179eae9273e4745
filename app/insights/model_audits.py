"""A test-set audit as it is looked at: how far its reading is, and what its last report says."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.audit.models.asking import report_job
from app.audit.models.audits import (
    Audit,
    Progress,
    audit_by_number,
    earlier_audits,
    last_audit,
    new_events,
    progress_of,
)
from app.audit.models.report import AuditReport
from app.datasets.pushed_models import called
from app.db.tables.jobs import Job
from app.insights.model_words import headline


@dataclass(frozen=True, slots=True)
class Standing:
    """`report` is none until the worker has told the first; `new` events came since."""

    audit: Audit
    progress: Progress
    report: AuditReport | None
    new: int
    job: Job | None

    @property
    def names(self) -> dict[int, str]:
        return {model.id: called(model) for model in self.audit.models}


@dataclass(frozen=True, slots=True)
class Earlier:
    """An audit before the last one: what was compared, and what was found."""

    audit: Audit
    headline: str

    @property
    def names(self) -> list[str]:
        return [called(model) for model in self.audit.models]


def earlier(session: Session, project_id: int, *, before: int) -> list[Earlier]:
    """The audits of lower numbers, the newest first."""
    return [Earlier(one, _said(one)) for one in earlier_audits(session, project_id, before=before)]


def _said(audit: Audit) -> str:
    """What one would pick by it; nothing where it was never told."""
    if not audit.row.report:
        return ""
    names = {model.id: called(model) for model in audit.models}
    return headline(AuditReport.read(audit.row.report), names)


def standing(session: Session, project_id: int, number: int | None = None) -> Standing | None:
    """The audit of this number; without one the audit that is open, or the last that was. None
    where there is none."""
    audit = (
        last_audit(session, project_id)
        if number is None
        else audit_by_number(session, project_id, number)
    )
    if audit is None:
        return None
    row = audit.row
    return Standing(
        audit,
        progress_of(session, row),
        AuditReport.read(row.report) if row.report else None,
        new_events(session, row),
        report_job(session, project_id),
    )
