"""A test-set audit as it is looked at: how far its reading is, and what its last report says."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.audit.models.asking import report_job
from app.audit.models.audits import Audit, Progress, last_audit, new_events, progress_of
from app.audit.models.report import AuditReport
from app.datasets.pushed_models import called
from app.db.tables.jobs import Job


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


def standing(session: Session, project_id: int) -> Standing | None:
    """The audit that is open, or the last that was; none where there is none."""
    audit = last_audit(session, project_id)
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
